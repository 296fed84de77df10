import Linux
import Testing

extension Integration {
    /// Which streams a command follows.
    @Suite struct AttachTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private let both = ["busybox", "sh", "-c", "echo out; echo err >&2; read x && echo got $x; exit 5"]

        @Test("-a follows those that are named") func subsets() throws {
            func run(_ words: String..., input: String? = nil) throws -> Outcome {
                let outcome = try it.davit(["run", "--rm"] + words + both, input: input)
                #expect(outcome.code == 5, "\(outcome)")
                return outcome
            }
            var outcome = try run("-a", "stdout")
            #expect(outcome.out == "out\n" && outcome.err == "", "\(outcome)")
            outcome = try run("-a", "stderr")
            #expect(outcome.out == "" && outcome.err == "err\n", "\(outcome)")
            outcome = try run("-a", "STDOUT", "-a", "stderr")
            #expect(outcome.out == "out\n" && outcome.err == "err\n", "\(outcome)")
            outcome = try run("-i", "-a", "stdin", "-a", "stdout", input: "line\n")
            #expect(outcome.out == "out\ngot line\n" && outcome.err == "", "\(outcome)")
            outcome = try it.davit("run", "-a", "nonsense", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("valid streams are STDIN, STDOUT and STDERR"), "\(outcome)")
            try it.expectNothingLeft()
        }

        @Test("-a stdin alone gives the input, and prints nothing of the output") func inputAlone() throws {
            let outcome = try it.davit("run", "--name", "box", "-i", "-a", "stdin", "busybox", "sh", "-c", "read x; echo got $x; exit 5", input: "line\n")
            #expect(!outcome.out.contains("got"), "\(outcome)")
            #expect(try it.must("wait", "box") == "5")
            #expect(try it.must("logs", "box") == "got line")
        }

        @Test("attach --no-stdin gives nothing, and ends with the container") func noInput() throws {
            try it.must("run", "-d", "-i", "--name", "box", "busybox", "sh", "-c", "while [ ! -e /go ]; do echo tick; sleep 0.05; done; echo down; exit 5")
            let attach = try it.start(["attach", "--no-stdin", "box"])
            try attach.wait(forOutput: "tick")
            // The container ends at once, and may take it with it.
            try it.davit("exec", "box", "touch", "/go")
            let outcome = try attach.finish(seconds: 20)
            #expect(outcome.code == 5 && outcome.out.hasSuffix("down\n"), "\(outcome)")
        }

        @Test("--sig-proxy=false: the command ends, the container goes on", arguments: [false, true]) func noProxy(_ onTerminal: Bool) throws {
            let script = "trap 'exit 3' INT TERM; while :; do echo tick; sleep 0.05; done"
            try it.must("run", "-d", "--name", "box", "busybox", "sh", "-c", script)
            let words = ["attach", "--sig-proxy=false", "box"]
            let attach = try onTerminal ? it.start(onTerminal: words) : it.start(words)
            try attach.wait(forOutput: "tick")
            if onTerminal { try attach.send("\u{3}") } else { try attach.signal(2) }
            let outcome = try attach.finish(seconds: 20)
            #expect(outcome.code != 0 && outcome.code != 3, "\(outcome)")
            #expect(try it.must("inspect", "-f", "{{.State.Running}}", "box") == "true")
        }

        @Test("GET /containers/{id}/attach/ws: a web socket carries input and both outputs") func webSocket() throws {
            let socket = "\(it.directory)/docker.sock"
            let daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            try it.must("run", "-d", "-i", "--name", "box", "busybox", "sh", "-c", "echo early; read x; echo got $x; cat >&2; exit 5")
            try it.eventually("it speaks") { try it.must("logs", "box") == "early" }
            let client = """
                import os, socket, struct, sys
                def frame(kind, data): return bytes([0x80 | kind, 0x80 | len(data)]) + bytes(4) + data
                def read(n):
                    data = b""
                    while len(data) < n:
                        piece = s.recv(n - len(data))
                        if not piece: sys.exit("cut: %r" % data)
                        data += piece
                    return data
                def receive():
                    kind, length = read(2)
                    return kind & 15, read(length if length < 126 else struct.unpack(">H", read(2))[0])
                def output(text):
                    got = b""
                    while len(got) < len(text):
                        kind, data = receive()
                        assert kind == 2, (kind, data)
                        got += data
                    assert got == text, got
                s = socket.socket(socket.AF_UNIX)
                s.connect("\(socket)")
                s.sendall(b"GET /v1.51/containers/box/attach/ws?stream=1&logs=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\n"
                    b"Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n")
                head = b""
                while not head.endswith(b"\\r\\n\\r\\n"): head += read(1)
                assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head
                output(b"early\\n")
                s.sendall(frame(9, b"are you there"))
                assert receive() == (10, b"are you there")
                s.sendall(frame(1, b"li") + frame(2, b"ne\\n"))
                output(b"got line\\n")
                s.sendall(frame(2, b"x" * 100) * 50)
                output(b"x" * 5000)
                os.system(sys.argv[1])
                assert receive() == (8, struct.pack(">H", 1000)) and s.recv(1) == b""
                print("all right")
                """
            try FileSystem.replace("\(it.directory)/client.py", with: Array(client.utf8))
            let outcome = try it.shell("python3 \(it.directory)/client.py \"$DAVIT kill box >/dev/null\"")
            #expect(outcome.out == "all right\n", "\(outcome)")
            let refused = try it.shell("curl -s -w '%{http_code}' --unix-socket \(socket) 'http://x/containers/box/attach/ws?stream=1'")
            #expect(refused.out.hasSuffix("400") && refused.out.contains("not websocket protocol"), "\(refused)")
            _ = daemon
        }
    }
}
