import Linux
import Testing

extension Integration {
    @Suite struct ComposeTests {
        let it: Installation
        let place: String

        init() throws {
            it = try Installation.withImage()
            place = "\(it.directory)/shop"
            try FileSystem.makeDirectories(place)
        }

        private func write(_ text: String, to name: String = "compose.yaml") throws { try FileSystem.replace("\(place)/\(name)", with: Array(text.utf8)) }

        private func compose(_ words: String...) throws -> Outcome { try it.davit(["compose", "--project-directory", place] + words) }

        @discardableResult
        private func must(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
            let outcome = try it.davit(["compose", "--project-directory", place] + words)
            #expect(outcome.code == 0, "\(words): \(outcome)", sourceLocation: sourceLocation)
            return outcome.out.hasSuffix("\n") ? String(outcome.out.dropLast()) : outcome.out
        }

        private static let shop = """
            version: '3.7'
            services:
              database:
                image: busybox
                command: sh -c 'touch /ready; trap "exit 0" TERM; while true; do sleep 0.1; done'
                healthcheck: {test: test -f /ready, interval: 200ms, start_interval: 100ms, start_period: 5s}
                volumes: [data:/data, /scratch]
              frontend:
                image: busybox
                entrypoint: sh -c
                command: ["echo $$GREETING from $$(cat /settings); cat /run/secrets/word; nslookup database | grep -c Name; exec sleep 1000"]
                environment: {GREETING: "hello"}
                env_file: [front.env]
                init: true
                configs: [settings]
                secrets: [word]
                depends_on: {database: {condition: service_healthy}}
            volumes: {data: }
            configs: {settings: {content: "${SETTING:-none}\\n"}}
            secrets: {word: {file: ./word}}
            """

        private func writeShop() throws {
            try write(Self.shop)
            try write("OTHER=1\nGREETING=not this\n", to: "front.env")
            try write("SETTING=set\n", to: ".env")
            try write("secret\n", to: "word")
        }

        @Test("D68 D69 D70 D71 E36 E94 E95 E195 E199: a project goes up in order, changes with its file, and goes down") func life() throws {
            try writeShop()
            let up = try compose("up", "-d")
            #expect(up.code == 0 && up.err.contains("the attribute `version` is obsolete"), "\(up)")
            let healthy = try #require(up.err.firstRange(of: " Container shop-database-1 Healthy")),
                started = try #require(up.err.firstRange(of: " Container shop-frontend-1 Starting"))
            #expect(healthy.lowerBound < started.lowerBound)
            #expect(try must("ps", "--format", "{{.Name}} {{.State}} {{.Health}}") == "shop-database-1 running healthy\nshop-frontend-1 running ")
            try it.eventually("the log is there") { try must("logs", "--no-color", "frontend") == "frontend-1  | hello from set\nfrontend-1  | secret\nfrontend-1  | 1" }
            #expect(try it.must("inspect", "-f", "{{.Config.Labels}}", "shop-frontend-1").contains("com.docker.compose.depends_on:database:service_healthy:false"))
            #expect(try must("ls", "--format", "json") == #"[{"Name":"shop","Status":"running(2)","ConfigFiles":"\#(place)/compose.yaml"}]"#)
            #expect(try must("exec", "-T", "database", "sh", "-c", "echo kept > /scratch/x; echo $HOSTNAME").count == 12)
            #expect(try compose("exec", "-T", "database", "sh", "-c", "exit 7").code == 7)

            // What is as the file says stays; what is not is made again, and keeps its anonymous volumes.
            let before = try must("ps", "-q")
            try must("up", "-d")
            #expect(try must("ps", "-q") == before)
            try write(Self.shop.replacing("[data:/data, /scratch]", with: "[data:/data, /scratch]\n    user: \"0\""))
            let changed = try compose("up", "-d")
            #expect(changed.code == 0 && changed.err.contains("Container shop-database-1 Recreated") && changed.err.contains("Container shop-frontend-1 Running"), "\(changed)")
            #expect(try must("exec", "-T", "database", "cat", "/scratch/x") == "kept")

            try must("up", "-d", "--scale", "frontend=3", "--no-recreate")
            #expect(try must("ps", "--services") == "database\nfrontend" && must("ps", "-q").split(separator: "\n").count == 4)
            try write("services: {frontend: {image: busybox, command: sleep 1000, init: true}}")
            let orphans = try compose("up", "-d", "--remove-orphans")
            #expect(orphans.code == 0 && orphans.err.contains("Container shop-database-1 Removed") && orphans.err.contains("Container shop-frontend-3 Removed"), "\(orphans)")
            try must("down")
            #expect(try it.must("volume", "ls", "-q", "-f", "label=com.docker.compose.volume=data") == "shop_data")
            #expect(try compose("-p", "shop", "down", "-v").err.contains("Volume shop_data Removed"))
            try it.must("volume", "prune", "-af")
            try it.expectNothingLeft()
        }

        @Test("A02 A04 E31: one-off containers pass on streams and exit codes, and go") func oneOff() throws {
            try writeShop()
            let run = try it.davit(["compose", "-f", "\(place)/compose.yaml", "run", "--rm", "-T", "-e", "X=y", "frontend", "cat; echo $X; exit 5"], input: "in\n")
            #expect(run.code == 5 && run.out == "in\ny\n", "\(run)")
            #expect(try must("ps", "-a", "--format", "{{.Service}}") == "database")
            #expect(try compose("run", "--rm", "--no-deps", "nobody").err.hasSuffix("no such service: nobody\n"))
            let id = try must("run", "-d", "--no-deps", "--name", "solo", "--entrypoint", "sleep", "frontend", "1000")
            #expect(try it.must("inspect", "-f", #"{{.Id}} {{index .Config.Labels "com.docker.compose.oneoff"}}"#, "solo") == "\(id) True")
            try must("down", "--remove-orphans", "-v", "-t", "0")
            #expect(try compose("version", "--short").out.hasPrefix("2."))
            try it.expectNothingLeft()
        }

        @Test("D68: in the foreground output has names, and the first exit may end it all") func foreground() throws {
            try write(
                """
                services:
                  one: {image: busybox, command: sh -c 'echo first; echo second >&2; exit 3'}
                  other-one: {image: busybox, command: sleep 1000, init: true}
                """)
            let aborted = try compose("up", "--abort-on-container-exit")
            #expect(aborted.code == 3 && aborted.err.contains("Aborting on container exit..."), "\(aborted)")
            #expect(
                aborted.out.contains("Attaching to one-1, other-one-1\n") && aborted.out.contains("one-1        | first\n") && aborted.out.contains("one-1 exited with code 3\n"))
            #expect(aborted.err.contains("one-1        | second\n"))
            #expect(try compose("up", "--exit-code-from", "other-one").code == 143)
            let interrupted = try it.start(["compose", "--project-directory", place, "up"])
            try it.eventually("it runs") { try must("ps", "--services", "--status", "running") == "other-one" }
            try interrupted.child.signal(2)
            let end = try interrupted.finish()
            #expect(end.code == 130 && end.err.contains("Gracefully Stopping... press Ctrl+C again to force"), "\(end)")
            #expect(try must("ps", "--status", "running", "-q") == "")
            try must("down")
            try it.expectNothingLeft()
        }

        @Test("E27 E28 E29 E31 E115: docker-compose as a program of its own and as a plug-in; what conflicts is refused") func plugin() throws {
            let plugins = "\(it.directory)/docker-config/cli-plugins"
            try FileSystem.makeDirectories(plugins)
            try it.must("version")
            let link = try it.shell("ln -s \(Installation.program) \(plugins)/docker-compose && \(plugins)/docker-compose docker-cli-plugin-metadata")
            #expect(link.code == 0 && link.out.contains(#""SchemaVersion":"0.1.0""#), "\(link)")
            #expect(try it.shell("\(plugins)/docker-compose --ansi never version").out == "Docker Compose version v2.40.3\n")
            if let docker = StockClient.program {
                #expect(try it.shell("DOCKER_CONFIG=\(it.directory)/docker-config \(docker) compose version").out == "Docker Compose version v2.40.3\n")
            }
            try write("services: {a: {image: busybox, network_mode: host, ports: ['80:80']}}")
            let conflict = try compose("up", "-d")
            #expect(conflict.code == 1 && conflict.err.contains("\"host\" network_mode is incompatible with port_bindings"), "\(conflict)")
            try it.expectNothingLeft()
        }

        @Test("D67 E198: images are built from directories, from texts, and from each other") func build() throws {
            try FileSystem.makeDirectories("\(place)/app")
            try write("FROM busybox\nARG WHO\nRUN echo built for $WHO > /who\nCMD cat /who\n", to: "app/Dockerfile")
            try write(
                #"""
                services:
                  app: {build: {context: app, args: {WHO: me}}}
                  named: {image: "mine:1", pull_policy: build, build: {dockerfile_inline: "FROM busybox\nRUN --mount=type=secret,id=s cp /run/secrets/s /s\nCMD cat /s\n", secrets: [s]}}
                  based: {build: {context: ., dockerfile_inline: "FROM base\nCMD echo based; cat /who\n", additional_contexts: {base: "service:app"}}}
                secrets: {s: {file: ./word}}
                """#)
            try write("secret\n", to: "word")
            try must("build")
            let images = try it.must("image", "ls", "-q", "--filter", "label=com.docker.compose.project=shop").split(separator: "\n")
            #expect(images.count == 3)
            let up = try compose("up", "--no-color")
            let lines = Set(up.out.split(separator: "\n").map(String.init))
            #expect(up.code == 0 && lines.isSuperset(of: ["app-1    | built for me", "based-1  | based", "based-1  | built for me", "named-1  | secret"]), "\(up)")
            // A new image makes a new container.
            try write("FROM busybox\nCMD echo new\n", to: "app/Dockerfile")
            #expect(try compose("up", "-d", "--build", "app").err.contains("Container shop-app-1 Recreated"))
            #expect(try compose("down", "--rmi", "all").err.contains("Image mine:1 Removed"))
            try it.expectNothingLeft()
        }

        @Test("stop, start, restart, pause, kill, rm, cp, port and top work on services; so they do through a daemon") func commands() throws {
            try write(
                "services: {a: {image: busybox, command: sh -c 'while true; do sleep 0.1; done', init: true, expose: [80], ports: ['80']}, b: {image: busybox, command: sleep 1000, init: true}}"
            )
            let socket = "\(it.directory)/docker.sock"
            let daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            let up = try it.davit(["-H", "unix://\(socket)", "compose", "--project-directory", place, "up", "-d", "--wait"])
            #expect(up.code == 0, "\(up)")
            try must("pause", "a")
            #expect(try must("ps", "--status", "paused", "--services") == "a")
            try must("unpause")
            try must("restart", "-t", "0", "b")
            #expect(try must("top", "b").contains("sleep 1000") && must("port", "a", "80").hasPrefix("0.0.0.0:"))
            try write("text", to: "file")
            try must("cp", "\(place)/file", "a:/tmp/file")
            #expect(try must("exec", "-T", "a", "cat", "/tmp/file") == "text")
            try must("kill", "b")
            try must("stop", "-t", "0")
            #expect(try must("ps", "-a", "--format", "{{.State}}") == "exited\nexited")
            try must("start", "a")
            #expect(try must("ps", "--services") == "a")
            #expect(try must("rm", "-fs") == "Going to remove shop-a-1, shop-b-1")
            #expect(try it.davit(["-H", "unix://\(socket)", "compose", "--project-directory", place, "down"]).code == 0)
            try daemon.child.signal(15)
            _ = try daemon.finish()
            try it.expectNothingLeft()
        }
    }
}
