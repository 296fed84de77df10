import Linux
import Testing

extension Integration {
    /// Containers that another OCI runtime makes, under Davit's supervisor: Davit's own runtime as a program, which is always there, and runc.
    @Suite struct ForeignRuntimeTests {
        let it: Installation
        private static let runc = Spawn.find("runc")

        init() throws {
            it = try Installation.withImage()
            try configure(
                """
                {"runtimes": {"own": {"path": "\(Installation.program)", "runtimeArgs": ["runtime"]}, "debian": {"path": "runc"}, "gone": {"path": "nonesuch"}}}
                """)
        }

        private func configure(_ json: String) throws {
            try FileSystem.makeDirectories("\(it.directory)/etc")
            try FileSystem.replace("\(it.directory)/etc/daemon.json", with: json.utf8)
        }

        private var environment: [String] { ["DAVIT_CONFIG_DIR=\(it.directory)/etc"] }

        private func davit(_ arguments: String...) throws -> Outcome { try it.davit(arguments, environment: environment) }

        @discardableResult
        private func must(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
            let outcome = try it.davit(arguments, environment: environment)
            #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
            return outcome.out.hasSuffix("\n") ? String(outcome.out.dropLast()) : outcome.out
        }

        @Test("E02 E04 --runtime: a whole life by another runtime", arguments: ["own", "debian"]) func life(_ runtime: String) throws {
            if runtime == "debian", Self.runc == nil { return print("SKIPPED: runc is not installed (scripts/setup installs it)") }
            let outcome = try davit(
                "run", "--rm", "--runtime", runtime, "--init", "-u", "5", "-e", "A=b", "-m", "64m", "busybox", "sh", "-c",
                "echo $A $HOME $(id -u); cat /proc/1/comm; grep Seccomp: /proc/self/status; echo bad >&2; exit 3")
            #expect(outcome.code == 3 && outcome.lines == ["b / 5", "docker-init", "Seccomp:\t2"] && outcome.err == "bad\n", "\(outcome)")

            let id = try must(
                "run", "-d", "--name", "other", "--runtime", runtime, "-v", "vol:/etc", "busybox", "sh", "-c",
                "trap 'echo asked; exit 7' TERM; echo began; while :; do sleep 0.1; done")
            #expect(try must("inspect", "-f", "{{.HostConfig.Runtime}}", "other") == runtime)
            let exec = try davit("exec", "-u", "12", "-w", "/tmp", "other", "sh", "-c", "id -u; pwd; test -e /etc/passwd && echo filled; exit 4")
            #expect(exec.code == 4 && exec.lines == ["12", "/tmp", "filled"], "\(exec)")
            #expect(try davit("exec", "other", "nonesuch").code == 127)
            #expect(try it.davit(["exec", "-i", "other", "cat"], input: "to and fro", environment: environment).out == "to and fro")
            #expect(try must("exec", "-t", "other", "tty").contains("/dev/pts/"))
            try must("pause", "other")
            #expect(try must("ps", "--format", "{{.Status}}").contains("Paused"))
            try must("unpause", "other")
            #expect(try must("top", "other").contains("sh -c"))
            #expect(try !must("stats", "--no-stream", "--format", "{{.PIDs}}", "other").hasPrefix("0"))
            try must("stop", "other")
            #expect(try must("inspect", "-f", "{{.State.ExitCode}}", "other") == "7")
            #expect(try must("logs", "other") == "began\nasked")
            try must("start", "other")
            try must("kill", "other")
            #expect(try davit("wait", "other").line == "137", "\(id)")
            try must("rm", "-f", "other")
            #expect(try davit("run", "--name", "often", "--runtime", runtime, "--restart", "on-failure:1", "busybox", "sh", "-c", "echo life; exit 6").code == 6)
            try it.eventually("the last life") { try must("logs", "often") == "life\nlife" }
            try must("rm", "-f", "often")
            try must("volume", "rm", "vol")
            #expect(try davit("run", "--rm", "--runtime", runtime, "busybox", "nonesuch").code == 127)
            try it.expectNothingLeft()
        }

        @Test("E04 kill -9 of the supervisor: the next command ends what another runtime left") func killed() throws {
            try must("run", "-d", "--name", "other", "--runtime", "own", "busybox", "sleep", "1000")
            let pid = try #require(Int32(try must("inspect", "-f", "{{.State.Pid}}", "other")))
            for supervisor in try it.supervisors() { try Process.signal(supervisor, 9) }
            try it.eventually("the end is known") { try must("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "other") == "exited 137" }
            try it.eventually("its process has ended") { Process.startTime(pid) == nil || Process.stateLetter(pid) == UInt8(ascii: "Z") }
            try must("start", "other")
            try must("rm", "-f", "other")
            try it.expectNothingLeft()
        }

        @Test("E04 names: what nobody knows, what is not there, the default of daemon.json, info, shims") func names() throws {
            let unknown = try davit("run", "--rm", "--runtime", "what", "busybox", "true")
            #expect(unknown.code == 125 && unknown.err.contains("unknown or invalid runtime name: what"), "\(unknown)")
            #expect(try davit("run", "--rm", "--runtime", "gone", "busybox", "true").err.contains("exec: \"nonesuch\": executable file not found in $PATH"))
            #expect(try davit("info").out.contains("Runtimes: davit debian gone own\n"))
            try configure(#"{"default-runtime": "own", "runtimes": {"own": {"path": "\#(Installation.program)", "runtimeArgs": ["runtime"]}}}"#)
            #expect(try must("run", "--name", "usual", "busybox", "echo", "usual") == "usual")
            #expect(try must("inspect", "-f", "{{.HostConfig.Runtime}}", "usual") == "own")
            try must("rm", "usual")
            try configure(#"{"runtimes": {"wasm": {"runtimeType": "io.containerd.wasmtime.v1"}}}"#)
            #expect(try davit("create", "busybox").err.contains("shims of containerd (io.containerd.wasmtime.v1) are not run"))
            try configure(#"{"default-runtime": "nobody"}"#)
            #expect(try davit("create", "busybox").err.contains("specified default runtime 'nobody' does not exist"))
        }

        @Test("E04 daemon --add-runtime, --default-runtime") func flags() throws {
            let daemon = try it.start(["daemon", "--add-runtime", "mine=\(it.directory)/mine", "--default-runtime", "mine"], environment: environment)
            defer { try? daemon.signal(15) }
            try FileSystem.replace("\(it.directory)/mine", with: "#!/bin/sh\nexec \(Installation.program) runtime \"$@\"\n".utf8, mode: 0o755)
            let socket = "unix://\(it.runRoot)/davit.sock"
            try it.eventually("the daemon") { FileSystem.exists("\(it.runRoot)/davit.sock") }
            let outcome = try davit("-H", socket, "run", "--name", "mine", "busybox", "echo", "mine")
            #expect(outcome.code == 0 && outcome.line == "mine", "\(outcome)")
            #expect(try must("-H", socket, "inspect", "-f", "{{.HostConfig.Runtime}}", "mine") == "mine")
            #expect(try must("-H", socket, "info").contains("Default Runtime: mine"))
            try must("-H", socket, "rm", "mine")
        }
    }
}
