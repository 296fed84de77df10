import Linux
import Testing

/// Docker's own command line, whichever version the machine has.
enum StockClient {
    static let program = ["/usr/local/bin/docker", "/usr/bin/docker"].first { FileSystem.exists($0) }

    static let why: Comment = "compares words with those of Docker's command line 28 or later"

    /// Whether its words are those of today: Debian 12 has version 20.10, of other words, flags and exit codes.
    static let isCurrent: Bool = {
        guard let program, let command = try? RunningCommand([program, "--version"], environment: [], withInput: false),
            let version = try? command.finish(seconds: 20).out.firstMatch(of: #/version (\d+)\./#)?.1
        else { return false }
        return Int(version) ?? 0 >= 28
    }()
}

extension Integration {
    /// The stock docker CLI on `davit daemon` and `davit` by itself do the same things in the same words.
    @Suite(.enabled(if: StockClient.program != nil, "needs a docker command (Debian's docker.io has one)"))
    struct StockClientTests {
        enum Client: String, CaseIterable { case docker, davit }

        let it: Installation
        let daemon: RunningCommand

        init() throws {
            it = try Installation.withImage()
            try FileSystem.makeDirectories("\(it.directory)/docker-config")
            try FileSystem.makeDirectories("\(it.directory)/work")
            daemon = try it.start(["daemon", "-H", "unix://\(it.directory)/docker.sock"])
            let socket = "\(it.directory)/docker.sock"
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
        }

        // MARK: - The table

        @Test("run, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func run() throws { try compare(StockClientTable.run) }
        @Test("mounts, limits and privileges, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func confinement() throws {
            try compare(StockClientTable.confinement)
        }
        @Test("from create to rm, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func life() throws { try compare(StockClientTable.life) }
        @Test("ps, logs, exec, inspect, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func looks() throws { try compare(StockClientTable.looks) }
        @Test("E124 E126: networks, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func networks() throws { try compare(StockClientTable.networks) }
        @Test("E09 E115 E119 E138: containers on networks, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func joining() throws {
            try compare(StockClientTable.joining)
        }
        @Test("images, both ways", .enabled(if: StockClient.isCurrent, StockClient.why)) func images() throws { try compare(StockClientTable.images) }

        /// Word by word.
        private func compare(_ scripts: [String]) throws {
            for script in scripts {
                let stock = try outcome(script, .docker), own = try outcome(script, .davit)
                #expect(
                    normal(stock.out) == normal(own.out), "\(script)\n--- docker's errors\n\(stock.err)\n--- davit's errors\n\(own.err)")
                #expect(normal(stock.err) == normal(own.err), "\(script)")
            }
            try end()
        }

        // MARK: - On a terminal

        /// What is typed, and what is waited for before.
        enum Step { case see(String), type(String), resize(UInt16, UInt16) }

        // MARK: - Outside the table

        @Test("C35: Windows, swarm and Kubernetes are out of scope, and say so") func outOfScope() throws {
            let socket = "\(it.directory)/docker.sock"
            func answer(_ method: String, _ path: String) throws -> String {
                try it.shell("curl -s -X \(method) -w ' %{http_code}' --unix-socket \(socket) 'http://localhost\(path)' | tr -d '\\n'").out
            }
            for path in ["/swarm", "/nodes", "/services/x/logs", "/tasks", "/secrets", "/configs"] {
                #expect(try answer("GET", path).hasPrefix("{\"message\":\"This node is not a swarm manager. Use \\\"docker swarm init\\\" or"), "\(path)")
            }
            #expect(try answer("POST", "/services/create").hasSuffix(" 503") && answer("POST", "/swarm/init").hasSuffix(" 501"))
            #expect(try answer("POST", "/swarm/leave") == #"{"message":"This node is not part of a swarm"} 503"#)
            #expect(try answer("POST", "/images/create?fromSrc=-&platform=windows/amd64") == #"{"message":"operating system is not supported"} 400"#)
            #expect(try answer("GET", "/info").contains(#""LocalNodeState":"inactive""#))
        }

        @Test("D18: what a graphical client shows and does is there: images, containers and their logs, start, stop, the tags of a registry as a page")
        func graphical() throws {
            let socket = "\(it.directory)/docker.sock", registry = try RegistryServer(on: it.network.map { .space($0) } ?? .machine)
            func api(_ method: String, _ path: String) throws -> String {
                try it.shell("curl -s -X \(method) --unix-socket \(socket) 'http://localhost\(path)'").out
            }
            #expect(try it.shell("curl -s --unix-socket \(socket) http://localhost/images/json | jq -r '.[].RepoTags[]'").out == "busybox:latest\n")
            try it.must("create", "--name", "box", "busybox", "sh", "-c", "echo shown; sleep 100")
            _ = try api("POST", "/containers/box/start")
            try it.eventually("it logs") { try api("GET", "/containers/box/logs?stdout=1").contains("shown") }
            func state() throws -> String { try it.shell("curl -s --unix-socket \(socket) 'http://localhost/containers/json?all=1' | jq -r '.[].State'").out }
            #expect(try state() == "running\n")
            _ = try api("POST", "/containers/box/stop?t=0")
            #expect(try state() == "exited\n")
            try it.must("tag", "busybox", "\(registry.address)/shown:1.0")
            try it.must("push", "-q", "\(registry.address)/shown:1.0")
            let page = try registry.must(#"curl -s -H 'Accept: text/html' "$URL/?repository=shown""#)
            #expect(page.contains("<td>1.0</td>"), "\(page)")
        }

        @Test("-it: echo, sizes, exit codes", arguments: Client.allCases) func terminal(client: Client) throws {
            try play(
                client, "run --rm -it busybox sh",
                [
                    .see("# "), .type("stty size\n"), .see("24 80"), .resize(40, 100), .see("# "),
                    .type("until stty size | grep '40 100'; do :; done\n"), .see("\n40 100"), .type("exit 5\n"),
                ], code: 5)
            try play(
                client, "run --rm -it busybox sh -c 'echo up; cat'",
                [.see("up"), .type("abc\n"), .see("abc"), .see("abc"), .type("\u{4}")], code: 0)
            try play(client, "run --rm -t busybox echo hi", [.see("hi")], code: 0)
            try play(client, "run --rm -i --init busybox cat", [.type("abc\n"), .see("abc"), .type("\u{4}")], code: 0)
            try play(client, "run -it --rm busybox nosuch", [.see("executable file not found in $PATH")], code: 127)
            try end()
        }

        @Test("detach keys, and attach again", arguments: Client.allCases) func detaching(client: Client) throws {
            try play(client, "run -it --name box busybox sh", [.see("# "), .type("\u{10}\u{11}")], code: 0)
            #expect(try it.must("ps", "--format", "{{.Names}} {{.State}}") == "box running")
            try play(client, "attach --detach-keys ctrl-x box", [.type("\n"), .see("# "), .type("\u{18}")], code: 1)
            try play(client, "exec -it box sh", [.see("# "), .type("\u{10}\u{11}")], code: 1)
            try play(client, "attach box", [.type("\n"), .see("# "), .type("exit 3\n")], code: 3)
            try end()
        }

        @Test("exec -it", arguments: Client.allCases) func exec(client: Client) throws {
            try it.must("run", "-d", "--name", "box", "busybox", "sleep", "100")
            try play(
                client, "exec -it box sh",
                [
                    .see("# "), .type("stty size\n"), .see("24 80"), .resize(30, 90), .see("# "),
                    .type("until stty size | grep '30 90'; do :; done\n"), .see("\n30 90"), .type("exit 7\n"),
                ], code: 7)
            try play(client, "exec -it box nosuch", [.see("executable file not found in $PATH")], code: 127)
            try play(client, "exec -t box sh -c kill\\ -9\\ \\$\\$", [], code: 137)
            try end()
        }

        @Test("Ctrl-C and signals go to the process", arguments: Client.allCases) func signals(client: Client) throws {
            let trap = "busybox sh -c 'trap \"echo got-it; exit 9\" INT TERM; echo ready; while :; do sleep 0.1; done'"
            for options in ["--rm", "--rm -it"] {
                try play(client, "run \(options) \(trap)", [.see("ready"), .type("\u{3}"), .see("got-it")], code: 9)
            }
            try it.must(
                "run", "-d", "--name", "box", "busybox", "sh", "-c",
                "trap 'echo got-it; exit 9' INT; while :; do echo ready; sleep 0.1; done")
            try play(client, "attach box", [.see("ready"), .type("\u{3}"), .see("got-it")], code: 9)
            try it.must("rm", "box")
            try it.must("run", "-d", "--name", "box", "busybox", "sh", "-c", "while :; do echo ready; sleep 0.1; done")
            try play(client, "logs -f box", [.see("ready"), .type("\u{3}")], code: 130)
            #expect(try it.must("ps", "--format", "{{.State}}") == "running")
            try end()
        }

        // MARK: - Across

        @Test("what one client starts, the other sees, logs, attaches to and stops", arguments: Client.allCases) func across(client: Client)
            throws
        {
            let script = """
                a run -d --name box busybox sh -c 'echo one; trap "exit 3" TERM; while :; do echo tick; sleep 0.1; done' > id
                until b logs box | grep one; do :; done
                b ps --format '{{.Names}} {{.State}}'; b exec box echo exec
                b attach box > ticks & until grep -q tick ticks; do :; done; b stop box; wait $!; echo attached $?
                a wait box; a inspect -f '{{.State.Status}} {{.State.ExitCode}}' box
                b start box; a ps --format '{{.Names}}'; a kill box; b wait box; b rm box; a ps -aq
                a create -i --name pipe busybox cat > id; echo in | b start -ai pipe; a logs pipe; a rm pipe
                a run -d --name end busybox sleep 100 > id; a wait end & b kill end > id; wait $!
                a tag busybox other; b images --format '{{.Tag}}' other; b rmi other
                a rm -f end; b ps -aq
                """
            let other: Client = client == .docker ? .davit : .docker
            let outcome = try shell("a() { \(words(client)) \"$@\"; }; b() { \(words(other)) \"$@\"; }\n\(script)")
            #expect(
                outcome.lines == [
                    "one", "box running", "exec", "box", "attached 3", "3", "exited 3", "box", "box", "box", "137", "box", "in", "in",
                    "pipe", "137",
                    "latest", "Untagged: other:latest", "end",
                ], "\(outcome)")
            try end()
        }

        // MARK: - Running

        private func words(_ client: Client) -> String {
            switch client {
            case .docker: "\(StockClient.program ?? "docker") -H unix://\(it.directory)/docker.sock"
            case .davit: "\(Installation.program) --root \(it.dataRoot) --run-root \(it.runRoot)"
            }
        }

        private var surroundings: [String] {
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(it.directory)", "LANG=C.UTF-8", "DOCKER_CONFIG=\(it.directory)/docker-config"]
        }

        private func shell(_ script: String) throws -> Outcome {
            try RunningCommand(["/bin/sh", "-c", "cd \(it.directory)/work\n\(script)"], environment: surroundings, withInput: false, network: it.network)
                .finish(seconds: 90)
        }

        /// Runs a row, and leaves no container and no file of it.
        private func outcome(_ script: String, _ client: Client) throws -> Outcome {
            let result = try shell("D='\(words(client))'; d() { $D \"$@\"; echo \"code $?\"; }\n\(script)")
            for id in try it.davit(["ps", "-aq"]).lines { try it.davit(["rm", "-f", "-v", id]) }
            try it.davit("network", "prune", "-f")
            try FileSystem.removeTree("\(it.directory)/work")
            try FileSystem.makeDirectories("\(it.directory)/work")
            return result
        }

        private func play(
            _ client: Client, _ command: String, _ steps: [Step], code: Int, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let running = try RunningCommand(onTerminal: ["/bin/sh", "-c", "exec \(words(client)) \(command)"], environment: surroundings, network: it.network)
            for step in steps {
                switch step {
                case .see(let text): try running.wait(forOutput: text)
                case .type(let text): try running.send(text)
                case .resize(let rows, let columns): try running.resize(rows: rows, columns: columns)
                }
            }
            let outcome = try running.finish(seconds: 20)
            #expect(outcome.code == code, "\(outcome)", sourceLocation: sourceLocation)
        }

        /// Ends the daemon and looks at what is left.
        private func end(sourceLocation: SourceLocation = #_sourceLocation) throws {
            for id in try it.davit(["ps", "-aq"]).lines { try it.davit(["rm", "-f", "-v", id]) }
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0, sourceLocation: sourceLocation)
            try it.expectNothingLeft(sourceLocation: sourceLocation)
        }

        // MARK: - Comparing

        /// Without what differs from run to run and between the programs' names.
        private func normal(_ text: String) -> String {
            var text = text
            text.replace("\r\n", with: "\n")
            text.replace(#/[0-9a-f]{64}/#, with: "ID")
            text.replace(#/\b[0-9a-f]{12}\b/#, with: "SHORT")
            text.replace(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/#, with: "TIME")
            text.replace(#/(Less than a second|About a minute|\d+ (second|minute)s?)( ago)?/#, with: "AGE")
            text.replace("davit", with: "docker")
            // The words that Go has for an exit code are no message; later clients do not print them.
            text.replace("exit status 1\n", with: "")
            text.replace(#/ +/#, with: " ")
            return text
        }
    }
}
