import Linux
import Testing

extension Integration {
    /// Who waits for, or attaches to, a container in one process while another changes it.
    @Suite struct WaitTests {
        let it: Installation
        let daemon: RunningCommand
        var socket: String { "\(it.runRoot)/davit.sock" }

        init() throws {
            it = try Installation.withImage()
            daemon = try it.start(["daemon"])
            try daemon.wait(forError: "API listen on")
        }

        private func post(_ path: String) throws -> RunningCommand {
            try it.start(shell: "curl -sN -X POST --unix-socket \(socket) 'http://d/v1.44/containers/\(path)'")
        }

        /// So many clients wait before the container has a supervisor: the kernel lists the socket, and each that is connected.
        private func waiting(_ count: Int, _ id: String) throws {
            try it.eventually("\(count) wait") { try it.shell("grep -c 'early-\(id).sock$' /proc/net/unix").line == "\(count + 1)" }
        }

        @Test("attach and wait begun before another process starts the container") func start() throws {
            let id = try it.must("create", "--name", "box", "busybox", "sh", "-c", "echo hello; exit 7")
            let wait = try post("box/wait?condition=next-exit")
            try waiting(1, id)
            let attach = try post("box/attach?stream=1&stdout=1")
            try waiting(2, id)
            try it.must("start", "box")
            #expect(try wait.finish(seconds: 20).line == #"{"StatusCode":7}"#)
            #expect(try attach.finish(seconds: 20).out.hasSuffix("hello\n"))
            #expect(try it.shell("ls \(it.runRoot)/containers/*/early-*").out.isEmpty)
        }

        @Test("who waits for a container that is started again hears of each end") func again() throws {
            try it.must("run", "-d", "--name", "again", "--restart", "always", "busybox", "sh", "-c", "sleep 1; exit 4")
            #expect(try post("again/wait").finish(seconds: 20).line == #"{"StatusCode":4}"#)
            #expect(try it.must("wait", "again") == "4")
            #expect(try it.davit("rm", "again").code == 1)
            try it.must("rm", "-f", "again")
        }

        @Test("a removal, and a start that fails, end the waiting") func without() throws {
            var id = try it.must("create", "--name", "gone", "busybox", "true")
            let removed = try post("gone/wait?condition=removed")
            try waiting(1, id)
            try it.must("rm", "gone")
            #expect(try removed.finish(seconds: 20).line == #"{"StatusCode":0}"#)
            id = try it.must("create", "--name", "bad", "busybox", "/missing")
            let failed = try post("bad/wait?condition=next-exit")
            try waiting(1, id)
            try it.davit("start", "bad")
            #expect(try failed.finish(seconds: 20).line == #"{"StatusCode":127}"#)
        }

        @Test("a lock that a stopped process holds is told of, with its name") func stopped() throws {
            let id = try it.must("create", "--name", "box", "busybox", "true")
            let holder = try it.start(shell: "cd \(it.runRoot)/containers; mkdir -p \(id); exec flock \(id)/lock sh -c 'echo locked; kill -STOP $PPID'")
            try holder.wait(forOutput: "locked")
            let refused = try it.davit("start", "box")
            #expect(refused.code == 1 && refused.err.contains("is locked by process ") && refused.err.contains("(flock ") && refused.err.contains("which is stopped"), "\(refused)")
            try holder.signal(18)
            _ = try holder.finish()
            try it.must("start", "-a", "box")
        }
    }
}
