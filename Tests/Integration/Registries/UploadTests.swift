import Linux
import Testing

extension Integration {
    @Suite("uploads that are cut", .serialized)
    struct UploadTests {
        /// Stands between client and registry and cuts what goes in: of requests that bring a body, the first three after some 100 kB.
        private static let cutter = #"""
            import socket, sys, threading
            cuts = 3
            def pump(source, target):
                try:
                    while data := source.recv(65536): target.sendall(data)
                except OSError: pass
                for s in (source, target):
                    try: s.shutdown(socket.SHUT_RDWR)
                    except OSError: pass
            def serve(client):
                global cuts
                server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                threading.Thread(target=pump, args=(server, client), daemon=True).start()
                sent = 0
                try:
                    while data := client.recv(65536):
                        for line in data.split(b"\r\n"):
                            if line.startswith((b"PUT ", b"PATCH ", b"Content-Range")): print(line.decode().split("?")[0], file=open("log", "a"))
                        server.sendall(data); sent += len(data)
                        if sent > 100000 and cuts > 0: cuts -= 1; break
                except OSError: pass
                for s in (client, server):
                    try: s.shutdown(socket.SHUT_RDWR)
                    except OSError: pass
            listener = socket.create_server(("127.0.0.1", 5996))
            print("ready", flush=True)
            while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
            """#

        @Test("a push goes on where it was cut, also between two registries (A05, E65)", arguments: RegistryPeer.Server.allCases)
        func goesOn(server: RegistryPeer.Server) throws {
            let davit = try Installation.withImage(), registry = try RegistryPeer(server, on: davit)
            try FileSystem.replace("\(davit.directory)/cutter.py", with: Array(Self.cutter.utf8))
            func cutter() throws -> RunningCommand {
                let running = try davit.start(shell: "cd \(davit.directory); exec python3 cutter.py \(registry.host.split(separator: ":")[1])")
                try running.wait(forOutput: "ready")
                return running
            }
            let first = try cutter(), name = "127.0.0.1:5996/cut:1"
            try davit.must("tag", "busybox", name)
            let pushed = try davit.davit("push", name)
            #expect(pushed.code == 0, "\(pushed)")
            // What the registry has is not sent again. Docker's forgets how far an upload came when it is cut.
            let log = try davit.shell("cat \(davit.directory)/log").lines
            #expect(log.count { $0.hasPrefix("PUT /v2/cut/blobs/") || $0.hasPrefix("PATCH ") } >= 4, "\(log)")
            if server == .own { #expect(log.contains { $0.hasPrefix("Content-Range: ") && !$0.hasPrefix("Content-Range: 0-") }, "\(log)") }
            try davit.must("rmi", "-f", name, "busybox")
            try davit.must("pull", "-q", "\(registry.host)/cut:1")
            #expect(try davit.must("run", "--rm", "\(registry.host)/cut:1", "echo", "whole") == "whole")
            try first.signal(9)
            _ = try first.finish()

            let second = try cutter()
            let copied = try davit.davit("image", "copy", "\(registry.host)/cut:1", "127.0.0.1:5996/other:1")
            #expect(copied.code == 0, "\(copied)")
            try second.signal(9)
            _ = try second.finish()
        }
    }
}
