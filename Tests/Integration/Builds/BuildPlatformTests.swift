import Linux
import Testing

extension Integration {
    /// One build for several platforms.
    @Suite struct BuildPlatformTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private static let dockerfile = """
            FROM --platform=$BUILDPLATFORM busybox AS build
            RUN echo shared > /shared
            ARG TARGETPLATFORM TARGETARCH BUILDPLATFORM
            RUN echo $TARGETPLATFORM $TARGETARCH on $BUILDPLATFORM > /what
            FROM scratch
            COPY --from=build /shared /what /

            """

        @Test("several platforms are one index; what they share is made once; files of each are apart") func together() async throws {
            let socket = "\(it.directory)/docker.sock", daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            var client = BuildKitClient(socket: socket)
            client.files = ["Dockerfile": Self.dockerfile]
            let options = ["platform": "linux/amd64,linux/arm/v7", "no-cache": ""]
            let files = try await client.build(options, exporter: "local").exported.mapValues { String(decoding: $0, as: UTF8.self) }
            #expect(files["linux_arm_v7/what"] == "linux/arm/v7 arm on linux/amd64\n" && files["linux_amd64/what"] == "linux/amd64 amd64 on linux/amd64\n", "\(files)")
            let outcome = try await client.build(options, ["name": "docker.io/library/multi:1", "annotation-index.a": "b", "annotation[linux/arm/v7].c": "d"])
            #expect(outcome.cached.filter { $0.hasSuffix("RUN echo shared > /shared") }.count == 1, "\(outcome)")
            #expect(outcome.names.contains("[linux/amd64->arm/v7 build 3/3] RUN echo $TARGETPLATFORM $TARGETARCH on $BUILDPLATFORM > /what"), "\(outcome.names)")
            let digest = outcome.answer["containerimage.digest"] ?? ""
            #expect(outcome.answer["containerimage.config.digest"] == nil)
            try it.must("image", "save", "-o", "\(it.directory)/image.tar", "multi:1")
            let blob = "tar xOf \(it.directory)/image.tar blobs/sha256/"
            let index = try it.shell("\(blob)\(digest.dropFirst(7)) | jq -c '[.annotations.a, .manifests[].platform.architecture], .manifests[1].digest'").lines
            #expect(index.first == #"["b","amd64","arm"]"#)
            #expect(try it.shell("\(blob)\((index.last ?? "").filter { $0 != "\"" }.dropFirst(7)) | jq -r .annotations.c").out == "d\n")
            // What stands for several platforms is found by the index's digest too.
            #expect(try it.must("image", "inspect", "--platform", "linux/arm/v7", "-f", "{{.Architecture}}", digest) == "arm")
            // The same without a word of it has none.
            let plain = try await client.build(["platform": "linux/amd64"], ["name": "docker.io/library/plain:1"])
            #expect(plain.answer["containerimage.config.digest"] == (try it.must("image", "inspect", "-f", "{{.Id}}", "plain:1")))
            try daemon.signal(15)
            #expect(try daemon.finish().code == 0)
        }

        @Test("davit build sends all platforms to a registry, whose digest the metadata have") func push() throws {
            let registry = try RegistryServer(on: it.network.map { .space($0) } ?? .own), name = "\(registry.address)/app"
            let metadata = "\(it.directory)/metadata"
            let arguments = ["build", "--platform", "linux/amd64,linux/arm64", "-t", name, "--push", "--metadata-file", metadata, "-"]
            let outcome = try it.davit(arguments, input: Self.dockerfile)
            #expect(outcome.code == 0, "\(outcome)")
            let digest = try it.shell("jq -r '.[\"containerimage.digest\"]' \(metadata)").lines.first ?? ""
            #expect(try registry.must("curl -sH 'Accept: application/vnd.oci.image.index.v1+json' $URL/v2/app/manifests/latest | sha256sum").hasPrefix(digest.dropFirst(7)))
            let other = try Installation(on: it.network.map { .space($0) } ?? .own)
            try other.must("pull", "--platform", "linux/arm64", "\(name)@\(digest)")
            try other.must("create", "--name", "one", "--platform", "linux/arm64", "\(name)@\(digest)", "x")
            #expect(try other.must("cp", "one:/what", "-").contains("linux/arm64 arm64 on linux/amd64"))
        }

        @Test("a program of another machine fails its step in Docker's words") func foreign() throws {
            let dockerfile = #"""
                FROM busybox AS elf
                RUN mkdir /b && printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\64\22\1\0\0\0' > /b/sh && head -c 4096 /dev/zero >> /b/sh && chmod +x /b/sh
                FROM scratch
                COPY --from=elf /b /bin/
                RUN true

                """#
            let outcome = try it.davit(["build", "--progress", "plain", "-"], input: dockerfile)
            #expect(outcome.code == 1 && outcome.err.contains("exec /bin/sh: exec format error") && outcome.err.contains("exit code: 255"), "\(outcome)")
        }
    }
}
