import Linux
import Testing

extension Integration {
    @Suite("tools that talk to registries alone", .serialized)
    struct RegistryTools {
        let davit: Installation

        init() throws { davit = try Installation.withImage() }

        /// Pushes busybox as `repo/image:1`; gives the name and the digest.
        private func push(to registry: RegistryPeer) throws -> (name: String, digest: String) {
            let name = "\(registry.host)/repo/image:1"
            try davit.must("tag", "busybox", name)
            try davit.must("push", "-q", name)
            return (name, try davit.must("registry", "digest", name))
        }

        @Test("ping, ls, tags, digest, manifest, inspect, blob, delete (C34, E183, E184, E185, E186, E187)", arguments: RegistryPeer.Server.allCases)
        func looking(server: RegistryPeer.Server) throws {
            let registry = try RegistryPeer(server, on: davit)
            let (name, digest) = try push(to: registry)
            #expect(try davit.must("registry", "ping", registry.host) == "\(registry.host) answers")
            #expect(try davit.must("registry", "ls", registry.host) == "repo/image")
            #expect(try davit.must("registry", "tags", "\(registry.host)/repo/image") == "1")
            #expect(try davit.must("registry", "manifest", name).contains("\"schemaVersion\": 2"))
            let raw = try davit.davit("registry", "manifest", "--raw", name).out
            #expect(try davit.network?.shell("printf %s '\(raw)' | sha256sum").out.hasPrefix(digest.dropFirst(7)) == true)
            #expect(try davit.must("registry", "inspect", "--format", "{{.os}}", name) == "linux")
            let layer = try #require(raw.split(separator: "\"").last { $0.hasPrefix("sha256:") })
            let blob = try davit.network?.shell("\(Installation.program) registry blob \(registry.host)/repo/image@\(layer) | sha256sum")
            #expect(blob?.out.hasPrefix(layer.dropFirst(7)) == true)
            #expect(try davit.must("registry", "delete", name) == "Deleted: \(registry.host)/repo/image@\(digest)")
            let gone = try davit.davit("registry", "digest", name)
            #expect(gone.code == 1 && gone.err.contains("manifest unknown"), "\(gone)")
            #expect(try davit.must("registry", "config") == "{}")
            #expect(try davit.davit(["registry", "login", "-u", "me", "--password-stdin", registry.host], input: "secret\n").out.contains("Login Succeeded"))
            let config = try davit.must("registry", "config")
            #expect(config.contains("me") && config.contains(registry.host) && !config.contains("c2VjcmV0") && !config.contains("secret"), "\(config)")
        }

        @Test("copies of all platforms, within a registry and between two; no blob is sent twice (E182, E188, E189)")
        func copying() throws {
            let own = try RegistryPeer(.own, on: davit)
            let (name, digest) = try push(to: own)
            let multi = "\(own.host)/repo/multi:1"
            try davit.must("buildx", "imagetools", "create", "-t", multi, "--annotation", "index:a=b", name)
            let index = try davit.must("registry", "digest", multi)
            #expect(index != digest)
            let shown = try davit.must("buildx", "imagetools", "inspect", multi)
            #expect(shown.hasPrefix("Name:      \(multi)\nMediaType: application/vnd.oci.image.index.v1+json\nDigest:    \(index)"))
            #expect(shown.contains("\nManifests: \n  Name:      \(multi)@\(digest)\n  MediaType: ") && shown.hasSuffix("\n  Platform:  linux/amd64"))
            let again = try davit.must("registry", "copy", multi, "\(own.host)/repo/multi:2")
            let size = try davit.davit("registry", "manifest", "--raw", multi).out.utf8.count
            #expect(!again.contains("Pushed") && again.hasSuffix("\(own.host)/repo/multi:2: digest: \(index) size: \(size)"))
            let other = try davit.must("image", "copy", multi, "\(own.host)/elsewhere:1")
            #expect(other.contains("Mounted") && !other.contains("Pushed"))
            #expect(try davit.must("registry", "digest", "\(own.host)/elsewhere:1") == index)
            // Whoever pulls it gets this machine's platform; the index names it.
            try davit.must("pull", "-q", "\(own.host)/elsewhere:1")
            #expect(try davit.must("images", "--digests", "--format", "{{.Digest}}", "\(own.host)/elsewhere") == index)
        }

        @Test("imagetools create: what becomes an index and what stays, descriptors from files, annotations, platforms, metadata (B11)")
        func creating() throws {
            let registry = try RegistryPeer(.own, on: davit)
            let (name, digest) = try push(to: registry)
            let base = "\(registry.host)/repo"
            func create(_ arguments: String...) throws {
                let outcome = try davit.davit(["buildx", "imagetools", "create"] + arguments)
                #expect(outcome.code == 0, "\(outcome)")
            }
            func raw(_ name: String, _ filter: String) throws -> String {
                let text = try davit.must("buildx", "imagetools", "inspect", "--raw", name)
                try FileSystem.replace("\(davit.directory)/raw.json", with: Array(text.utf8))
                return try davit.shell("jq -crS '\(filter)' \(davit.directory)/raw.json").out
            }
            try create("-t", "\(base)/image:list", name)
            #expect(try raw("\(base)/image:list", "[.manifests[]|.digest, .platform.os]") == "[\"\(digest)\",\"linux\"]\n")
            try create("--prefer-index=false", "-t", "\(base)/image:same", name)
            #expect(try davit.must("registry", "digest", "\(base)/image:same") == digest)
            // A list stays what it is, unless something is said of it.
            try create("--prefer-index=false", "-t", "\(base)/other:same", "\(base)/image:list")
            #expect(try davit.must("registry", "digest", "\(base)/other:same") == davit.must("registry", "digest", "\(base)/image:list"))

            let file = "\(davit.directory)/descriptor", metadata = "\(davit.directory)/metadata.json"
            let stated = "{\"digest\":\"\(digest)\",\"platform\":{\"architecture\":\"arm64\"},\"annotations\":{\"a\":\"b\"}}\n"
            try FileSystem.replace(file, with: Array(stated.utf8))
            try create(
                "--file", file, "-t", "\(base)/image:stated", "--metadata-file", metadata, "--annotation", "manifest-descriptor[linux/arm64]:c=d",
                "--annotation", "manifest-descriptor[linux/amd64]:e=f", "--annotation", "index,manifest-descriptor:g=h")
            #expect(
                try raw("\(base)/image:stated", "[.annotations, .manifests[0].annotations, .manifests[0].platform]")
                    == #"[{"g":"h"},{"a":"b","c":"d","g":"h"},{"architecture":"arm64","os":"linux"}]"# + "\n")
            let told = try davit.shell("jq -r '.[\"containerimage.descriptor\"].digest, .[\"image.name\"]' \(metadata)")
            #expect(told.out == "\(try davit.must("registry", "digest", "\(base)/image:stated"))\n\(base)/image\n")

            // What is said about an image stays with it.
            let proof = "{\"digest\":\"\(digest)\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{\"vnd.docker.reference.digest\":\"\(digest)\"}}"
            let refused = try davit.davit("buildx", "imagetools", "create", "--dry-run", "--platform", "linux/s390x", "\(base)/image:stated")
            #expect(refused.code == 1 && refused.err.contains("none of the manifests match the provided platforms"), "\(refused)")
            let shown = try davit.must("buildx", "imagetools", "create", "--dry-run", "-p", "linux/arm64", "\(base)/image:stated")
            #expect(shown.contains(digest) && shown.hasPrefix("{\n  \"schemaVersion\": 2,\n  \"mediaType\""), "\(shown)")
            for (words, reason) in [
                (["-t", "\(base)/image:x", "\(base)/other:same", proof], "cannot infer repository"),
                (["-t", "\(base)/image:x", #"{"schemaVersion":2,"digest":"\#(digest)"}"#], "got a manifest or index"),
                (["-t", "\(base)/image:x", "--annotation", "manifest:a=b", name], "not supported yet"),
                (["-t", "\(base)/image:x", #"{"digest":"\#(digest)","size":7}"#], "size mismatch"),
            ] {
                let outcome = try davit.davit(["buildx", "imagetools", "create"] + words)
                #expect(outcome.code == 1 && outcome.err.contains(reason), "\(outcome)")
            }
        }

        @Test("lists of manifests put together by hand")
        func lists() throws {
            let registry = try RegistryPeer(.debian, on: davit)
            let (name, digest) = try push(to: registry)
            let list = "\(registry.host)/repo/list:1"
            #expect(try davit.must("manifest", "create", list, name) == "Created manifest list \(list)")
            #expect(try davit.davit("manifest", "create", list, name).err.contains("refusing to amend an existing manifest list with no --amend flag"))
            try davit.must("manifest", "annotate", "--os", "linux", "--arch", "arm", "--variant", "v7", list, name)
            let shown = try davit.must("manifest", "inspect", list)
            #expect(
                shown.hasPrefix("{\n   \"schemaVersion\": 2,\n") && shown.contains("\"digest\": \"\(digest)\",\n         \"platform\": {\n            \"architecture\": \"arm\","),
                "\(shown)")
            #expect(try davit.must("manifest", "inspect", "-v", list).hasPrefix("[\n\t{\n\t\t\"Ref\": \"\(name)\",\n"))
            #expect(try davit.must("manifest", "inspect", list, name).contains("\"layers\": ["))
            let sum = try davit.shell("printf '%s' '\(shown)' | sha256sum").out.prefix(64)
            for (words, reason) in [
                (["inspect", list, "\(registry.host)/x"], "No such manifest: \(registry.host)/x"), (["inspect", "\(registry.host)/x:1"], "no such manifest: \(registry.host)/x:1"),
                (["annotate", "--os", "foo", "--arch", "bar", list, name], "unsupported os/arch combination: foo/bar"),
                (["create", "th!si", name], "error parsing name for manifest list th!si: "),
                (["push", "\(registry.host)/none:1"], "No such manifest: \(registry.host)/none:1"),
            ] {
                let outcome = try davit.davit(["manifest"] + words)
                #expect(outcome.code == 1 && outcome.err.contains(reason), "\(outcome)")
            }
            // Docker's client makes the very same list.
            #expect(try davit.must("manifest", "push", "--purge", list).hasSuffix("\nsha256:\(sum)"))
            let pushed = try davit.must("buildx", "imagetools", "inspect", list)
            #expect(pushed.contains("  Platform:  linux/arm/v7") && pushed.contains(digest))
            #expect(try davit.davit("manifest", "rm", list).err.contains("No such manifest: \(list)"))
        }

        @Test("nobody there, nothing there, nonsense")
        func refusals() throws {
            for (words, message) in [
                (["registry", "ping", "127.0.0.1:1"], "connection refused"), (["registry", "digest", "127.0.0.1:1/x:y"], "connection refused"),
                (["registry", "tags", "case/UPPER"], "repository name"), (["registry", "blob", "127.0.0.1:1/x:y"], "requires a digest"),
                (["registry", "delete", "127.0.0.1:1/x"], "names a whole repository"), (["buildx", "imagetools", "create", "a"], "--tag or --dry-run"),
            ] {
                let outcome = try davit.davit(words)
                #expect(outcome.code == 1 && outcome.err.contains(message), "\(words): \(outcome)")
            }
        }
    }
}
