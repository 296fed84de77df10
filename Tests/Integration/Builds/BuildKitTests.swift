import AsyncIO
import HTTP2
import Linux
import Protobuf
import RPC
import Testing

extension Integration {
    /// Builds by BuildKit's protocol, as the stock client asks for them.
    @Suite struct BuildKitTests {
        let it: Installation
        let daemon: RunningCommand
        var client: BuildKitClient

        init() throws {
            it = try Installation.withImage()
            let socket = "\(it.directory)/docker.sock"
            daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            client = BuildKitClient(socket: socket)
        }

        @Test("B08 B09 E159: a context over a session becomes an image of two names; a classic build's steps are taken") func image() async throws {
            var client = client
            client.files = ["Dockerfile": "FROM busybox\nRUN echo made > /made\nCOPY sub /sub\n", "sub/file": "inside\n", "other": "x"]
            try FileSystem.makeDirectories("\(it.directory)/c/sub")
            for (name, text) in client.files { try FileSystem.replace("\(it.directory)/c/\(name)", with: Array(text.utf8)) }
            #expect(try it.davit(["build", "\(it.directory)/c"], environment: ["DOCKER_BUILDKIT=0"]).code == 0)
            for isTunnelled in [false, true] {
                let outcome = try await client.build([:], ["name": "docker.io/library/one:1,docker.io/library/two:latest"], tunnelled: isTunnelled)
                #expect(outcome.cached == ["[2/3] RUN echo made > /made", "[3/3] COPY sub /sub"], "\(outcome)")
                #expect(outcome.names.contains("exporting to image"))
                #expect(outcome.answer["containerimage.config.digest"] == (try it.must("image", "inspect", "-f", "{{.Id}}", "two")))
                // The digest is that of what others get.
                try it.must("image", "save", "-o", "\(it.directory)/two.tar", "two")
                let digest = try it.shell("tar xOf \(it.directory)/two.tar index.json | jq -r '.manifests[0].digest'").lines.first
                #expect(outcome.answer["containerimage.digest"] == digest)
            }
            #expect(try it.must("run", "--rm", "one:1", "cat", "/made", "/sub/file") == "made\ninside")
        }

        @Test("B10: without the cache every step is made anew; a stage alone too") func fresh() async throws {
            var client = client
            client.files = ["Dockerfile": "FROM busybox AS a\nRUN echo $((1+1)) && date +%N > /a\nFROM busybox\nRUN echo b\n"]
            #expect(try await client.build(["target": "a"]).output.contains("2\n"))
            #expect(try await client.build(["target": "a"]).cached.count == 1)
            #expect(try await client.build(["target": "a", "no-cache": ""]).cached.isEmpty)
            #expect(try await client.build(["target": "a", "no-cache": "a"]).cached.isEmpty)
            #expect(try await client.build(["target": "a", "no-cache": "b"]).cached.count == 1)
        }

        @Test("files and archives go to the client, and leave no image") func exports() async throws {
            var client = client
            client.files = ["Dockerfile": "FROM scratch\nCOPY a b/\nCOPY large /\n", "a": "text", "large": String(repeating: "x", count: 3 << 20)]
            let images = try it.must("images", "-aq")
            let local = try await client.build(exporter: "local")
            #expect(local.exported.mapValues(\.count) == ["b/a": 4, "large": 3 << 20])
            // Bytes of the archive come as they are, which is no packet of files.
            #expect(try it.must("images", "-aq") == images)
        }

        @Test("secrets come from the client, and one that it has not fails the step, with its place") func secrets() async throws {
            var client = client
            client.secrets = ["a": "hidden"]
            client.files = ["Dockerfile": "FROM busybox\nRUN --mount=type=secret,id=a wc -c /run/secrets/a\n"]
            #expect(try await client.build().output.contains("6 /run/secrets/a"))
            client.files = ["Dockerfile": "FROM busybox\n\nRUN --mount=type=secret,id=b,required=true true\n"]
            let failing = client
            let status = await #expect(throws: RPCStatus.self) { try await failing.build() }
            #expect(status?.message == "secret b: not found")
            #expect(status?.details.first?.type == "github.com/moby/buildkit/errdefs.Source+json")
            let detail = String(decoding: status?.details.first?.value ?? [], as: UTF8.self)
            #expect(detail.contains(#""ranges":[{"start":{"line":3},"end":{"line":3}}]"#), "\(detail)")
        }

        @Test(
            "B18: failures are told in BuildKit's words; what is not supported says so",
            arguments: [
                ("FROM busybox\nRUN exit 7\n", [:], "process \"/bin/sh -c exit 7\" did not complete successfully: exit code: 7"),
                ("FROM busybox\nFOO\n", [:], "dockerfile parse error on line 2: unknown instruction: FOO"),
                ("FROM busybox\n", ["filename": "none"], "failed to read dockerfile: open none: no such file or directory"),
                ("FROM busybox\n", ["platform": "linux/amd64,what"], "failed to parse target platform what"),
                ("FROM busybox\n", ["context:x": "target:y"], "unsupported context source"),
                ("FROM busybox\n", ["requestid": "frontend.taste"], "unsupported request frontend.taste"),
                ("FROM busybox\n", ["ulimit": "nofile"], "invalid ulimit"),
            ] as [(String, [String: String], String)])
        func failures(_ dockerfile: String, _ options: [String: String], _ message: String) async throws {
            var client = client
            client.files = ["Dockerfile": dockerfile]
            let asking = client
            let status = await #expect(throws: RPCStatus.self) { try await asking.build(options) }
            #expect(status?.message.contains(message) == true, "\(status?.message ?? "")")
        }

        @Test(
            "B08: Docker's client of Debian, which has its BuildKit inside, builds by itself that way",
            .enabled(if: FileSystem.exists("/usr/bin/docker"), "needs Debian's docker.io"))
        func debian() throws {
            let docker = "/usr/bin/docker -H unix://\(it.directory)/docker.sock build --progress=plain"
            try FileSystem.makeDirectories("\(it.directory)/c/sub")
            try FileSystem.replace("\(it.directory)/c/Dockerfile", with: Array("FROM busybox\nCOPY . /x\nRUN --mount=type=secret,id=s cat /run/secrets/s\n".utf8))
            try FileSystem.replace("\(it.directory)/c/sub/file", with: Array("inside\n".utf8))
            let outcome = try it.shell("cd \(it.directory); \(docker) --secret id=s,src=c/sub/file -t deb:1 -t deb:2 --iidfile id c")
            #expect(outcome.code == 0 && outcome.err.contains("[2/3] COPY . /x") && outcome.err.contains(" inside\n"), "\(outcome)")
            #expect(try it.must("image", "inspect", "-f", "{{.Id}}", "deb:2") == it.shell("cat \(it.directory)/id").out)
            #expect(try it.shell("cd \(it.directory); \(docker) -o out c; cat out/x/sub/file").out == "inside\n")
            #expect(try it.shell("tar c -C \(it.directory)/c . | \(docker) -q -").out.hasPrefix("sha256:"))
            let named = try it.shell("printf 'FROM busybox\\nRUN grep near /etc/hosts\\n' | \(docker) --add-host near:host-gateway -")
            #expect(named.code == 0 && named.err.contains("near"), "\(named)")
            let failed = try it.shell("echo FROM busybox | \(docker) -f - --target none \(it.directory)/c")
            #expect(failed.code == 1 && failed.err.contains("target stage \"none\" could not be found"), "\(failed)")
        }

        @Test("a client that goes away ends its build, and nothing of it stays") func gone() async throws {
            var client = client
            client.files = ["Dockerfile": "FROM busybox\nRUN echo begun && sleep 1000\n"]
            let asking = client
            let build = Task { try await asking.build() }
            try it.eventually("it has begun") { try !it.must("ps", "-q").isEmpty }
            build.cancel()
            _ = try? await build.value
            try it.eventually("its container is gone") { try it.must("ps", "-aq").isEmpty }
        }

        @Test("a connection that is not one of gRPC is refused or ended", arguments: ["/grpc", "/session"]) func noise(_ path: String) async throws {
            let connection = try await AsyncConnection.connect(unix: client.socket)
            try await connection.writeAll(Array("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".utf8))
            #expect(String(decoding: try await connection.read(), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
            let other = try await AsyncConnection.connect(unix: client.socket)
            let name = "X-Docker-Expose-Session-Uuid: n"
            try await other.writeAll(
                Array("POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\(name)\r\n\r\n\(String(repeating: "noise", count: 1000))".utf8))
            // Whatever comes, it ends.
            try await AsyncIO.withDeadline(.seconds(60)) { while try await !other.read().isEmpty {} }
            // And others are served.
            _ = try await client.call { try await $0.call("/moby.buildkit.v1.Control/Info", BuildKitClient.Text(), as: BuildKitClient.Text.self) }
        }
    }
}
