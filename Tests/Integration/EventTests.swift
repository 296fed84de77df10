import Linux
import Testing

extension Integration {
    @Suite struct EventTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// What happened up to now, a word or two each.
        private func history(_ filters: String..., format: String = "{{.Type}} {{.Action}}") throws -> [String] {
            let now = try it.shell("date +%s.%N").line
            return try it.davit(["events", "--since", "0", "--until", now, "--format", format] + filters.flatMap { ["-f", $0] }).lines
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
            #expect(
                try history("event=die", format: "{{.Actor.Attributes.name}} {{.Actor.Attributes.image}} {{.Actor.Attributes.exitCode}} {{.Actor.Attributes.tier}}") == [
                    "web busybox 3 front"
                ])
            #expect(try history("label=tier=back").isEmpty && history("container=web", "event=start").count == 1 && history("image=busybox", "event=create").count == 1)
            #expect(try it.must("events", "--until", "0").isEmpty, "the beginning of 1970 is over")
            #expect(try it.davit("events", "-f", "nonsense=1", "--until", "0s").err.contains("invalid filter 'nonsense'"))
        }

        @Test("events of restarts, health, exec, signals and volumes") func kinds() throws {
            try it.must(
                "run", "-d", "--name", "web", "--restart", "on-failure:1", "-v", "vol:/vol", "--health-cmd", "true", "--health-interval", "100ms", "busybox", "sh", "-c",
                "sleep 0.3; exit 1")
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
            #expect(
                try Set(history("type=container", "container=box")).isSuperset(of: [
                    "container exec_create: true", "container exec_start: true", "container pause", "container unpause", "container kill", "container stop",
                ]))
            #expect(try history("type=volume").sorted() == ["volume create", "volume destroy", "volume mount", "volume unmount"])
            // What is noted is bounded, and nothing of the engine's is left but that.
            try it.expectNothingLeft()
        }

        @Test("events of streams, files, images and prunes, and of restarts under a new name") func everything() throws {
            try it.must("run", "-d", "--name", "old", "--restart", "always", "busybox", "sh", "-c", "while [ ! -e /go ]; do sleep 0.05; done; rm /go; exit 3")
            try it.must("rename", "old", "web")
            try it.must("exec", "web", "touch", "/go")
            try it.eventually("it lives again") { try history("event=start", format: "{{.Actor.Attributes.name}}") == ["old", "web"] }
            #expect(try history("event=die", format: "{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}") == ["web 3"])
            let attached = try it.start(onTerminal: ["run", "-it", "--name", "tty", "busybox", "sh"])
            try attached.wait(forOutput: "# ")
            try attached.send("\u{10}\u{11}")
            _ = try attached.finish(seconds: 20)
            let session = try it.start(onTerminal: ["exec", "-it", "tty", "sh"])
            try session.wait(forOutput: "# ")
            try session.send("\u{10}\u{11}")
            _ = try session.finish(seconds: 20)
            try it.must("top", "tty")
            let file = "\(it.directory)/file"
            try it.must("cp", "tty:/etc/passwd", file)
            try it.must("cp", file, "tty:/copy")
            try it.must("export", "-o", file, "tty")
            try it.must("commit", "-m", "words", "tty", "made:1")
            let happened = try Set(history("container=tty", "type=container"))
            let wanted = ["attach", "resize", "top", "archive-path", "extract-to-dir", "export", "commit"].map { "container \($0)" }
            #expect(happened.isSuperset(of: wanted), "\(wanted.filter { !happened.contains($0) })")
            #expect(try history("event=commit", format: "{{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}}") == ["words made:1"])
            try it.must("rm", "-f", "tty", "web")
            try it.must("save", "-o", file, "made:1")
            try it.must("tag", "made:1", "made:2")
            try it.must("rmi", "made:1", "made:2")
            try it.must("load", "-i", file)
            try it.must("create", "busybox")
            try it.must("container", "prune", "-f")
            try it.must("volume", "prune", "-f")
            try it.must("rmi", "made:1")
            let images = try Set(history("type=image"))
            #expect(images.isSuperset(of: ["save", "tag", "untag", "delete", "load"].map { "image \($0)" }), "\(images)")
            #expect(try history("event=prune") == ["container prune", "volume prune"])
            try it.expectNothingLeft()
        }

        @Test("E87 D89: df and prune") func diskUsage() throws {
            try it.must("run", "--name", "old", "-v", "/anonymous", "-v", "named:/named", "busybox", "sh", "-c", "head -c 100000 /dev/zero | tee /named/x > /file")
            try it.must("run", "-d", "--name", "live", "busybox", "sleep", "1000")
            let table = try it.must("system", "df").split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
            #expect(
                table.count == 5 && table[0] == "TYPE TOTAL ACTIVE SIZE RECLAIMABLE" && table[1].hasPrefix("Images 1 1 ") && table[2] == "Containers 2 1 100kB 100kB (100%)",
                "\(table)")
            #expect(table[3] == "Local Volumes 2 2 100kB 0B (0%)" && table[4].hasPrefix("Build Cache 0 0 0B"), "\(table)")
            #expect(try it.must("system", "df", "-v").contains("Local Volumes space usage:\n\nVOLUME NAME"))
            let document = try it.must("system", "df", "-v", "--format", "json")
            for part in ["{\"Images\":[{\"Containers\":", "],\"Containers\":[", "],\"Volumes\":[", "\"BuildCache\":["] { #expect(document.contains(part), "\(document)") }
            #expect(try it.must("system", "df", "-v", "--format", "{{range .Images}}{{.Repository}}{{end}}").contains("busybox"))
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
