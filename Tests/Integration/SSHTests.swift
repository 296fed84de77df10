import Linux
import Testing

extension Integration {
    /// `-H ssh://`, with a program named ssh that needs no other machine.
    @Suite struct SSHTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try FileSystem.makeDirectories("\(it.directory)/bin")
            // Both ways that Docker's clients have called it; the words behind the host go to a shell, as they do.
            let script = """
                #!/bin/sh
                host=
                while [ $# -gt 0 ]; do
                    case "$1" in
                    -l | -p | -o) shift 2 ;;
                    --) shift; [ -n "$host" ] && break ;;
                    -*) shift ;;
                    *) if [ -z "$host" ]; then host=$1; shift; else break; fi ;;
                    esac
                done
                [ "$host" = good ] || { echo "ssh: Could not resolve hostname $host: Name or service not known" >&2; exit 255; }
                unset DOCKER_HOST
                docker() { exec $DAVIT "$@"; }
                eval "$*"
                """
            try FileSystem.replace("\(it.directory)/bin/ssh", with: Array(script.utf8))
            #expect(try it.shell("chmod +x \(it.directory)/bin/ssh").code == 0)
        }

        private func run(_ script: String) throws -> Outcome { try it.shell("PATH=\(it.directory)/bin:$PATH; export DAVIT PATH; \(script)") }

        @Test("an engine behind ssh, by its own socket and by another: streams, half-closes, exit codes") func streams() throws {
            let socket = "\(it.directory)/docker.sock"
            let gone = try run("$DAVIT system dial-stdio")
            #expect(gone.err.contains("Cannot connect to the Docker daemon at unix://\(it.runRoot)"), "\(gone)")
            let daemon = try it.start(["daemon"]), other = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemons listen") { FileSystem.exists(socket) && FileSystem.exists("\(it.runRoot)/davit.sock") }
            let programs = [Installation.program] + (StockClient.program.map { [$0] } ?? [])
            for program in programs {
                for host in ["ssh://me@good:22"] + (program == Installation.program ? ["ssh://good\(socket)"] : []) {
                    let outcome = try run(
                        "seq 1 50000 | \(program) -H \(host) run --rm -i --network none busybox sh -c 'cat; echo err >&2; exit 3' | md5sum; seq 1 50000 | md5sum")
                    #expect(Set(outcome.lines).count == 1, "\(outcome)")
                    #expect(outcome.err == "err\n")
                    let code = try run("DOCKER_HOST=\(host) \(program) run --rm --network none busybox sh -c 'exit 3'")
                    #expect(code.code == 3, "\(code)")
                }
                let unknown = try run("\(program) -H ssh://bad ps")
                #expect(unknown.code == 1)
                // The stock client's own race: now and then it writes to an ssh that has ended, and tells of that instead.
                let isStockRace = program != Installation.program && unknown.err.contains("file already closed")
                let isExplained = unknown.err.contains("exit status 255") && unknown.err.contains("ssh: Could not resolve hostname bad")
                #expect(isExplained || isStockRace, "\(unknown.err)")
            }
            let list = try run("\(Installation.program) -H ssh://good ps -aq")
            #expect(list.out == "", "\(list)")
            let none = try it.shell("PATH=/nowhere \(Installation.program) -H ssh://good ps")
            #expect(none.err.contains("exec: \"ssh\": executable file not found in $PATH"), "\(none)")
            let answers = try run(#"printf 'GET /_ping HTTP/1.1\r\nHost: a\r\n\r\nGET /_ping HTTP/1.1\r\nHost: a\r\n\r\n' | $DAVIT system dial-stdio"#)
            #expect(answers.code == 0)
            #expect(answers.out.split(separator: "HTTP/1.1 200 OK").count == 2, "\(answers)")
            for daemon in [daemon, other] {
                try daemon.signal(15)
                _ = try daemon.finish(seconds: 20)
            }
        }
    }
}
