import Linux
import Testing

extension Integration {
    @Suite struct LifeTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("logs --details tells the labels, variables and tag that the log's options name") func logDetails() throws {
            let options = [
                "labels=app,missing", "labels-regex=^com[.]x", "env=LEVEL", "env-regex=^AB?$", "tag={{.Name}}/{{.ImageName}} {{upper .ID | len}}", "max-size=1m",
            ].flatMap { ["--log-opt", $0] }
            let labels = ["-l", "app=a b&c", "-l", "com.x=1", "-l", "comma=2"], variables = ["-e", "LEVEL=é", "-e", "AB=", "-e", "ABC=3"]
            #expect(try it.davit(["run", "--name", "box"] + options + labels + variables + ["busybox", "echo", "hi"]).code == 0)
            #expect(try it.must("logs", "--details", "box") == "AB=,LEVEL=%C3%A9,app=a+b%26c,com.x=1,tag=box%2Fbusybox+12 hi")
            #expect(try it.must("logs", "box") == "hi")
            for (option, message) in [
                ("labels-regex=(", "error parsing regexp: missing closing ): `(`"), ("tag={{.Name", "unclosed action"), ("tag={{.Nobody}}", "can't evaluate field Nobody"),
                ("lables=a", "unknown log opt 'lables' for json-file log driver"), ("max-file=0", "max-file cannot be less than 1"),
            ] {
                let outcome = try it.davit("run", "--rm", "--log-opt", option, "busybox", "true")
                #expect(outcome.code == 125 && outcome.err.contains(message), "\(option): \(outcome)")
            }
        }

        @Test("E104 E113: stop asks, then kills; kill kills") func stopAndKill() throws {
            // PID 1 without a handler does not hear SIGTERM.
            try it.must("run", "-d", "--name", "deaf", "busybox", "sleep", "1000")
            try it.must("stop", "-t", "1", "deaf")
            #expect(try it.must("inspect", "-f", "{{.State.ExitCode}} {{.State.Status}}", "deaf") == "137 exited")
            try it.must("run", "-d", "--name", "polite", "busybox", "sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.05; done")
            try it.must("stop", "polite")
            #expect(try it.must("inspect", "-f", "{{.State.ExitCode}}", "polite") == "5")
            try it.must("start", "deaf")
            try it.must("kill", "deaf")
            #expect(try it.must("wait", "deaf") == "137")
            try it.must("rm", "deaf", "polite")
            try it.expectNothingLeft()
        }

        @Test("E113: --init makes SIGTERM work") func initForwards() throws {
            try it.must("run", "-d", "--init", "--name", "box", "busybox", "sleep", "1000")
            try it.must("stop", "-t", "20", "box")
            #expect(try it.must("inspect", "-f", "{{.State.ExitCode}}", "box") == "143")
        }

        @Test("E105: started again with the same files") func startAgain() throws {
            try it.must("run", "--name", "box", "busybox", "sh", "-c", "echo x >> /f; wc -l < /f")
            #expect(try it.must("start", "-a", "box") == "2")
            #expect(try it.must("start", "-a", "box") == "3")
            try it.must("restart", "box")
            #expect(try it.must("wait", "box") == "0")
            #expect(try it.must("logs", "box") == "1\n2\n3\n4")
        }

        @Test("the supervisor that was started beforehand ends with a command that has no use for it") func unusedSupervisor() throws {
            #expect(try it.davit("run", "--pull", "never", "nothing-of-the-kind").code == 125)
            #expect(try it.davit("start", "nobody").code == 1)
            #expect(try it.supervisors().isEmpty)
        }

        @Test("beside a container that runs, commands need not read the database's whole log") func logIndexIsKept() throws {
            try it.must("run", "-d", "--name", "box", "busybox", "sleep", "1000")
            // Who makes the index anew clears a field in it that means nothing: SQLite's "WAL-mode File Format", 2.1.
            let unused: Int64 = 132
            let index = try FileDescriptor.open("\(it.dataRoot)/davit.db-shm", [.readWrite])
            try [UInt8](arrayLiteral: 1).withUnsafeBytes { try index.writeAll($0, at: unused) }
            try it.must("ps")
            #expect(try index.read(upTo: 1, at: unused) == [1])
            try it.must("rm", "-f", "box")
            try it.eventually("nobody has the database open") { try it.supervisors().isEmpty }
            try it.must("ps")
            #expect(try index.read(upTo: 1, at: unused) == [0])
        }

        @Test("E106 E107: rm and prune") func removal() throws {
            let missing = try it.davit("rm", "webserve")
            #expect(missing.code == 1 && missing.err.contains("No such container: webserve"), "\(missing)")
            try it.must("run", "-d", "--name", "live", "busybox", "sleep", "1000")
            let refused = try it.davit("rm", "live")
            #expect(refused.code == 1 && refused.err.contains("container is running"), "\(refused)")
            try it.must("create", "--name", "idle", "busybox")
            try it.must("container", "prune", "-f")
            #expect(try it.must("ps", "-a", "--format", "{{.Names}}") == "live")
            try it.must("rm", "-f", "live")
            try it.expectNothingLeft()
        }

        @Test("pause and unpause") func pause() throws {
            try it.must("run", "-d", "--name", "box", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.01; done")
            try it.eventually("ticks") { try it.must("logs", "box").contains("tick") }
            try it.must("pause", "box")
            #expect(try it.must("inspect", "-f", "{{.State.Status}}", "box") == "paused")
            let count = try it.must("logs", "box").utf8.count
            #expect(try it.must("logs", "box").utf8.count == count)
            try it.must("unpause", "box")
            try it.eventually("ticks again") { try it.must("logs", "box").utf8.count > count }
            try it.must("pause", "box")
            try it.must("rm", "-f", "box")
            try it.expectNothingLeft()
        }

        @Test("out of memory: 137 and OOMKilled") func outOfMemory() throws {
            let outcome = try it.davit("run", "--name", "hog", "--memory", "16m", "--memory-swap", "16m", "busybox", "tail", "/dev/zero")
            #expect(outcome.code == 137, "\(outcome)")
            #expect(try it.must("inspect", "-f", "{{.State.OOMKilled}}", "hog") == "true")
        }

        @Test("limits are the kernel's") func limits() throws {
            try it.must("run", "-d", "--name", "box", "--memory", "64m", "--cpus", "0.5", "--pids-limit", "20", "busybox", "sleep", "1000")
            #expect(try it.must("inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}", "box") == "67108864 500000000 20")
            let many = try it.davit("exec", "box", "sh", "-c", "for i in $(seq 40); do sleep 5 & done")
            #expect(many.code != 0 && many.err.contains("Resource temporarily unavailable"), "\(many)")
            try it.must("rm", "-f", "box")
            try it.expectNothingLeft()
        }

        @Test("a container outlives the command that started it") func outlives() throws {
            let run = try it.start(["run", "--name", "box", "busybox", "sh", "-c", "echo up; sleep 1000"])
            try run.wait(forOutput: "up")
            try run.signal(9)
            _ = try run.finish(seconds: 10)
            #expect(try it.must("ps", "--format", "{{.Names}}") == "box")
            try it.must("rm", "-f", "box")
            try it.expectNothingLeft()
        }

        @Test("a supervisor that is killed leaves what the next command understands") func supervisorKilled() throws {
            try it.must("run", "-d", "--name", "box", "busybox", "sleep", "1000")
            let world = try World.now(dataRoot: it.dataRoot, runRoot: it.runRoot)
            for process in world.processes { if let pid = Int32(process.prefix { $0 != " " }) { try Process.signal(pid, 9) } }
            try it.eventually("seen as ended") { try it.must("inspect", "-f", "{{.State.Running}}", "box") == "false" }
            try it.must("start", "box")
            #expect(try it.must("inspect", "-f", "{{.State.Running}}", "box") == "true")
            try it.must("rm", "-f", "box")
            try it.expectNothingLeft()
        }

        @Test("twenty at once") func parallel() throws {
            let commands = try (0..<20).map { try it.start(["run", "--rm", "busybox", "echo", "\($0)"]) }
            for (number, command) in commands.enumerated() {
                let outcome = try command.finish(seconds: 120)
                #expect(outcome.code == 0 && outcome.out == "\(number)\n", "\(outcome)")
            }
            try it.expectNothingLeft()
        }

        @Test("$(davit run -d) does not wait for the container") func commandSubstitution() throws {
            let outcome = try it.shell("id=$($DAVIT run -d busybox sleep 1000); $DAVIT kill $id >/dev/null && $DAVIT rm -f $id", seconds: 30)
            #expect(outcome.code == 0 && outcome.line.utf8.count == 64, "\(outcome)")
            try it.expectNothingLeft()
        }
    }
}
