import Linux
import Testing

extension Integration {
    /// What builds say of their images: attestations and annotations.
    @Suite struct BuildStatementTests {
        let it: Installation
        let registry: RegistryServer

        init() throws {
            it = try Installation.withImage()
            registry = try RegistryServer(on: it.network.map { .space($0) } ?? .own)
            try FileSystem.makeDirectories("\(it.directory)/context")
            try FileSystem.replace(
                "\(it.directory)/context/Dockerfile", with: Array("FROM busybox\nARG SECRET\nRUN --mount=type=secret,id=s --network=none echo made > /a\n".utf8))
        }

        /// What a registry has at a path of its API, by jq.
        private func get(_ path: String, _ question: String) throws -> String { try registry.must("curl -sL -H 'Accept: */*' $URL/v2/app/\(path) | jq -r '\(question)'") }

        private func build(_ arguments: String...) throws {
            let outcome = try it.davit(["build", "--push", "-t", "\(registry.address)/app"] + arguments + ["\(it.directory)/context"])
            #expect(outcome.code == 0, "\(outcome)")
        }

        /// The predicate of the only statement about the image.
        private func predicate(_ question: String) throws -> String {
            let of = #".manifests[] | select(.annotations["vnd.docker.reference.type"] == "attestation-manifest") | .digest"#
            let statement = try get("manifests/\(try get("manifests/latest", of))", ".layers[0].digest")
            return try get("blobs/\(statement)", question)
        }

        @Test("provenance: what it was made from, by whom it was asked for and how; the image goes as ever") func provenance() throws {
            try build("--provenance", "mode=max,builder-id=me", "--build-arg", "SECRET=x")
            #expect(try predicate("._type, .predicateType, .predicate.runDetails.builder.id") == "https://in-toto.io/Statement/v1\nhttps://slsa.dev/provenance/v1\nme")
            #expect(try predicate(".predicate.buildDefinition.resolvedDependencies[0].uri").hasPrefix("pkg:docker/busybox@latest?platform=linux%2F"))
            #expect(try predicate(#".predicate.buildDefinition.externalParameters.request | .args["build-arg:SECRET"], .secrets[0].id"#) == "x\ns")
            #expect(try predicate(".predicate.runDetails.metadata.buildkit_metadata.source.infos[0].data | @base64d").hasPrefix("FROM busybox"))
            let manifest = try get("manifests/latest", ".manifests[0].digest"), subject = "sha256:" + (try predicate(".subject[0].digest.sha256"))
            #expect(manifest == subject)
            try it.must("rmi", "\(registry.address)/app")
            #expect(try it.must("run", "--rm", "\(registry.address)/app", "cat", "/a") == "made")

            try build("--attest", "type=provenance,mode=min,version=v0.2", "--build-arg", "SECRET=x")
            #expect(try predicate(".predicateType, .predicate.metadata.completeness.parameters") == "https://slsa.dev/provenance/v0.2\nfalse")
            #expect(try predicate(".predicate.invocation.parameters.args, .predicate.invocation.parameters.secrets") == "null\nnull")
        }

        @Test("a bill of materials: a scanner's image looks at the files") func contents() throws {
            let statement = #"{"_type":"x","predicateType":"https://spdx.dev/Document","predicate":{"name":"'$(cat $BUILDKIT_SCAN_SOURCE/a)'"}}"#
            let scanner = "FROM busybox\nCMD echo '\(statement)' > $BUILDKIT_SCAN_DESTINATION/sbom.spdx.json\n"
            #expect(try it.davit(["build", "-t", "scanner", "-"], input: scanner).code == 0)
            try build("--sbom", "generator=scanner", "--secret", "id=s,env=PATH")
            #expect(try predicate(".predicateType, .predicate.name") == "https://spdx.dev/Document\nmade")
            let failing = try it.davit(["build", "-t", "failing", "-"], input: "FROM busybox\nCMD false\n")
            #expect(failing.code == 0)
            let outcome = try it.davit(["build", "--sbom", "generator=failing", "\(it.directory)/context"])
            #expect(outcome.code == 1 && outcome.err.contains("did not complete successfully"), "\(outcome)")
        }

        @Test("annotations: of manifests; what is none says so") func annotations() throws {
            try build("--annotation", "a.b=c", "--annotation", "manifest:d=e:f")
            #expect(try get("manifests/latest", #".annotations["a.b"], .annotations.d"#) == "c\ne:f")
            for (flags, message) in [
                (["--annotation", "x"], "invalid annotation"), (["--annotation", "index:a=b"], "index annotations not supported"),
                (["--attest", "type=x"], "unknown attestation type"),
                (["--provenance", "mode=x"], "invalid mode"), (["--attest", "mode=max"], "attestation type"),
            ] {
                let outcome = try it.davit(["build"] + flags + ["\(it.directory)/context"])
                #expect(outcome.code == 1 && outcome.err.contains(message), "\(outcome)")
            }
        }
    }
}
