import Linux
import Testing

extension Integration {
    /// Restart policies where no supervisor is there to follow them, and supervisors that do not answer.
    @Suite struct RestartTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func supervisor(_ name: String) throws -> Int32 {
            let id = try it.must("inspect", "-f", "{{.Id}}", name)
            let line = try World.now(dataRoot: it.dataRoot, runRoot: it.runRoot).processes.first { $0.contains("davit-supervisor") && $0.contains(id) }
            return try #require(line.flatMap { Int32($0.prefix { $0 != " " }) })
        }

        private func state(_ name: String) throws -> String {
            try it.must("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", name)
        }

        @Test("a killed supervisor's container is started again by its policy") func supervisorKilled() throws {
            for (name, policy) in [("always", "always"), ("unless", "unless-stopped"), ("failing", "on-failure:3"), ("never", "no")] {
                try it.must("run", "-d", "--name", name, "--restart", policy, "busybox", "sleep", "1000")
                let process = try supervisor(name)
                try Process.signal(process, 9)
                try it.eventually("\(name) is looked after") { try state(name) == (policy == "no" ? "exited 137 0" : "running 0 1") }
            }
            let listed = try it.must("ps", "--format", "{{.Names}} {{.Status}}").split(separator: "\n").map(String.init).sorted()
            #expect(listed.count == 3 && listed.allSatisfy { $0.contains(" Up ") }, "\(listed)")
            // The limit of on-failure goes on being counted.
            for count in 2...3 {
                try Process.signal(try supervisor("failing"), 9)
                try it.eventually("restart \(count)") { try state("failing") == "running 0 \(count)" }
            }
            try Process.signal(try supervisor("failing"), 9)
            try it.eventually("the last restart was the last") { try state("failing") == "exited 137 3" }
            try it.must("rm", "-f", "always", "unless", "failing", "never")
            try it.expectNothingLeft()
        }

        @Test("a supervisor that is killed after a stop was asked for is not replaced") func stoppedIsStopped() throws {
            try it.must("run", "-d", "--name", "web", "--restart", "always", "busybox", "sleep", "1000")
            let stop = try it.start(["stop", "-t", "20", "web"])
            let process = try supervisor("web")
            try it.eventually("the stop is known") {
                let id = try it.must("inspect", "-f", "{{.Id}}", "web")
                return String(decoding: try FileSystem.read("\(it.runRoot)/containers/\(id)/state.json"), as: UTF8.self).contains("\"stopRequested\":true")
            }
            try Process.signal(process, 9)
            _ = try stop.finish(seconds: 20)
            #expect(try state("web") == "exited 137 0")
        }

        @Test("what should run is started at boot and at a daemon's start") func boot() throws {
            try it.must("run", "-d", "--name", "always", "--restart", "always", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "stopped", "--restart", "always", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "unless", "--restart", "unless-stopped", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "unless-no", "--restart", "unless-stopped", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "none", "busybox", "sleep", "1000")
            try it.must("run", "--name", "failed", "--restart", "on-failure:0", "busybox", "true")
            try it.must("stop", "-t", "0", "stopped", "unless-no")
            // What a reboot leaves: no process, and nothing in the run root.
            for name in ["always", "unless", "none"] { try Process.signal(try supervisor(name), 9) }
            try it.eventually("all are gone") { try World.now(dataRoot: it.dataRoot, runRoot: it.runRoot).processes.allSatisfy { !$0.contains("davit-supervisor") } }
            try FileSystem.removeTree("\(it.runRoot)/containers")
            try it.must("daemon", "--once")
            let running = try it.must("ps", "--format", "{{.Names}}").split(separator: "\n").map(String.init).sorted()
            #expect(running == ["always", "stopped", "unless"])
            #expect(try state("none") == "exited 255 0")
            #expect(try state("always") == "running 0 0")
            try it.must("rm", "-f", "always", "stopped", "unless", "unless-no", "none", "failed")
            try it.expectNothingLeft()
        }

        @Test("a stopped supervisor keeps nobody waiting") func silentSupervisor() throws {
            for (name, command) in [("removed", ["rm", "-f"]), ("killed", ["kill"]), ("stopped", ["stop", "-t", "5"])] {
                try it.must("run", "-d", "--name", name, "--restart", "always", "busybox", "sleep", "1000")
                let process = try supervisor(name)
                try Process.signal(process, 19)
                #expect(try it.davit(["ps"], seconds: 5).lines.count >= 2)
                #expect(try it.davit(["inspect", name], seconds: 5).code == 0)
                if name == "removed" {
                    let exec = try it.davit(["exec", name, "true"], seconds: 20)
                    #expect(exec.code != 0 && exec.err.contains("does not answer"), "\(exec)")
                    let kill = try it.davit(["kill", "-s", "USR1", name], seconds: 20)
                    #expect(kill.code == 1 && kill.err.contains("process \(process) is stopped"), "\(kill)")
                }
                let outcome = try it.davit(command + [name], seconds: 20)
                #expect(outcome.code == 0, "\(outcome)")
                if name != "removed" { #expect(try state(name) == "exited 137 0") }
            }
            try it.must("rm", "killed", "stopped")
            try it.expectNothingLeft()
        }
    }
}
