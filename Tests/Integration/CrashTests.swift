import Linux
import Testing

extension Integration {
    /// Many at once, one after the other, and killed at any moment: nothing is left, nothing hangs.
    @Suite(.serialized) struct CrashTests {
        /// The full numbers take minutes with a debug build.
        static let isFull = Environment.value("DAVIT_FULL") == "1"

        private func pause(milliseconds: Int) throws {
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: milliseconds)
        }

        /// That it has ended by itself is right.
        private func kill(_ process: Int32) { try? Process.signal(process, 9) }

        private func removeAll(_ davit: Installation) throws {
            let listed = try davit.davit(["ps", "-aq"], seconds: 20)
            #expect(listed.code == 0, "\(listed)")
            for name in listed.lines {
                let removed = try davit.davit(["rm", "-f", "-v", name], seconds: 30)
                #expect(removed.code == 0, "\(removed)")
            }
            #expect(try davit.davit("ps", "-aq").lines == [])
            try davit.expectNothingLeft()
        }

        @Test func runsInARow() throws {
            let davit = try Installation.withImage()
            for _ in 0..<(Self.isFull ? 1000 : 200) {
                let outcome = try davit.davit(["run", "--rm", "busybox", "true"], seconds: 20)
                guard outcome.code == 0 else {
                    Issue.record("\(outcome)")
                    break
                }
            }
            #expect(try davit.davit("ps", "-aq").lines == [])
            try davit.expectNothingLeft()
        }

        @Test func runsInParallel() throws {
            let davit = try Installation.withImage()
            let commands = try (0..<(Self.isFull ? 100 : 30)).map { try davit.start(["run", "--rm", "busybox", "echo", "\($0)"]) }
            for (index, command) in commands.enumerated() {
                let outcome = try command.finish(seconds: 120)
                #expect(outcome.code == 0 && outcome.out == "\(index)\n", "\(outcome)")
            }
            #expect(try davit.davit("ps", "-aq").lines == [])
            try davit.expectNothingLeft()
        }

        /// The command, the supervisor, or both, at any moment of a run.
        @Test(arguments: [["--rm"], ["-d"], ["-d", "--rm"], []]) func killedAtAnyMoment(_ options: [String]) throws {
            let davit = try Installation.withImage()
            for round in 0..<(Self.isFull ? 200 : 24) {
                let command = try davit.start(
                    ["run", "--name", "web"] + options + ["-v", "/anonymous", "busybox", "sh", "-c", "echo on; sleep 0.02"])
                try pause(milliseconds: Int.random(in: 0...80))
                if round % 3 != 1 { kill(command.child.pid) }
                if round % 3 != 0 { try davit.supervisors().forEach(kill) }
                _ = try command.finish(seconds: 30)
                switch round % 4 {
                case 0:
                    let again = try davit.davit(["run", "--rm", "--name", "web", "busybox", "true"], seconds: 30)
                    #expect(again.code == 0 || again.code == 125, "\(again)")
                case 1: _ = try davit.davit(["start", "web"], seconds: 30)
                case 2: _ = try davit.davit(["stop", "-t", "0", "web"], seconds: 30)
                default: break
                }
                try removeAll(davit)
            }
        }

        /// Commands that only look or join may die without anyone else noticing.
        @Test func killedLookers() throws {
            let davit = try Installation.withImage()
            try davit.must("run", "-d", "--name", "web", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.01; done")
            for round in 0..<(Self.isFull ? 200 : 30) {
                let words = [
                    ["exec", "-i", "web", "cat"], ["logs", "-f", "web"], ["attach", "web"], ["wait", "web"],
                    ["exec", "web", "sleep", "0.05"], ["inspect", "web"],
                ]
                let command = try davit.start(words[round % words.count])
                try pause(milliseconds: Int.random(in: 0...60))
                kill(command.child.pid)
                _ = try command.finish(seconds: 20)
            }
            #expect(try davit.must("inspect", "-f", "{{.State.Status}}", "web") == "running")
            #expect(try davit.must("exec", "web", "echo", "still") == "still")
            try davit.must("rm", "-f", "web")
            try davit.expectNothingLeft()
        }

        /// Those who follow a container hear of the end of its supervisor.
        @Test func supervisorKilledUnderFollowers() throws {
            let davit = try Installation.withImage()
            for _ in 0..<5 {
                try davit.must("run", "-d", "--name", "web", "busybox", "sh", "-c", "echo ready; exec sleep 1000")
                let followers = try [["logs", "-f", "web"], ["wait", "web"], ["exec", "web", "sleep", "1000"], ["attach", "web"]].map {
                    try davit.start($0)
                }
                try followers[0].wait(forOutput: "ready")
                try pause(milliseconds: 100)
                try davit.supervisors().forEach(kill)
                for follower in followers { _ = try follower.finish(seconds: 20) }
                #expect(try davit.must("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web") == "exited 137")
                try davit.must("rm", "web")
                try davit.expectNothingLeft()
            }
        }

        /// With `--rm` the next command, whatever it is, finds it gone.
        @Test func removedByTheNextCommand() throws {
            let davit = try Installation.withImage()
            for next in [
                ["ps"], ["ps", "-a"], ["inspect", "web"], ["rm", "-f", "web"], ["run", "--rm", "--name", "web", "busybox", "true"],
            ] {
                try davit.must("run", "-d", "--rm", "--name", "web", "busybox", "sleep", "1000")
                try davit.supervisors().forEach(kill)
                try davit.eventually("the supervisor is gone") { try davit.supervisors().isEmpty }
                _ = try davit.davit(next, seconds: 20)
                try davit.expectNothingLeft()
            }
        }

        /// A container outlives the command that ran it, and obeys others.
        @Test func outlivesItsCommand() throws {
            let davit = try Installation.withImage()
            let command = try davit.start(["run", "--name", "web", "busybox", "sh", "-c", "echo ready; exec sleep 1000"])
            try command.wait(forOutput: "ready")
            kill(command.child.pid)
            #expect(try command.finish(seconds: 20).status == .signaled(9))
            #expect(try davit.must("inspect", "-f", "{{.State.Running}}", "web") == "true")
            try davit.must("stop", "-t", "0", "web")
            #expect(try davit.must("inspect", "-f", "{{.State.ExitCode}}", "web") == "137")
            try davit.must("rm", "web")
            try davit.expectNothingLeft()
        }

        /// So it does a daemon, and the next daemon knows it.
        @Test func outlivesTheDaemon() throws {
            let davit = try Installation.withImage()
            let address = "unix://\(davit.runRoot)/davit.sock"
            var daemon = try davit.start(["daemon"])
            try davit.eventually("the daemon answers") { try davit.davit(["-H", address, "version"]).code == 0 }
            try davit.must("-H", address, "run", "-d", "--name", "web", "busybox", "sleep", "1000")
            try davit.must("-H", address, "run", "-d", "--rm", "--name", "brief", "busybox", "sleep", "1000")
            kill(daemon.child.pid)
            _ = try daemon.finish(seconds: 20)
            #expect(try davit.must("inspect", "-f", "{{.State.Running}}", "web") == "true")
            daemon = try davit.start(["daemon"])
            try davit.eventually("the next daemon answers") { try davit.davit(["-H", address, "version"]).code == 0 }
            #expect(try davit.must("-H", address, "ps", "--format", "{{.Names}}").split(separator: "\n").sorted() == ["brief", "web"])
            #expect(try davit.must("-H", address, "exec", "web", "echo", "here") == "here")
            try davit.must("-H", address, "stop", "-t", "0", "brief", "web")
            try davit.must("-H", address, "rm", "web")
            kill(daemon.child.pid)
            _ = try daemon.finish(seconds: 20)
            try davit.expectNothingLeft()
        }

        /// Whatever the order in which they come to their turn, each command ends, and the container is in one of its states.
        @Test func commandsAtOnce() throws {
            let davit = try Installation.withImage()
            let words = [
                ["start", "web"], ["stop", "-t", "0", "web"], ["exec", "web", "true"], ["inspect", "web"], ["ps", "-a"],
                ["restart", "-t", "0", "web"],
                ["kill", "web"], ["logs", "web"], ["pause", "web"], ["unpause", "web"], ["rm", "web"], ["start", "web"],
            ]
            for _ in 0..<(Self.isFull ? 50 : 6) {
                try davit.must("create", "--name", "web", "busybox", "sleep", "1000")
                let commands = try (0..<24).map { _ in try davit.start(words[Int.random(in: 0..<words.count)]) }
                // An exec in a paused container waits for the unpausing, and for ever when none comes.
                try pause(milliseconds: 1500)
                _ = try davit.davit(["rm", "-f", "web"], seconds: 30)
                for command in commands {
                    let outcome = try command.finish(seconds: 60)
                    #expect(!outcome.err.contains("database"), "\(outcome)")
                    #expect(outcome.code != 139 && outcome.code != 132 && outcome.code != 133, "\(outcome)")
                }
                // Frozen or not, running or not, or gone.
                _ = try davit.davit(["rm", "-f", "web"], seconds: 30)
                try removeAll(davit)
            }
        }

        /// Many attach to what does not run yet, and then start it: one of them does, and all see its end.
        @Test func attachedStartsAtOnce() throws {
            let davit = try Installation.withImage()
            try davit.must("create", "--name", "web", "busybox", "sh", "-c", "echo ready; sleep 0.5; exit 7")
            for _ in 0..<(Self.isFull ? 20 : 4) {
                let commands = try (0..<5).map { _ in try davit.start(["start", "-a", "web"]) }
                let outcomes = try commands.map { try $0.finish(seconds: 30) }
                #expect(outcomes.allSatisfy { $0.code == 7 }, "\(outcomes)")
                #expect(outcomes.contains { $0.out == "ready\n" }, "\(outcomes)")
                #expect(try davit.must("inspect", "-f", "{{.State.Status}}", "web") == "exited")
            }
            try davit.must("rm", "web")
            try davit.expectNothingLeft()
        }

        /// One name for many: one wins, the others are told so, and nobody takes anything of another with him.
        @Test func oneNameAtOnce() throws {
            let davit = try Installation.withImage()
            for _ in 0..<(Self.isFull ? 20 : 3) {
                let commands = try (0..<12).map { _ in try davit.start(["run", "-d", "--name", "web", "busybox", "sleep", "1000"]) }
                let codes = try commands.map { try $0.finish(seconds: 60).code }.sorted()
                #expect(codes == [0] + Array(repeating: 125, count: 11))
                let removers = try (0..<6).map { _ in try davit.start(["rm", "-f", "web"]) }
                for remover in removers { _ = try remover.finish(seconds: 60) }
                try removeAll(davit)
            }
        }
    }
}
