import Linux
import Testing

extension Integration {
    @Suite("registries that break, lie or steal", .serialized)
    struct RegistryFaults {
        let davit: Installation
        let registry: WickedRegistry

        init() throws {
            davit = try Installation()
            registry = try WickedRegistry(davit)
        }

        private func name(_ mode: String) -> String { "\(WickedRegistry.host)/\(mode)" }

        private func files(_ name: String) throws -> String {
            try davit.shell("$DAVIT save \(name) | tar -tf - | grep -c ^blobs/sha256/.").out
        }

        @Test(
            "a pull goes on where it was cut, at random places, with ranges and without (E65)",
            arguments: ["cut", "norange", "once", "trickle", "busy", "later", "elsewhere"])
        func goesOn(mode: String) throws {
            let outcome = try davit.davit("pull", name(mode))
            #expect(outcome.code == 0, "\(outcome)")
            #expect(outcome.lines.last == "\(name(mode)):latest")
            #expect(outcome.out.contains("Status: Downloaded newer image for \(name(mode)):latest"))
            #expect(try davit.shell("$DAVIT save \(name(mode)) | tar -xOf - manifest.json | grep -c sha256").out == "1\n")
            if mode == "cut" { #expect(try registry.requests().contains { $0.contains("/cut/blobs/") && $0.contains("bytes=") }) }
        }

        @Test("a statement about an image goes on where it was cut, and a wrong one is not kept (E65)") func statements() throws {
            #expect(try davit.davit("pull", name("attested/cut")).code == 0)
            let digest = try #require(try registry.requests().first { $0.hasPrefix("statement ") }?.dropFirst(10))
            #expect(try registry.requests().contains { $0.hasPrefix("GET /v2/attested/cut/blobs/\(digest) bytes=") })
            #expect(try davit.must("image", "inspect", "-f", "{{range .Manifests}}{{.Kind}} {{.Available}} {{end}}", name("attested/cut")) == "image true attestation true ")
            let outcome = try davit.davit("pull", name("attested/corrupt"))
            #expect(outcome.code == 0 || outcome.err.contains("is sha256:"), "\(outcome)")
        }

        @Test(
            "what is not what it should be is refused in words, and nothing of it is there",
            arguments: [
                ("corrupt", "filesystem layer verification failed for digest sha256:"), ("swapped", "expected sha256:"), ("long", "its descriptor says"),
                ("short", "its descriptor says"), ("loop", "redirect"), ("missing", "blob unknown to registry"), ("lies", "calls itself"),
                ("both", "does not have these members"), ("changed", "manifest verification failed for digest"), ("deep", "invalid image manifest"),
                ("huge", "more than 4194304 bytes"), ("old", "schema 1"), ("noise", "manifest verification failed for digest"), ("endless-manifest", "more than 4194304 bytes"),
                ("endless", "bytes of its descriptor"), ("otherpart", "another part"), ("limited", "100 requests allowed in 6 h, 0 left, try again in 2 h"),
                ("denied", "pull access denied"), ("basic", "no basic auth credentials"),
            ])
        func refused(mode: String, words: String) throws {
            let outcome = try davit.davit("pull", name(mode))
            #expect(outcome.code == 1)
            #expect(outcome.err.contains(words), "\(outcome)")
            #expect(try davit.must("images", "-aq") == "")
            #expect(try FileDescriptor.open("\(davit.dataRoot)/layers", [.directory]).entries().filter { $0 != "empty" }.isEmpty)
        }

        @Test(
            "credentials are not sent to a realm or place of somebody else",
            arguments: [("theft", "evil.example"), ("theft-http", "10.1.2.3")])
        func theft(mode: String, host: String) throws {
            try FileSystem.makeDirectories("\(davit.directory)/.docker")
            try FileSystem.replace("\(davit.directory)/.docker/config.json", with: Array(#"{"auths":{"127.0.0.1:5999":{"auth":"bWU6c2VjcmV0"}}}"#.utf8))
            let outcome = try davit.davit("pull", name(mode))
            #expect(outcome.code == 1)
            #expect(outcome.err.contains(host) && outcome.err.contains("refused"), "\(outcome)")
        }

        @Test("a push that is sent on to another host goes there without the token") func uploadElsewhere() throws {
            #expect(try davit.davit(["login", "-u", "me", "--password-stdin", WickedRegistry.host], input: "secret\n").code == 0)
            try davit.must("pull", "-q", name("index"))
            try davit.must("tag", name("index"), name("push/token:1"))
            try davit.must("push", name("push/token:1"))
            let uploads = try registry.requests().filter { $0.hasPrefix("PUT ") && $0.contains("/uploads/") }
            #expect(uploads.count >= 2 && uploads.allSatisfy { $0.hasSuffix(" None 5998") }, "\(uploads)")
            #expect(try registry.requests().contains { $0.hasPrefix("PUT /v2/push/token/manifests/1 ") && $0.hasSuffix(" Bearer good 5999") })
        }

        @Test("a redirect leaves the token behind; tokens are bought by password and by refresh token (A01, C15, E65)")
        func tokens() throws {
            let login = try davit.davit(["login", "-u", "me", "--password-stdin", WickedRegistry.host], input: "secret\n")
            #expect(login.code == 0, "\(login)")
            let pulled = try davit.davit("pull", name("token-elsewhere"))
            #expect(pulled.code == 0, "\(pulled)")
            let requests = try registry.requests()
            #expect(requests.contains { $0.hasPrefix("GET /token") && $0.contains("account=me") && $0.contains("token-elsewhere%3Apull") })
            let elsewhere = requests.filter { $0.hasSuffix(" 5998") }
            #expect(elsewhere.count == 2)
            #expect(elsewhere.allSatisfy { $0.hasSuffix("None 5998") })
            #expect(requests.contains { $0.contains("/blobs/") && $0.hasSuffix("Bearer good 5999") })
            try FileSystem.replace(
                "\(davit.directory)/.docker/config.json", with: Array(#"{"auths":{"127.0.0.1:5999":{"auth":"bWU6","identitytoken":"refresh"}}}"#.utf8))
            #expect(try davit.davit("pull", name("x/token")).code == 0)
            #expect(try registry.requests().contains { $0.hasPrefix("POST /token") && $0.contains("grant_type=refresh_token") })
            try FileSystem.replace("\(davit.directory)/.docker/config.json", with: Array(#"{"auths":{"127.0.0.1:5999":{"auth":"bWU6d3Jvbmc="}}}"#.utf8))
            let wrong = try davit.davit("pull", name("y/token"))
            #expect(wrong.code == 1)
            #expect(wrong.err.contains("incorrect username or password"), "\(wrong)")
        }

        @Test("a login with a token server that gives refresh tokens keeps one, not the password (A01, E169)") func identityToken() throws {
            #expect(try davit.shell("curl -s http://\(WickedRegistry.host)/login").code == 0)
            let wrong = try davit.davit(["login", "-u", "me", "--password-stdin", WickedRegistry.host], input: "wrong\n")
            #expect(wrong.code == 1 && wrong.err.contains("incorrect username or password"), "\(wrong)")
            let login = try davit.davit(["login", "-u", "me", "--password-stdin", WickedRegistry.host], input: "secret\n")
            #expect(login.code == 0 && login.out.contains("Login Succeeded"), "\(login)")
            let config = String(decoding: try FileSystem.read("\(davit.directory)/.docker/config.json"), as: UTF8.self)
            #expect(config.contains("\"identitytoken\": \"refresh\"") && !config.contains("bWU6c2VjcmV0"), "\(config)")
            try davit.must("pull", "-q", name("x/token"))
            #expect(try registry.requests().contains { $0.hasPrefix("POST /token") && $0.contains("refresh_token=refresh") })
        }

        @Test("of an index the best platform is taken, others by name, and the digest is the index's (B12, B13, E62)")
        func platforms() throws {
            let arm = try davit.must("pull", "-q", "--platform", "linux/arm/v7", name("index"))
            #expect(arm == "\(name("index")):latest")
            #expect(try davit.must("image", "inspect", "-f", "{{.Architecture}}{{.Variant}}", name("index")) == "armv7")
            let outcome = try davit.davit("pull", name("index"))
            #expect(outcome.out.contains("Already exists"), "\(outcome)")
            #expect(try davit.must("image", "inspect", "-f", "{{.Architecture}}", name("index")) == "amd64")
            let digest = outcome.lines.first { $0.hasPrefix("Digest: ") }.map { String($0.dropFirst(8)) } ?? ""
            #expect(try davit.must("image", "inspect", "-f", "{{index .RepoDigests 0}}", name("index")) == "\(name("index"))@\(digest)")
            #expect(try davit.davit("pull", "\(name("index"))@\(digest)").out.contains("Status: Image is up to date"))
            let none = try davit.davit("pull", "--platform", "linux/riscv64", name("index"))
            #expect(none.err.contains("no matching manifest for linux/riscv64 in the manifest list entries"), "\(none)")
            let all = try davit.davit("pull", "-a", name("plain"))
            #expect(all.code == 0, "\(all)")
            #expect(try davit.must("images", "-q", name("plain")).split(separator: "\n").count == 2)
        }

        @Test("a pull killed at any point leaves nothing half-visible, and the next one finishes it", arguments: ["part", "content", "sync", "layers"])
        func killed(point: String) throws {
            let dead = try davit.davit(["pull", name("plain")], environment: ["DAVIT_FAILPOINT=pull.after-\(point)"])
            #expect(dead.code == 137)
            #expect(try davit.must("images", "-aq") == "")
            let before = try registry.requests().count
            let outcome = try davit.davit("pull", name("plain"))
            #expect(outcome.code == 0, "\(outcome)")
            let after = try registry.requests().dropFirst(before)
            if point == "part" { #expect(after.contains { $0.contains("/blobs/") && $0.contains("bytes=") }) }
            // Only the configuration is asked for again: blobs that were whole are not.
            if point != "part" { #expect(after.count { $0.contains("/blobs/") } == 1, "\(after)") }
        }

        @Test("a full disk is said, leaves nothing, and is no harm afterwards")
        func diskFull() throws {
            let small = "\(davit.directory)/small"
            let script = """
                mkdir -p \(small); unshare -m sh -c 'mount -t tmpfs -o size=1200k none \(small)
                \(Installation.program) --root \(small) --run-root \(davit.runRoot) pull \(name("plain")); echo code $?
                \(Installation.program) --root \(small) --run-root \(davit.runRoot) images -q; ls \(small)/content/ingest | wc -l'
                """
            let outcome = try davit.shell(script)
            #expect(outcome.out.hasSuffix("code 1\n0\n"), "\(outcome)")
            #expect(outcome.err.contains("\(small)/") && outcome.err.contains(": no space left on device"), "\(outcome)")
        }
    }
}
