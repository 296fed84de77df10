import Linux
import Testing

extension Integration {
    /// Steps of builds that come from elsewhere and go there.
    @Suite struct BuildCacheTests {
        let it: Installation
        let registry: RegistryServer

        init() throws {
            it = try Installation.withImage()
            registry = try RegistryServer(on: it.network.map { .space($0) } ?? .own)
            try FileSystem.makeDirectories("\(it.directory)/context")
            try FileSystem.replace("\(it.directory)/context/Dockerfile", with: Array(Self.dockerfile.utf8))
        }

        private static let dockerfile = "FROM busybox AS a\nWORKDIR /w\nRUN echo made > /a\nFROM busybox\nENV X=1\nCOPY --from=a /a /\nRUN cat /a && true\n"

        /// Builds, after all steps have been forgotten, and gives how many were there already.
        private func build(_ arguments: String...) throws -> Int {
            try it.must("builder", "prune", "-af")
            let outcome = try it.davit(["build", "--progress", "plain"] + arguments + ["\(it.directory)/context"])
            #expect(outcome.code == 0, "\(outcome)")
            return outcome.err.split(separator: "\n").count { $0.hasSuffix(" CACHED") }
        }

        @Test("registry: all steps with mode=max, those of the last stage without; another engine has them too") func registries() throws {
            let cache = "type=registry,ref=\(registry.address)/cache"
            #expect(try build("--cache-to", "\(cache):max,mode=max", "--cache-to", "\(cache):min") == 0)
            #expect(try build("--cache-from", "\(registry.address)/cache:max") == 4)
            #expect(try build("--cache-from", "\(cache):min") == 2)
            // One that is not there is told of, and no more.
            #expect(try build("--cache-from", "\(cache):none") == 0)
            let other = try Installation.withImage(on: it.network.map { .space($0) } ?? .own)
            let outcome = try other.davit(["build", "--progress", "plain", "--cache-from", "\(cache):max", "-t", "app", "-"], input: Self.dockerfile)
            #expect(outcome.code == 0 && outcome.err.contains("#6 CACHED"), "\(outcome)")
            #expect(try other.must("run", "--rm", "app", "cat", "/a") == "made")
            let manifest = try registry.must("curl -s $URL/v2/cache/manifests/max | jq -r '.config.mediaType, (.layers | length)'")
            #expect(manifest == "application/vnd.buildkit.cacheconfig.v0\n2")
        }

        @Test("inline: an image carries the steps that its layers are from") func inline() throws {
            let name = "\(registry.address)/app"
            #expect(try build("--cache-to", "type=inline", "--push", "-t", name) == 0)
            try it.must("rmi", name)
            #expect(try build("--cache-from", name) == 2)
            #expect(try build("--build-arg", "BUILDKIT_INLINE_CACHE=1", "--push", "-t", "\(name):2") == 0)
            #expect(try build("--cache-from", "\(name):2", "--cache-from", name) == 2)
        }

        @Test("local: a directory that is an image layout; contexts are images of such too") func local() throws {
            let cache = "\(it.directory)/cache"
            #expect(try build("--cache-to", "type=local,dest=\(cache),mode=max") == 0)
            #expect(try build("--cache-from", "type=local,src=\(cache)") == 4)
            #expect(try it.shell("skopeo inspect --raw oci:\(cache):latest | jq -r .config.mediaType").out == "application/vnd.buildkit.cacheconfig.v0\n")
            #expect(try build("-t", "app", "-o", "type=oci,dest=\(it.directory)/app.tar") == 0)
            #expect(try it.shell("mkdir \(it.directory)/layout && tar xf \(it.directory)/app.tar -C \(it.directory)/layout").code == 0)
            let context = "base=oci-layout://\(it.directory)/layout"
            try FileSystem.replace("\(it.directory)/context/Dockerfile", with: Array("FROM base\nCOPY --from=base /a /b\n".utf8))
            let outcome = try it.davit(["build", "-t", "next", "--build-context", context, "\(it.directory)/context"])
            #expect(outcome.code == 0, "\(outcome)")
            #expect(try it.must("run", "--rm", "next", "cat", "/a", "/b") == "made\nmade")
        }

        @Test("what cannot be kept somewhere says so", arguments: ["type=gha", "type=s3,bucket=x", "type=registry", "type=azblob", "=x"]) func refused(_ place: String) throws {
            for flag in ["--cache-from", "--cache-to"] {
                let outcome = try it.davit(["build", flag, place, "-"], input: Self.dockerfile)
                #expect(outcome.code == 1 && (outcome.err.contains("not supported") || outcome.err.contains("ref not set") || outcome.err.contains("type required")), "\(outcome)")
            }
        }
    }
}
