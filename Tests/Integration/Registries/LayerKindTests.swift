import Linux
import Testing

extension Integration {
    @Suite("layers of every kind", .serialized)
    struct LayerKinds {
        let davit: Installation
        let registry: WickedRegistry

        init() throws {
            davit = try Installation()
            registry = try WickedRegistry(davit)
        }

        private func name(_ kind: String) -> String { "\(WickedRegistry.host)/kind/\(kind)" }

        @Test("eStargz, zstd, zstd:chunked and plain tar are pulled, saved, loaded and pushed as they are") func forms() throws {
            let own = try RegistryPeer(.own, on: davit)
            for kind in ["estargz", "zstd", "zstd-unchecked", "zstd-chunked", "plain-tar"] { try check(kind, own) }
        }

        private func check(_ kind: String, _ own: RegistryPeer) throws {
            let copy = "\(own.host)/\(kind):1"
            let pulled = try davit.must("pull", name(kind))
            let digest = pulled.split(separator: "\n").first { $0.hasPrefix("Digest: ") }.map { String($0.dropFirst(8)) } ?? "none"
            try davit.must("create", "--name", "cc", name(kind))
            #expect(try davit.shell("$DAVIT cp cc:/etc/hello - | tar -xO").out == "hello\n")
            try davit.must("rm", "cc")
            #expect(try davit.shell("$DAVIT save \(name(kind)) > \(davit.directory)/s.tar && $DAVIT rmi -f \(name(kind)) && $DAVIT load -i \(davit.directory)/s.tar").code == 0)
            try davit.must("tag", name(kind), copy)
            let pushed = try davit.must("push", copy)
            #expect(pushed.contains("1: digest: \(digest) size: "), "\(pushed)")
        }

        @Test("what is no layer or no image is refused in Docker's words, and nothing of it is kept (B03 D17)") func refused() throws {
            for (kind, words) in [
                ("zstd-cut", "unexpected end of data"), ("gzip-cut", "unexpected end of data"), ("bzip2", "bzip2: this compression is not supported"),
                ("encrypted", "unsupported media type of layer"), ("layers501", "max depth exceeded"),
                ("artifact", "Encountered remote \"application/vnd.cncf.helm.config.v1+json\"(unknown) when fetching"),
                ("plugin", "Encountered remote \"application/vnd.docker.plugin.v1+json\"(plugin) when fetching"), ("old", "schema 1"),
            ] {
                let outcome = try davit.davit("pull", name(kind))
                #expect(outcome.code == 1)
                #expect(outcome.err.contains(words), "\(outcome)")
                #expect(try davit.must("images", "-aq") == "")
            }
        }

        @Test("130 layers are no more than three") func manyLayers() throws {
            try davit.must("pull", "-q", name("layers130"))
            try davit.must("create", "--name", "cc", name("layers130"))
            #expect(try davit.shell("$DAVIT cp cc:/layer - | tar -t | grep -c layer/.").out == "130\n")
        }

        @Test(
            "foreign layers come from where their maker says, without credentials, and are not pushed unless that is allowed",
            arguments: ["foreign", "nondistributable"])
        func foreign(kind: String) throws {
            let own = try RegistryPeer(.own, on: davit), copy = "\(own.host)/\(kind):1"
            try FileSystem.makeDirectories("\(davit.directory)/.docker")
            try FileSystem.replace(
                "\(davit.directory)/.docker/config.json", with: Array(#"{"auths":{"127.0.0.1:5999":{"auth":"bWU6c2VjcmV0"}}}"#.utf8))
            try davit.must("pull", name(kind))
            let asked = try registry.requests().filter { $0.contains("/elsewhere/") }
            #expect(asked.count == 1 && asked[0].hasSuffix(" None None 5998"), "\(asked)")
            try davit.must("tag", name(kind), copy)
            #expect(try davit.must("push", copy).contains("Skipped foreign layer"))
            let layer = try davit.shell("$DAVIT manifest inspect \(copy) | jq -r .layers[0].digest").lines[0]
            let head = "curl -s -o /dev/null -w %{http_code} -I http://\(own.host)/v2/\(kind)/blobs/\(layer)"
            #expect(try davit.shell(head).out == "404")
            try davit.must("rmi", "-f", copy, name(kind))
            try davit.must("pull", "-q", copy)
            try FileSystem.makeDirectories("\(davit.directory)/etc")
            try FileSystem.replace("\(davit.directory)/etc/daemon.json", with: Array(#"{"allow-nondistributable-artifacts":["127.0.0.0/8"]}"#.utf8))
            let allowed = try davit.davit(["push", copy], environment: ["DAVIT_CONFIG_DIR=\(davit.directory)/etc"])
            #expect(allowed.out.contains("Pushed"), "\(allowed)")
            #expect(try davit.shell(head).out == "200")
        }

        @Test("our registry refuses manifests of schema 1 and takes artifacts") func serverSide() throws {
            let own = try RegistryPeer(.own, on: davit)
            let old = try davit.shell(
                """
                curl -s -X PUT -H 'Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws' \\
                  -d '{"schemaVersion":1,"name":"x","tag":"1","fsLayers":[]}' http://\(own.host)/v2/x/manifests/1
                """)
            #expect(old.out.contains("MANIFEST_INVALID") && old.out.contains("schema 1 are not supported"), "\(old)")
            try davit.must("buildx", "imagetools", "create", "-t", "\(own.host)/artifact:1", name("artifact"))
            #expect(try davit.davit("pull", "\(own.host)/artifact:1").err.contains("Encountered remote"))
        }
    }
}
