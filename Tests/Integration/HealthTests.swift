import Linux
import Testing

extension Integration {
    @Suite struct HealthTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func status(_ name: String) throws -> String { try it.must("inspect", "-f", "{{.State.Health.Status}}", name) }

        @Test("from starting to unhealthy to healthy, seen by ps, filters and inspect") func life() throws {
            try it.must(
                "run", "-d", "--name", "web", "--health-cmd", "echo looked; test -e /ok", "--health-interval", "300ms", "--health-retries", "2", "busybox",
                "sleep", "1000")
            #expect(try it.must("ps", "--format", "{{.Status}}").hasSuffix("(health: starting)"))
            try it.eventually("unhealthy") { try status("web") == "unhealthy" }
            #expect(try it.must("ps", "--format", "{{.Status}}").hasSuffix("(unhealthy)"))
            #expect(try it.must("ps", "-q", "--filter", "health=unhealthy") != "" && it.must("ps", "-q", "--filter", "health=healthy") == "")
            try it.must("exec", "web", "touch", "/ok")
            try it.eventually("healthy") { try status("web") == "healthy" }
            #expect(try it.must("ps", "--format", "{{.Status}}").hasSuffix("(healthy)"))
            #expect(try it.must("inspect", "-f", "{{.State.Health.FailingStreak}}", "web") == "0")
            try it.eventually("five results") {
                try it.must("inspect", "-f", "{{range .State.Health.Log}}{{.ExitCode}}{{.Output}}{{end}}", "web") == String(repeating: "0looked\n", count: 5)
            }
            // What is paused is not looked at, and goes on where it was.
            try it.must("pause", "web")
            #expect(try it.must("ps", "--format", "{{.Status}}").hasSuffix("(Paused)"))
            try it.must("unpause", "web")
            #expect(try status("web") == "healthy")
            try it.must("kill", "web")
            #expect(try status("web") == "unhealthy")
            let wrong = try it.davit("ps", "--filter", "health=fine")
            #expect(wrong.code == 1 && wrong.err.contains("health: fine"), "\(wrong)")
            try it.must("rm", "web")
            try it.expectNothingLeft()
        }

        @Test("a check that takes too long is killed; output is cut") func limits() throws {
            try it.must(
                "run", "-d", "--name", "slow", "--health-cmd", "echo partly; sleep 1000", "--health-interval", "50ms", "--health-timeout", "200ms",
                "--health-retries", "1", "busybox", "sleep", "1000")
            try it.must(
                "run", "-d", "--name", "loud", "--health-cmd", "head -c 1000000 /dev/zero | tr '\\0' x", "--health-interval", "50ms", "busybox", "sleep", "1000")
            try it.eventually("slow is unhealthy") { try status("slow") == "unhealthy" }
            #expect(
                try it.must("inspect", "-f", "{{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}", "slow") == "-1 Health check exceeded timeout (200ms): partly\n")
            try it.eventually("loud is healthy") { try status("loud") == "healthy" }
            #expect(try it.must("inspect", "-f", "{{len (index .State.Health.Log 0).Output}}", "loud") == "4099")
            try it.must("rm", "-f", "slow", "loud")
            try it.expectNothingLeft()
        }

        @Test("the image's check, overridden in part, and switched off") func image() throws {
            try it.must("create", "--name", "base", "busybox")
            try it.must("commit", "--change", "HEALTHCHECK --interval=100ms --retries=1 --start-period=300s --start-interval=100ms CMD false", "base", "checked")
            try it.must("run", "-d", "--name", "early", "checked", "sleep", "1000")
            try it.must("run", "-d", "--name", "own", "--health-cmd", "true", "checked", "sleep", "1000")
            try it.must("run", "-d", "--name", "off", "--no-healthcheck", "checked", "sleep", "1000")
            try it.eventually("own is healthy") { try status("own") == "healthy" }
            #expect(try it.must("inspect", "-f", "{{json .Config.Healthcheck.Interval}}", "own") == "100000000")
            // Failures in the start period are no failures.
            try it.eventually("several results") { try it.must("inspect", "-f", "{{len .State.Health.Log}}", "early") == "5" }
            #expect(try it.must("inspect", "-f", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}", "early") == "starting 0")
            #expect(try it.must("ps", "-a", "--filter", "health=none", "--format", "{{.Names}}") == "off\nbase")
            let wrong = try it.davit("run", "--rm", "--health-cmd", "true", "--health-interval", "1us", "busybox", "true")
            #expect(wrong.code == 125 && wrong.err.contains("Interval in Healthcheck cannot be less than 1ms"), "\(wrong)")
            try it.must("rm", "-f", "early", "own", "off", "base")
            try it.expectNothingLeft()
        }
    }
}
