import Linux
import Testing

extension Integration {
    /// What builds say of Dockerfiles.
    @Suite struct BuildCheckTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private static let dockerfile = """
            # build makes it
            FROM busybox AS build
            ARG WHO=you
            RUN --mount=type=secret,id=s true
            FROM build
            CMD echo hi

            """

        @Test("E164: warnings come with the build, and end it where the Dockerfile says so") func warnings() throws {
            let warning = "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 6)"
            let told = try it.davit(["build", "--progress", "plain", "-"], input: Self.dockerfile)
            #expect(told.code == 0 && told.err.contains(" 1 warning found (use docker --debug to expand):\n - \(warning)\n"), "\(told)")
            let ended = try it.davit(["build", "-"], input: "# check=error=true\n" + Self.dockerfile)
            #expect(ended.code == 1 && ended.err.contains("failed to solve: lint violation found for rules: JSONArgsRecommended"), "\(ended)")
            let sample = "FROM busybox\nRUN [/bin/bash, -c, 'echo hello']\nCMD [\"/bin/bash\"]\n"
            let failed = try it.davit(["build", "--progress", "plain", "-"], input: sample)
            #expect(failed.code == 1 && failed.err.contains("process \"/bin/sh -c [/bin/bash, -c, 'echo hello']\" did not complete"), "\(failed)")
        }

        @Test("questions about a Dockerfile are answered without building it") func questions() throws {
            let check = try it.davit(["build", "--check", "-"], input: Self.dockerfile)
            #expect(check.code == 1 && check.out.hasPrefix("Check complete, 1 warning has been found!\n\nWARNING: JSONArgsRecommended - https://docs.docker.com/"), "\(check)")
            #expect(check.out.contains("   6 | >>> CMD echo hi"))
            let clean = try it.davit(["build", "--call", "check", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", "-"], input: Self.dockerfile)
            #expect(clean.code == 0 && clean.out == "Check complete, no warnings found.\n", "\(clean)")
            let targets = try it.davit(["build", "--call=targets", "-"], input: Self.dockerfile)
            #expect(targets.out == "TARGET    DESCRIPTION\nbuild     makes it\n(default) \n", "\(targets)")
            let outline = try it.davit(["build", "--call=outline,format=json", "-"], input: Self.dockerfile)
            let expanded = try it.davit(["build", "--call=outline,format=json", "-"], input: "ARG A=1\nFROM busybox\nARG A\nRUN --mount=type=secret,id=s$A true\n")
            #expect(expanded.out.contains(#""name": "s1""#), "\(expanded)")
            #expect(outline.out.contains(#""name": "WHO""#) && outline.out.contains(#""name": "s""#), "\(outline)")
            #expect(try it.must("images", "-q").split(separator: "\n").count == 1)
        }

        @Test("stock clients get both, with the Dockerfile's lines") func protocolAnswers() async throws {
            let socket = "\(it.directory)/docker.sock", daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            var client = BuildKitClient(socket: socket)
            client.files = ["Dockerfile": Self.dockerfile]
            let outcome = try await client.build()
            #expect(outcome.warnings.map(\.line) == [6] && outcome.warnings.first?.text.hasPrefix("JSONArgsRecommended: ") == true, "\(outcome)")
            #expect(outcome.names.contains("[internal] load metadata for docker.io/library/busybox:latest"))
            let answer = try await client.ask("frontend.lint")
            #expect(answer["result.statuscode"] == "1" && answer["result.json"]?.contains(#""ruleName": "JSONArgsRecommended""#) == true, "\(answer)")
            try daemon.signal(15)
            #expect(try daemon.finish().code == 0)
        }
    }
}
