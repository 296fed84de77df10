import Linux
import Testing

extension Integration {
    /// `develop.watch`, and commands of Compose that look at one service.
    @Suite struct ComposeWatchTests {
        let it: Installation
        let place: String

        init() throws {
            it = try Installation.withImage()
            place = "\(it.directory)/app"
            try FileSystem.makeDirectories(place)
        }

        private func write(_ text: String, to name: String = "compose.yaml") throws { try FileSystem.replace("\(place)/\(name)", with: Array(text.utf8)) }
        private func compose(_ words: String...) throws -> Outcome { try it.davit(["compose", "--project-directory", place] + words) }
        private func start(_ words: String...) throws -> RunningCommand { try it.start(["compose", "--project-directory", place] + words) }

        @Test("watch brings files into containers, takes them out, restarts and runs what it is told to, and leaves ignored files alone")
        func sync() throws {
            try write(
                """
                services:
                  web:
                    image: busybox
                    init: true
                    command: sleep 1000
                    develop:
                      watch:
                        - {action: sync, path: ./data, target: /app/data, ignore: ["*.tmp", skipped/], initial_sync: true}
                        - {action: sync+restart, path: ./settings, target: /app/settings}
                        - {action: sync+exec, path: ./page, target: /app/page, exec: {command: [sh, -c, "echo ran $$(cat /app/page)"]}}
                """)
            try FileSystem.makeDirectories("\(place)/data/old")
            try write("first", to: "data/old/file")
            let watch = try start("watch")
            try watch.wait(forOutput: "Watch enabled")
            func content(_ path: String) throws -> String { try it.davit("exec", "app-web-1", "cat", "/app/\(path)").out }
            #expect(try content("data/old/file") == "first")
            try write("", to: "data/x.tmp")
            try FileSystem.makeDirectories("\(place)/data/new/deep")
            try write("second", to: "data/new/deep/file")
            try it.eventually("the file is there") { try content("data/new/deep/file") == "second" }
            #expect(try it.must("exec", "app-web-1", "ls", "/app/data") == "new\nold")
            #expect(try it.shell("rm -r \(place)/data/new").code == 0)
            try it.eventually("the directory is gone") { try it.davit("exec", "app-web-1", "ls", "/app/data").out == "old\n" }
            let before = try it.must("inspect", "-f", "{{.State.StartedAt}}", "app-web-1")
            try write("set", to: "settings")
            try watch.wait(forOutput: #"service(s) ["web"] restarted"#)
            #expect(try content("settings") == "set" && it.must("inspect", "-f", "{{.State.StartedAt}}", "app-web-1") != before)
            try write("page", to: "page")
            try watch.wait(forOutput: "ran page")
            try watch.signal(2)
            _ = try watch.finish()
        }

        @Test("up --watch makes containers anew of what they are built of") func rebuild() throws {
            try write("FROM busybox\nCOPY word /word\n", to: "Dockerfile")
            try write("old", to: "word")
            try write("services: {web: {build: ., init: true, command: sleep 1000, develop: {watch: [{action: rebuild, path: ./word}]}}}\n")
            let up = try start("up", "--watch", "-t", "1")
            try up.wait(forOutput: "Watch enabled")
            try it.eventually("it runs") { try it.davit("exec", "app-web-1", "cat", "/word").out == "old" }
            try write("new", to: "word")
            try up.wait(forOutput: #"service(s) ["web"] successfully built"#)
            try it.eventually("it is another") { try it.davit("exec", "app-web-1", "cat", "/word").out == "new" }
            try up.signal(2)
            #expect(try up.finish().code == 130)
            try write("services: {web: {image: busybox}}\n")
            #expect(try compose("watch").err.contains("none of the selected services is configured for watch"))
        }

        @Test("one-offs stand in for containers that are not there; logs follow those that come; what is stopped is stopped, what is paused is not paused")
        func services() throws {
            try write(
                """
                services:
                  web: {image: busybox, init: true, command: sh -c "echo here; exec sleep 1000", profiles: [on]}
                  other: {image: busybox, env_file: missing.env}
                  late: {image: busybox, command: echo late, healthcheck: {test: "true", start_interval: 1s}}
                """)
            #expect(try compose("run", "-d", "web", "sleep", "1000").code == 0)
            #expect(try compose("exec", "web", "echo", "in").out == "in\n")
            #expect(try compose("exec", "--index", "1", "web", "true").err == "service \"web\" is not running container #1\n")
            #expect(try compose("up", "-d", "web").code == 0)
            let logs = try start("--profile", "on", "logs", "-f")
            try logs.wait(forOutput: "| here")
            #expect(try compose("up", "-d", "--scale", "web=2", "web").code == 0)
            try logs.wait(forOutput: "web-2  | here")
            #expect(try compose("up", "other").err.contains("missing.env not found") && compose("up", "late").err.contains("start_interval requires healthcheck.start_period"))
            #expect(try compose("pause", "web").code == 0 && compose("pause", "web").code == 1 && compose("unpause", "web").code == 0)
            let archive = "\(it.directory)/web.tar"
            #expect(try compose("export", "--index", "2", "-o", archive, "web").code == 0 && it.shell("tar tf \(archive) | grep -c ^bin/sh").line == "1")
            #expect(try compose("commit", "-m", "words", "web", "made:1").code == 0 && it.must("images", "-q", "made:1") != "")
            #expect(try compose("stop", "-t", "1", "web").code == 0)
            #expect(try compose("stop", "web").err.contains("Container app-web-1 Stopped"))
            #expect(try logs.finish().code == 0)
            #expect(try compose("--profile", "on", "down", "--remove-orphans").code == 0)
        }

        @Test("config shows what it was given when it is not to interpolate, and what variables there are") func rawConfig() throws {
            try write("services: {web: {image: x, ports: [\"${PORT:-8080}:80\"]}}\nmodels: {llm: {model: ai/example}}\n")
            let raw = try compose("config", "--no-interpolate", "web")
            #expect(raw.out.contains("- ${PORT:-8080}:80\n") && raw.err.contains("service filtering is not applied when --no-interpolate is set"), "\(raw)")
            #expect(try compose("config", "--variables", "--format", "yaml").out.contains("PORT:\n    name: PORT\n    defaultvalue: \"8080\"\n"))
            #expect(try compose("config", "--no-consistency", "--models").out == "")
            #expect(try compose("--all-resources", "config", "--models").out == "ai/example\n")
        }
    }
}
