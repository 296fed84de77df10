import Diagnostics
import DockerClient
import HTTP
import HTTPTransport
import Linux
import Testing
import Values

@testable import APIServer

@Suite struct ListenerTests {
    private func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = "/tmp/davit-listen-\(Identifier.random().short)"
        try FileSystem.makeDirectories(directory)
        defer { try? FileSystem.removeTree(directory) }  // Nothing depends on the clean-up.
        try await body(directory)
    }

    private func open(_ path: String) throws -> Listener {
        guard let listener = try Listener.open(.unix(path: path, group: "no such group")).first else {
            throw Fault(.internal, "no listener")
        }
        return listener
    }

    @Test func aSocketIsMadeForItsGroupOnlyAndRemoved() async throws {
        try await inDirectory { directory in
            let path = "\(directory)/run/davit.sock"
            let file = try UnixSocket.listen("early", in: FileDescriptor.open(directory, [.path, .directory]), mode: 0o600)
            #expect(try FileSystem.status("\(directory)/early")?.permissions == 0o600)
            _ = file
            let listener = try open(path)
            #expect(try FileSystem.status(path)?.permissions == 0o660)
            listener.remove()
            #expect(!FileSystem.exists(path))
        }
    }

    @Test func onlyASocketThatNobodyAnswersIsReplaced() async throws {
        try await inDirectory { directory in
            let path = "\(directory)/davit.sock"
            do {
                let first = try open(path)
                #expect(throws: Fault.self) { try open(path) }
                _ = first
            }
            // The listener is closed, its name is still there.
            #expect(FileSystem.exists(path))
            _ = try open(path)
            try FileSystem.replace("\(directory)/file", with: [1])
            #expect(throws: Fault.self) { try open("\(directory)/file") }
            #expect(try FileSystem.read("\(directory)/file") == [1])
        }
    }

    @Test func theServerAnswersThereAndStopsWhenTold() async throws {
        try await inDirectory { directory in
            let path = "\(directory)/davit.sock"
            let listener = try open(path)
            let server = HTTPServer { _ in Response(headers: ["Api-Version": "1.51"]) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await server.serve(listener.file.descriptor) } catch is CancellationError {}
                }
                #expect(try await Client(unix: path).ping().apiVersion == "1.51")
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func addresses() throws {
        #expect(try Daemon.addresses(["unix:///run/x.sock"], group: "wheel") == [.unix(path: "/run/x.sock", group: "wheel")])
        #expect(try Daemon.addresses(["unix:///a", "fd://"]) == [.unix(path: "/a", group: "docker"), .inherited])
        let all = Endpoint(IPAddress(.v4, 0), 1), here = IPAddress(.v4, 0x7f00_0001)
        #expect(try Daemon.addresses(["tcp://0.0.0.0:1", "tcp://", "tcp://localhost"]) == [.tcp(all), .tcp(Endpoint(here, 2375)), .tcp(Endpoint(here, 2375))])
        #expect(try Daemon.addresses(["tcp://[::1]", "tcp://:5"], tls: true) == [.tcp(Endpoint(IPAddress(.v6, 1), 2376)), .tcp(Endpoint(here, 5))])
        for host in ["tcp://example.org:1", "tcp://0.0.0.0:99999", "http://0.0.0.0:1", "x"] {
            #expect(throws: Fault.self) { try Daemon.addresses([host]) }
        }
    }

    @Test func webPagesAreRefusedWithoutTLS() {
        var request = Request(.get, "/info", headers: ["Host": "localhost:2375", "User-Agent": "curl/8"])
        #expect(BrowserGuard.refusal(request)?.status == nil)
        request.peer = Endpoint(IPAddress(.v4, 0x7f00_0001), 1)
        #expect(BrowserGuard.refusal(request)?.status == nil)
        request.headers["Host"] = "docker.example.org"
        #expect(BrowserGuard.refusal(request)?.status == nil)
        request.headers["User-Agent"] = "Mozilla/5.0"
        #expect(BrowserGuard.refusal(request)?.status == 403)
        request.headers["Host"] = "127.0.0.1:2375"
        #expect(BrowserGuard.refusal(request)?.status == nil)
        request.headers["Origin"] = "null"
        #expect(BrowserGuard.refusal(request)?.status == 403)
        request.isEncrypted = true
        #expect(BrowserGuard.refusal(request)?.status == nil)
    }
}
