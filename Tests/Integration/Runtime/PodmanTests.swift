import Linux
import Testing

extension Integration {
    /// podman with Davit as its runtime, by the name that `make install` gives it.
    @Suite struct PodmanTests {
        let it: RuntimeFixture
        private static let podman = Spawn.find("podman")

        init() throws { it = try RuntimeFixture() }

        private func podman(_ arguments: [String], input: String? = nil) throws -> Outcome {
            // It takes no long paths.
            let store = [("root", "s"), ("runroot", "r"), ("tmpdir", "t")].flatMap { ["--\($0)", "\(it.directory)/\($1)"] }
            let settings = ["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", "\(it.directory)/davit-runtime"]
            let running = try RunningCommand([Self.podman ?? ""] + store + settings + arguments, environment: RuntimeFixture.environment, withInput: input != nil)
            if let input {
                try running.send(input)
                running.closeInput()
            }
            return try running.finish(seconds: 120)
        }

        private func run(_ options: String..., words: [String], input: String? = nil) throws -> Outcome {
            try podman(["run", "--network", "none"] + options + ["--rootfs", "\(it.bundle)/rootfs"] + words, input: input)
        }

        @Test("E02 E06 podman --runtime davit-runtime: run, exec, pause, stop, start, kill, rm") func life() throws {
            guard Self.podman != nil else { return print("SKIPPED: podman is not installed (scripts/setup installs it)") }
            try FileDescriptor.open(it.directory, [.path, .directory]).makeSymbolicLink("davit-runtime", to: Installation.program)
            let outcome = try run("--rm", "-i", "--init=false", "--memory", "64m", "--user", "5", "--cap-drop", "all", words: ["sh", "-c", "cat; id -u; exit 3"], input: "in\n")
            #expect(outcome.code == 3 && outcome.lines == ["in", "5"], "\(outcome)")
            let missing = try run("--rm", words: ["nonesuch"])
            #expect(missing.code == 127 && missing.err.contains("executable file not found in $PATH"), "\(missing)")

            defer { _ = try? podman(["rm", "--force", "--time", "0", "long"]) }
            #expect(try run("--detach", "--name", "long", words: ["sh", "-c", "echo began; while :; do sleep 0.1; done"]).code == 0)
            let exec = try podman(["exec", "--env", "A=b", "long", "sh", "-c", "echo $A; exit 4"])
            #expect(exec.code == 4 && exec.line == "b", "\(exec)")
            #expect(try podman(["exec", "--tty", "long", "tty"]).out.contains("/dev/pts/"))
            #expect(try podman(["pause", "long"]).code == 0)
            #expect(try podman(["inspect", "--format", "{{.State.Status}}", "long"]).line == "paused")
            #expect(try podman(["unpause", "long"]).code == 0)
            #expect(try podman(["top", "long", "args"]).out.contains("began"))
            #expect(try podman(["logs", "long"]).line == "began")
            #expect(try podman(["stop", "--time", "0", "long"]).code == 0)
            #expect(try podman(["inspect", "--format", "{{.State.ExitCode}}", "long"]).line == "137")
            #expect(try podman(["start", "long"]).code == 0)
            #expect(try podman(["rm", "--force", "--time", "0", "long"]).code == 0)
            #expect(try podman(["ps", "--all", "--quiet"]).out == "")
        }
    }
}
