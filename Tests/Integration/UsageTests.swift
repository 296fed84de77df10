import Linux
import Testing
import Values

extension Integration {
    /// What containers use, and changing what they may.
    @Suite struct UsageTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("--cgroup-parent: below it in each tree while it runs") func cgroupParent() throws {
            let parent = "davit-parent-\(Identifier.random().short)"
            /// The directories of that name in the trees, whichever there are.
            func places(_ path: String) throws -> [String] {
                let trees = try FileDescriptor.open("/sys/fs/cgroup", [.directory]).entries() + ["."]
                return trees.map { "/sys/fs/cgroup/\($0)/\(path)" }.filter(FileSystem.exists)
            }
            defer { for place in (try? places(parent)) ?? [] { _ = try? FileSystem.removeDirectory(place) } }  // What is left is empty.
            let id = try it.must("run", "-d", "-m", "32m", "--name", "box", "--cgroup-parent", "/\(parent)/", "busybox", "sleep", "1000")
            #expect(try !places("\(parent)/\(id)").isEmpty)
            #expect(try it.must("stats", "--no-stream", "--format", "{{.MemUsage}}", "box").hasSuffix(" / 32MiB"))
            try it.must("pause", "box")
            try it.must("unpause", "box")
            try it.must("rm", "-f", "box")
            #expect(try places("\(parent)/\(id)").isEmpty)
            // Nothing leads out of the tree.
            try it.must("run", "--rm", "--cgroup-parent", "../../a/../\(parent)", "busybox", "true")
            #expect(
                try places(parent).allSatisfy { place in
                    try FileDescriptor.open(place, [.directory]).entries().allSatisfy { try FileSystem.status("\(place)/\($0)")?.isDirectory != true }
                })
            for wrong in ["a\nb", String(repeating: "x", count: 256)] {
                #expect(try it.davit("create", "--cgroup-parent", wrong, "busybox").err.contains("invalid cgroup parent"))
            }
        }

        @Test("C12: update changes limits and policies at once") func update() throws {
            try it.must("run", "-d", "--name", "web", "--restart", "always", "-m", "64m", "busybox", "sleep", "1000")
            try it.must("update", "-m", "32m", "--memory-swap", "64m", "--cpus", "0.5", "--pids-limit", "20", "--restart", "no", "web")
            let host = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}"
            #expect(try it.must("inspect", "-f", host, "web") == "33554432 67108864 500000000 20 no")
            #expect(try it.must("stats", "--no-stream", "--format", "{{.MemUsage}}", "web").hasSuffix(" / 32MiB"))
            let many = try it.davit("exec", "web", "sh", "-c", "for i in $(seq 40); do sleep 5 & done")
            #expect(many.code != 0 && many.err.contains("Resource temporarily unavailable"), "\(many)")
            try it.must("update", "--pids-limit", "-1", "web")
            #expect(try it.must("exec", "web", "sh", "-c", "for i in $(seq 40); do sleep 0.01 & done; echo all") == "all")
            try it.must("exec", "web", "kill", "-9", "1")
            try it.must("kill", "web")
            #expect(try it.must("inspect", "-f", "{{.State.Status}} {{.RestartCount}}", "web") == "exited 0")

            let larger = try it.davit("update", "-m", "1g", "web")
            #expect(
                larger.code == 1 && larger.err.contains("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"), "\(larger)")
            let both = try it.davit("update", "--cpu-quota", "50000", "web")
            #expect(both.code == 1 && both.err.contains("Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set"), "\(both)")
            #expect(try it.davit("update", "-m", "1m", "web").err.contains("Minimum memory limit allowed is 6MB"))
            #expect(try it.davit("update", "-m", "16m", "nothing").err.contains("No such container: nothing"))
            try it.must("rm", "web")
            try it.expectNothingLeft()
        }

        @Test("what cannot be written to the output is not taken for written") func fullOutput() throws {
            let full = try it.shell("$DAVIT images > /dev/full")
            #expect(full.code == 1 && full.err == "write /dev/stdout: no space left on device\n", "\(full)")
            let stream = try it.shell("$DAVIT save busybox > /dev/full")
            #expect(stream.code == 1 && stream.err == "write /dev/stdout: no space left on device\n", "\(stream)")
            #expect(try it.shell("$DAVIT images >&-").code == 0)
        }

        @Test("E87: stats") func stats() throws {
            try it.must("run", "-d", "--name", "busy", "--cpus", "0.5", "busybox", "sh", "-c", "while :; do :; done")
            try it.must("create", "--name", "idle", "busybox")
            let table = try it.must("stats", "--no-stream").split(separator: "\n").map(String.init)
            #expect(table.count == 2 && table[0].split(separator: " ").joined(separator: " ") == "CONTAINER ID NAME CPU % MEM USAGE / LIMIT MEM % NET I/O BLOCK I/O PIDS")
            #expect(try it.must("stats", "--no-stream", "-a", "--format", "{{.Name}}").split(separator: "\n").count == 2)
            let share = try it.must("stats", "--no-stream", "--format", "{{.CPUPerc}}", "busy")
            #expect(Double(share.dropLast()).map { (15...85).contains($0) } == true, "\(share)")
            #expect(try it.must("stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.PIDs}}", "busy") == it.must("inspect", "-f", "{{.Id}} 1", "busy"))
            #expect(try it.must("stats", "--no-stream", "--format", "{{.PIDs}} {{.CPUPerc}}", "idle") == "0 0.00%")
            #expect(try it.davit("stats", "--no-stream", "nothing").code == 1)
            let live = try it.start(["stats", "busy"])
            try live.wait(forOutput: "%")
            try live.signal(2)
            _ = try live.finish(seconds: 5)
            try it.must("rm", "-f", "busy", "idle")
            try it.expectNothingLeft()
        }

        @Test("top with the options of ps") func top() throws {
            try it.must("run", "-d", "--name", "web", "busybox", "sh", "-c", "sleep 1000 & sleep 1001; true")
            try it.eventually("both sleep") { try it.must("top", "web").split(separator: "\n").count == 4 }
            #expect(try it.must("top", "web").hasPrefix("UID "))
            let chosen = try it.must("top", "web", "-o", "pid,args").split(separator: "\n").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
            #expect(Set(chosen.dropFirst()) == ["sh -c sleep 1000 & sleep 1001; true", "sleep 1000", "sleep 1001"])
            // `f` and a list of processes exclude each other.
            #expect(try it.must("top", "web", "faux").split(separator: "\n").count == 4)
            #expect(try it.davit("top", "web", "-o", "args").err.contains("Couldn't find PID field in ps output"))
            #expect(try it.davit("top", "web", "--nonsense").code == 1)
            #expect(try it.davit("top", "web", "-o", "uid=PID").err.contains("is not allowed"))
            try it.must("rm", "-f", "web")
            try it.expectNothingLeft()
        }
    }
}
