import Linux
import Testing

extension Integration {
    @Suite struct ExecTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.must("run", "-d", "--name", "box", "-e", "A=container", "busybox", "sleep", "1000")
        }

        @Test("E108 E109: environment, namespace, exit codes") func exec() throws {
            #expect(try it.must("exec", "box", "sh", "-c", "echo $A $$").hasPrefix("container "))
            #expect(try it.must("exec", "-e", "A=exec", "-w", "/tmp", "-u", "7", "box", "sh", "-c", "echo $A $(pwd) $(id -u)") == "exec /tmp 7")
            #expect(try it.davit("exec", "box", "sh", "-c", "exit 9").code == 9)
            #expect(try it.davit("exec", "box", "no-such-program").code == 127)
            #expect(try it.must("exec", "box", "ps", "-o", "pid,args").contains("sleep 1000"))
            let missing = try it.davit("exec", "y", "true")
            #expect(missing.code == 1 && missing.err.contains("No such container: y"), "\(missing)")
        }

        @Test("E108: a session has the container's limits and is listed while it runs; variables are in Docker's order") func surroundings() throws {
            try it.must("run", "-d", "--name", "limits", "--ulimit", "nofile=511:511", "-e", "B=1", "-e", "HOME=", "busybox", "sleep", "1000")
            #expect(try it.must("exec", "limits", "sh", "-c", "ulimit -n") == "511")
            #expect(try it.must("inspect", "-f", "{{.ExecIDs}} {{.Config.Env}}", "limits").hasPrefix("[] [B=1 HOME= PATH="))
            let lines = try it.must("exec", "-e", "A=2", "-e", "B", "limits", "env").split(separator: "\n")
            #expect(lines.first?.hasPrefix("PATH=") == true && lines.contains("A=2") && !lines.contains("B=1") && lines.contains("HOME=/root"), "\(lines)")
            let running = try it.start(["exec", "limits", "sh", "-c", "echo ready; exec sleep 100"])
            try running.wait(forOutput: "ready")
            #expect(try it.must("inspect", "-f", "{{len .ExecIDs}}", "limits") == "1")
            try it.must("rm", "-f", "limits")
        }

        @Test("E110: detached") func detached() throws {
            try it.must("exec", "-d", "box", "touch", "/tmp/test.txt")
            try it.eventually("the file") { try it.davit("exec", "box", "test", "-e", "/tmp/test.txt").code == 0 }
        }

        @Test("input and its end") func input() throws {
            #expect(try it.davit("exec", "-i", "box", "wc", "-c", input: "12345").out.contains("5"))
        }

        @Test("a stopped container takes none") func stopped() throws {
            try it.must("kill", "box")
            try it.must("wait", "box")
            let outcome = try it.davit("exec", "box", "true")
            #expect(outcome.code == 1 && outcome.err.contains("is not running"), "\(outcome)")
        }

        @Test("E111 D40: on a terminal") func terminal() throws {
            let exec = try it.start(onTerminal: ["exec", "-it", "box", "sh"], rows: 30, columns: 90)
            try exec.wait(forOutput: "# ")
            try exec.send("stty size; tty\n")
            try exec.wait(forOutput: "30 90")
            try exec.resize(rows: 50, columns: 110)
            try it.eventually("the new size") {
                try exec.send("stty size\n")
                return try exec.wait(forOutput: "# ").contains("50 110")
            }
            try exec.send("exit 4\n")
            #expect(try exec.finish(seconds: 20).code == 4)
        }
    }

    @Suite struct TerminalTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// The shell's prompt, and its question where the cursor is: now it reads.
        private let ready = "# \u{1b}[6n"

        @Test("D12 D13 E72: a terminal") func interactive() throws {
            let run = try it.start(onTerminal: ["run", "--rm", "-it", "busybox", "sh"])
            try run.wait(forOutput: ready)
            try run.send("tty; exit 6\n")
            try run.wait(forOutput: "/dev/pts/0")
            #expect(try run.finish(seconds: 20).code == 6)
            try it.expectNothingLeft()
        }

        @Test("E86: -t without a terminal on the input") func notATerminal() throws {
            let outcome = try it.davit("run", "--rm", "-it", "busybox", "cat", input: "box")
            #expect(outcome.code == 1 && outcome.err.contains("the input device is not a TTY"), "\(outcome)")
        }

        @Test("E112: Ctrl-C interrupts, C-p C-q detaches, attach comes back") func detachAndAttach() throws {
            let run = try it.start(onTerminal: ["run", "-it", "--name", "box", "busybox", "sh"])
            try run.wait(forOutput: ready)
            try run.send("sleep 1000\n")
            try it.eventually("sleep runs") { try it.must("exec", "box", "ps", "-o", "args").contains("sleep 1000") }
            try run.send("\u{3}")
            try run.wait(forOutput: ready)
            try run.send("\u{10}\u{11}")
            #expect(try run.finish(seconds: 20).code == 0)
            #expect(try it.must("inspect", "-f", "{{.State.Running}}", "box") == "true")
            let attach = try it.start(onTerminal: ["attach", "box"])
            try attach.send("exit 8\n")
            #expect(try attach.finish(seconds: 20).code == 8)
        }

        @Test("signals go through: --sig-proxy") func signalProxy() throws {
            let run = try it.start(["run", "--rm", "busybox", "sh", "-c", "trap 'echo got; exit 3' INT; echo up; while :; do sleep 0.05; done"])
            try run.wait(forOutput: "up")
            try run.signal(2)
            let outcome = try run.finish(seconds: 20)
            #expect(outcome.code == 3 && outcome.out.contains("got"), "\(outcome)")
            try it.expectNothingLeft()
        }
    }
}
