import Linux
import Testing

extension Integration {
    @Suite struct EventTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// What happened up to now, a word or two each.
        private func history(_ filters: String..., format: String = "{{.Type}} {{.Action}}") throws -> [String] {
            let now = try it.shell("date +%s.%N").line
            return try it.davit(["events", "--since", "1", "--until", now, "--format", format] + filters.flatMap { ["-f", $0] }).lines
        }

        @Test("events of a container's life, from several processes") func life() throws {
            let live = try it.start(["events", "-f", "type=container"])
            try it.davit("run", "--name", "web", "--label", "tier=front", "busybox", "sh", "-c", "exit 3")
            try live.wait(forOutput: "container die")
            try it.must("rename", "web", "box")
            try it.must("rm", "box")
            try live.wait(forOutput: "container destroy")
            try live.signal(2)
            _ = try live.finish(seconds: 5)
            let lines = try history("type=container")
            #expect(lines.filter { !$0.contains("attach") } == ["container create", "container start", "container die", "container rename", "container destroy"])
            #expect(try history("event=die", format: "{{.Actor.Attributes.name}} {{.Actor.Attributes.image}} {{.Actor.Attributes.exitCode}} {{.Actor.Attributes.tier}}") == ["web busybox 3 front"])
            #expect(try history("label=tier=back").isEmpty && history("container=web", "event=start").count == 1 && history("image=busybox", "event=create").count == 1)
            #expect(try it.davit("events", "-f", "nonsense=1", "--until", "0s").err.contains("invalid filter 'nonsense'"))
        }

        @Test("events of restarts, health, exec, signals and volumes") func kinds() throws {
            try it.must("run", "-d", "--name", "web", "--restart", "on-failure:1", "-v", "vol:/vol", "--health-cmd", "true", "--health-interval", "100ms", "busybox", "sh", "-c", "sleep 0.3; exit 1")
            try it.eventually("restarted once and done") { try history("event=die").count == 2 }
            #expect(try history("container=web", "event=start").count == 2)
            #expect(try history("event=health_status").first == "container health_status: healthy")
            try it.must("update", "--restart", "no", "web")
            try it.must("run", "-d", "--name", "box", "busybox", "sleep", "1000")
            try it.must("exec", "box", "true")
            try it.must("pause", "box")
            try it.must("unpause", "box")
            try it.must("stop", "-t", "0", "box")
            try it.must("rm", "web", "box")
            try it.must("volume", "rm", "vol")
            try it.eventually("the session's end") { try history("container=box", "event=exec_die").count == 1 }
            #expect(try Set(history("type=container", "container=box")).isSuperset(of: ["container exec_create: true", "container exec_start: true", "container pause", "container unpause", "container kill", "container stop"]))
            #expect(try history("type=volume").sorted() == ["volume create", "volume destroy", "volume mount", "volume unmount"])
            // What is noted is bounded, and nothing of the engine's is left but that.
            try it.expectNothingLeft()
        }

        @Test("E87 D89: df and prune") func diskUsage() throws {
            try it.must("run", "--name", "old", "-v", "/anonymous", "-v", "named:/named", "busybox", "sh", "-c", "head -c 100000 /dev/zero | tee /named/x > /file")
            try it.must("run", "-d", "--name", "live", "busybox", "sleep", "1000")
            let table = try it.must("system", "df").split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
            #expect(table.count == 5 && table[0] == "TYPE TOTAL ACTIVE SIZE RECLAIMABLE" && table[1].hasPrefix("Images 1 1 ") && table[2] == "Containers 2 1 100kB 100kB (100%)", "\(table)")
            #expect(table[3] == "Local Volumes 2 2 100kB 0B (0%)" && table[4].hasPrefix("Build Cache 0 0 0B"), "\(table)")
            #expect(try it.must("system", "df", "-v").contains("Local Volumes space usage:\n\nVOLUME NAME"))
            let refused = try it.davit(["system", "prune"], input: "n\n")
            #expect(refused.code == 0 && refused.out.contains("WARNING! This will remove:\n  - all stopped containers\n"), "\(refused)")
            let pruned = try it.must("system", "prune", "-f", "--volumes")
            #expect(pruned.contains("Deleted Containers:") && pruned.contains("Deleted Volumes:") && pruned.hasSuffix("Total reclaimed space: 100kB"), "\(pruned)")
            #expect(try it.must("volume", "ls", "-q") == "named" && it.must("ps", "-a", "--format", "{{.Names}}") == "live")
            try it.must("rm", "-f", "live")
            #expect(try it.must("system", "prune", "-a", "-f").contains("untagged: busybox:latest"))
            #expect(try it.must("images", "-q") == "")
        }
    }
}
