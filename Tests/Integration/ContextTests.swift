import Linux
import Testing

extension Integration {
    /// Contexts: one user with an engine here and one elsewhere, by our command line and by Docker's on the same files.
    @Suite struct ContextTests {
        let here: Installation
        let there: Installation
        let daemon: RunningCommand
        let address: String

        init() throws {
            here = try Installation()
            there = try Installation.withImage()
            address = "unix://\(there.directory)/docker.sock"
            daemon = try there.start(["daemon", "-H", address])
            let socket = "\(there.directory)/docker.sock"
            try here.eventually("the daemon listens") { FileSystem.exists(socket) }
            try here.must("volume", "create", "near")
            try there.must("volume", "create", "far")
        }

        private func end() throws {
            try daemon.signal(15)
            _ = try daemon.finish(seconds: 20)
        }

        @Test("E46: switch engines with context create, use, ls, inspect, update, export, import, rm; compose follows") func switching() throws {
            #expect(try here.must("context", "show") == "default" && here.must("volume", "ls", "-q") == "near")
            let created = try here.davit("context", "create", "far", "--docker", "host=\(address)", "--description", "elsewhere")
            #expect(created.out == "far\n" && created.err == "Successfully created context \"far\"\n" && created.code == 0)
            #expect(try here.must("--context", "far", "volume", "ls", "-q") == "far" && here.must("volume", "ls", "-q") == "near")
            #expect(try here.davit(["volume", "ls", "-q"], environment: ["DOCKER_CONTEXT=far"]).out == "far\n")
            #expect(try here.must("context", "use", "far") == "far" && here.must("volume", "ls", "-q") == "far")
            #expect(try here.must("-c", "default", "volume", "ls", "-q") == "near")
            #expect(try here.davit(["volume", "ls", "-q"], environment: ["DOCKER_HOST=unix:///nowhere"]).err.hasPrefix("Cannot connect to the Docker daemon at unix:///nowhere."))
            #expect(try here.must("context", "inspect", "--format", "{{.Endpoints.docker.Host}}") == address)
            #expect(try here.must("context", "ls", "--format", "{{.Name}} {{.Current}}") == "default false\nfar true")
            #expect(try here.davit("--host", address, "--context", "far", "ps").err == "conflicting options: cannot specify both --host and --context\n")

            // Only the engine there has the image.
            let file = "services: {web: {image: busybox, network_mode: none, command: [echo, from there]}}"
            try FileSystem.replace("\(here.directory)/compose.yaml", with: Array(file.utf8))
            let composed = try here.davit(["compose", "-f", "\(here.directory)/compose.yaml", "run", "--rm", "web"])
            #expect(composed.out == "from there\n", "\(composed)")

            let archive = "\(here.directory)/far.tar"
            try here.must("context", "export", "far", archive)
            #expect(try here.davit("context", "rm", "far").err == "context \"far\" is in use, set -f flag to force remove\n")
            #expect(try here.must("context", "rm", "-f", "far") == "far" && here.must("volume", "ls", "-q") == "near")
            try here.must("context", "import", "again", archive)
            #expect(try here.must("-c", "again", "volume", "ls", "-q") == "far")
            // One that is made from the built-in context is this engine, daemon or not.
            try here.must("context", "create", "same", "--from", "default")
            #expect(try here.must("-c", "same", "volume", "ls", "-q") == "near")
            try here.must("context", "update", "again", "--docker", "host=unix:///nowhere")
            #expect(try here.davit("-c", "again", "ps").code == 1)
            #expect(try here.davit("-c", "gone", "ps").err.hasPrefix("Failed to initialize: unable to resolve docker endpoint: context \"gone\": context not found: open "))
            try end()
        }

        @Test(
            "E46: contexts in Docker's words; what one command line writes the other reads", .enabled(if: StockClient.isCurrent, StockClient.why))
        func words() throws {
            let archive = "\(here.directory)/one.tar"
            let commands = [
                "context create one --docker host=\(address) --description 'a <b> & c'", "context create one", "context create x", "context create default",
                "context create two --docker foo=bar", "context create two --docker foo", "context create two --docker host=foo",
                "context create two --docker host=unix://", "context create two --docker host=tcp://h,ca=/nope", "context create two --docker host=tcp://h,ca=/etc/passwd",
                "context create two --docker host=tcp://h,skip-tls-verify=maybe", "context create two --docker from=nope", "context create two --from nope",
                "context create two --from one --docker host=unix:///a", "context create two --from one --description dd", "context inspect one two nope",
                "context update two --docker skip-tls-verify=1,host=tcp://h", "context update nope", "context update default", "context use nope", "context use",
                "context use one", "context show", "volume ls -q", "context inspect --format '{{.Name}} {{.Metadata.Metadata.Description}}'",
                "context inspect --format '{{.Nope}}'",
                "context inspect --format json", "context ls -q", "context ls --format '{{.Nope}}'", "context rm one", "context rm default nope", "context rm -f nope",
                "--context nope ps", "--context nope version", "--context nope context show", "--context nope context inspect", "-H unix:///a --context one ps", "-H a -H b ps",
                "context export one \(archive)", "context export one \(archive)", "context import six \(archive)", "context import six \(archive)",
                "context import seven /nope", "context import seven /dev/null", "context export nope \(archive).nope", "context use default", "context rm one two six",
            ]
            func run(_ program: String) throws -> [String] {
                try FileSystem.removeTree("\(here.directory)/.docker")
                try FileSystem.removeFile(archive)
                return try commands.map { command in
                    let outcome = try here.shell("\(program) \(command)")
                    return "\(command)\n\(outcome.out)\(outcome.err)\(outcome.code)"
                }
            }
            let stock = StockClient.program ?? ""
            for (docker, davit) in zip(try run(stock), try run("$DAVIT")) {
                // The name of the program, which is all that differs.
                #expect(davit.replacing("davit: 'davit ", with: "docker: 'docker ").replacing("  davit ", with: "  docker ").replacing("'davit ", with: "'docker ") == docker)
            }
            for (writer, reader) in [(stock, "$DAVIT"), ("$DAVIT", stock)] {
                try FileSystem.removeTree("\(here.directory)/.docker")
                let script =
                    "\(writer) context create one --docker host=\(address) && \(writer) context use one && \(reader) context show && \(reader) volume ls -q && \(reader) context rm -f one"
                let outcome = try here.shell(script)
                #expect(outcome.out == "one\none\none\nfar\none\n" && outcome.code == 0, "\(outcome)")
                let both = try [writer, reader].map { try here.shell("\($0) context ls --format '{{.Name}} {{.Description}}'").out }
                #expect(both[0] == both[1])
            }
            try end()
        }
    }
}
