import Archive
import HTTP
import HTTPTransport
import Linux
import OCI
import Testing

@testable import RegistryServer

/// distribution-spec, "Push", clause by clause.
@Suite struct PushTests {
    let registry: Registry
    let bytes = Array("some content".utf8)

    init() throws { registry = try Registry() }

    private func expectBlob(_ digest: Digest, _ content: [UInt8]) async throws {
        let answer = try await registry.ask(.get, "/v2/a/blobs/\(digest)")
        #expect(answer.status == 200)
        #expect(answer.body == content)
        #expect(answer.headers["Docker-Content-Digest"] == digest.description)
    }

    @Test func postThenPut() async throws {
        let digest = ContentHasher.digest(bytes), location = try await registry.begin()
        let answer = try await registry.ask(.put, "\(location)?digest=\(digest)", body: bytes)
        #expect(answer.status == 201)
        #expect(answer.headers["Location"] == "/v2/a/blobs/\(digest)")
        try await expectBlob(digest, bytes)
        #expect(try await registry.ask(.get, location).status == 404)
    }

    @Test(arguments: [ContentHasher.Algorithm.sha256, .sha384, .sha512]) func singlePost(algorithm: ContentHasher.Algorithm) async throws {
        let digest = ContentHasher.digest(bytes, algorithm)
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?digest=\(digest)", body: bytes).status == 201)
        try await expectBlob(digest, bytes)
    }

    @Test func chunks() async throws {
        let digest = ContentHasher.digest(bytes), location = try await registry.begin()
        let first = try await registry.ask(.patch, location, ["Content-Range": "0-3"], body: Array(bytes[..<4]))
        #expect(first.status == 202)
        #expect(first.headers["Range"] == "0-3")
        // Out of order, overlapping, or of another length than it says.
        for (range, body) in [("8-11", bytes[8...]), ("0-3", bytes[..<4]), ("4-3", bytes[..<1]), ("x-y", bytes[..<1]), ("4-", bytes[..<1])] {
            let wrong = try await registry.ask(.patch, location, ["Content-Range": range], body: Array(body))
            #expect(wrong.status == 416, "\(range)")
            #expect(wrong.code == "RANGE_INVALID")
        }
        #expect(try await registry.ask(.patch, location, ["Content-Range": "4-9"], body: Array(bytes[4..<8])).code == "SIZE_INVALID")
        let status = try await registry.ask(.get, location)
        #expect(status.status == 204)
        #expect(status.headers["Range"] == "0-3")
        #expect(status.headers["Location"] == location)
        #expect(try await registry.ask(.patch, location, ["Content-Range": "4-7"], body: Array(bytes[4..<8])).status == 202)
        #expect(try await registry.ask(.put, "\(location)?digest=\(digest)", ["Content-Range": "8-11"], body: Array(bytes[8...])).status == 201)
        try await expectBlob(digest, bytes)
    }

    @Test func streamed() async throws {
        let location = try await registry.begin()
        #expect(try await registry.ask(.patch, location, body: bytes).headers["Range"] == "0-11")
        #expect(try await registry.ask(.put, "\(location)?digest=\(ContentHasher.digest(bytes))").status == 201)
        let empty = try await registry.begin()
        #expect(try await registry.ask(.get, empty).headers["Range"] == "0-0")
        #expect(try await registry.ask(.put, "\(empty)?digest=\(ContentHasher.digest([]))").status == 201)
        try await expectBlob(ContentHasher.digest([]), [])
    }

    @Test func wrongDigests() async throws {
        let other = ContentHasher.digest([1]), location = try await registry.begin()
        #expect(try await registry.ask(.put, "\(location)?digest=sha256:abc", body: bytes).code == "DIGEST_INVALID")
        #expect(try await registry.ask(.put, location, body: bytes).code == "DIGEST_INVALID")
        let wrong = try await registry.ask(.put, "\(location)?digest=\(other)", body: bytes)
        #expect(wrong.status == 400)
        #expect(wrong.code == "DIGEST_INVALID")
        #expect(try await registry.ask(.head, "/v2/a/blobs/\(other)").status == 404)
        #expect(try await registry.ask(.get, location).code == "BLOB_UPLOAD_UNKNOWN")
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?digest=\(other)", body: bytes).code == "DIGEST_INVALID")
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?digest=md5:00", body: bytes).status == 400)
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?digest-algorithm=md5").status == 400)
        // Nothing of it stays.
        var blobs = 0
        try registry.store.allBlobs { _ in blobs += 1 }
        #expect(blobs == 0)
    }

    @Test func cancelledAndUnknown() async throws {
        let location = try await registry.begin()
        #expect(try await registry.ask(.delete, location).status == 204)
        #expect(try await registry.ask(.get, location).status == 404)
        let other = try await registry.begin("b")
        for path in [
            "/v2/a/blobs/uploads/\(other.split(separator: "/").last ?? "")", "/v2/a/blobs/uploads/..", "/v2/a/blobs/uploads/x",
            "/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000",
        ] {
            #expect(try await registry.ask(.patch, path, body: bytes).code == "BLOB_UPLOAD_UNKNOWN", "\(path)")
        }
    }

    @Test func goesOnInAnotherProcess() async throws {
        let location = try await registry.begin()
        #expect(try await registry.ask(.patch, location, body: Array(bytes[..<5])).status == 202)
        let id = try #require(UploadID(location.split(separator: "/").last ?? ""))
        // What another process would not know.
        registry.store.uploads.remove(id)
        #expect(try await registry.ask(.get, location).headers["Range"] == "0-4")
        #expect(try await registry.ask(.patch, location, ["Content-Range": "5-11"], body: Array(bytes[5...])).status == 202)
        registry.store.uploads.remove(id)
        #expect(try await registry.ask(.put, "\(location)?digest=\(ContentHasher.digest(bytes))").status == 201)
    }

    @Test func abandonedUploadsArePurged() async throws {
        _ = try await registry.begin()
        #expect(try registry.store.purgeUploads(olderThan: .seconds(3600)) == 0)
        #expect(try registry.store.purgeUploads(olderThan: .zero, dryRun: true) == 1)
        #expect(try registry.store.purgeUploads(olderThan: .zero) == 1)
        #expect(try registry.store.purgeUploads(olderThan: .zero) == 0)
    }

    @Test func mounts() async throws {
        let digest = try await registry.push(bytes, to: "b")
        let missing = try await registry.ask(.post, "/v2/a/blobs/uploads/?mount=\(digest)&from=c")
        #expect(missing.status == 202)
        let mounted = try await registry.ask(.post, "/v2/a/blobs/uploads/?mount=\(digest)&from=b")
        #expect(mounted.status == 201)
        #expect(mounted.headers["Location"] == "/v2/a/blobs/\(digest)")
        try await expectBlob(digest, bytes)
        // From wherever it is, where everybody may see everything.
        #expect(try await registry.ask(.post, "/v2/d/blobs/uploads/?mount=\(digest)").status == 201)
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?mount=nonsense&from=b").status == 202)
    }

    @Test func relativeAndAbsoluteLocations() async throws {
        let digest = try await registry.push(bytes)
        let path = "/v2/a/blobs/uploads/?mount=\(digest)&from=a"
        #expect(try await registry.ask(.post, path, ["Host": "r.example:5000"]).headers["Location"] == "http://r.example:5000/v2/a/blobs/\(digest)")
        let proxied: HeaderFields = ["Host": "inner", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "r.example"]
        #expect(try await registry.ask(.post, path, proxied).headers["Location"] == "https://r.example/v2/a/blobs/\(digest)")
        #expect(try await registry.ask(.post, path, ["Host": "a\"<b"]).headers["Location"] == "/v2/a/blobs/\(digest)")
        let fixed = try Registry { ($0.host, $0.prefix) = ("https://h.example", "/deep") }
        let answer = try await fixed.ask(.post, "/deep/v2/a/blobs/uploads/", ["Host": "inner"])
        #expect(answer.headers["Location"]?.hasPrefix("https://h.example/deep/v2/a/blobs/uploads/") == true)
        #expect(try await fixed.ask(.get, "/v2/").status == 404)
    }

    @Test func listsMayBeSparseWhereTheConfigurationSaysSo() async throws {
        func list(_ platforms: [String]) -> [UInt8] {
            let entries = platforms.map { platform in
                "{\"mediaType\":\"\(MediaType.manifest)\",\"digest\":\"\(ContentHasher.digest(Array(platform.utf8)))\",\"size\":9,"
                    + "\"platform\":{\"os\":\"linux\",\"architecture\":\"\(platform)\"}}"
            }
            return Array("{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.index)\",\"manifests\":[\(entries.joined(separator: ","))]}".utf8)
        }
        let type: HeaderFields = ["Content-Type": MediaType.index]
        for (setting, taken) in [
            ("platforms: all", []), ("platforms: none", ["arm64", "amd64"]), ("platforms: list, platformlist: [{os: linux, architecture: amd64}]", ["arm64"]),
        ] {
            let read = try RegistryConfiguration(yaml: Array("version: 0.1\nvalidation: {manifests: {indexes: {\(setting)}}}".utf8))
            #expect(read.warnings.isEmpty)
            let registry = try Registry { $0.listedPlatforms = read.listedPlatforms }
            for platform in ["arm64", "amd64"] {
                #expect(try await registry.ask(.put, "/v2/a/manifests/1", type, body: list([platform])).status == (taken.contains(platform) ? 201 : 400))
            }
        }
        #expect(try RegistryConfiguration(yaml: Array("version: 0.1\nvalidation: {disabled: true}".utf8)).listedPlatforms == [])
    }

    @Test func layersComeFromElsewhereWhereTheConfigurationSaysSo() async throws {
        let type: HeaderFields = ["Content-Type": MediaType.manifest]
        func configuration(_ urls: String) throws -> RegistryConfiguration {
            try RegistryConfiguration(yaml: Array("version: 0.1\nvalidation: {manifests: {urls: {\(urls)}}}".utf8))
        }
        for (setting, taken) in [
            ("allow: ['^https?://foo'], deny: ['^https?://foo/nope']", ["https://foo/a"]), ("deny: [nope]", ["https://foo/a", "http://bar/a"]),
            ("allow: []", ["https://foo/a", "http://bar/a", "http://foo/nope", "ftp://foo/a", "http://foo/#a", ""]),
        ] {
            let read = try configuration(setting)
            #expect(read.warnings.isEmpty)
            let registry = try Registry { $0.layerURLs = read.layerURLs }
            let config = try await registry.push(Array("{}".utf8))
            for url in ["https://foo/a", "http://bar/a", "http://foo/nope", "ftp://foo/a", "http://foo/#a", ""] {
                let foreign =
                    "{\"mediaType\":\"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip\",\"digest\":\"\(ContentHasher.digest([1]))\",\"size\":1,\"urls\":[\(url.isEmpty ? "" : "\"\(url)\"")]}"
                let manifest =
                    "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.manifest)\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"\(config)\",\"size\":2},\"layers\":[\(foreign)]}"
                let status = try await registry.ask(.put, "/v2/a/manifests/1", type, body: Array(manifest.utf8)).status
                #expect(status == (taken.contains(url) ? 201 : 400), "\(setting) \(url)")
            }
        }
        #expect(throws: (any Error).self) { try configuration("allow: ['(']") }
    }

    @Test func manifestsNeedWhatTheyName() async throws {
        let config = try await registry.push(Array("{}".utf8)), layer = ContentHasher.digest(bytes)
        let manifest = try Registry.manifest(config: config, 2, layer: layer, bytes.count)
        let type: HeaderFields = ["Content-Type": MediaType.manifest]
        let refused = try await registry.ask(.put, "/v2/a/manifests/v1", type, body: manifest)
        #expect(refused.status == 400)
        #expect(refused.code == "MANIFEST_BLOB_UNKNOWN")
        #expect(refused.text.contains(layer.description))
        #expect(try await registry.ask(.get, "/v2/a/manifests/v1").status == 404)
        // Content of another repository is none of this one's.
        try await registry.push(bytes, to: "b")
        #expect(try await registry.ask(.put, "/v2/a/manifests/v1", type, body: manifest).code == "MANIFEST_BLOB_UNKNOWN")
        try await registry.push(bytes)
        // Sizes are for clients to check, as with Docker's registry; a page that adds them up must bear any.
        let wrongSize = try Registry.manifest(config: config, Int.max, layer: layer, Int.max)
        #expect(try await registry.ask(.put, "/v2/a/manifests/odd", type, body: wrongSize).status == 201)
        #expect(try await registry.ask(.get, "/?repository=a", ["Accept": "text/html"]).status == 200)
        let taken = try await registry.ask(.put, "/v2/a/manifests/v1", type, body: manifest)
        #expect(taken.status == 201)
        #expect(taken.headers["Docker-Content-Digest"] == ContentHasher.digest(manifest).description)
        let other = ContentHasher.digest([2])
        #expect(try await registry.ask(.put, "/v2/a/manifests/\(other)", type, body: manifest).code == "DIGEST_INVALID")
        let digest = ContentHasher.digest(manifest, .sha512)
        let tagged = try await registry.ask(.put, "/v2/a/manifests/\(digest)?tag=x&tag=y", type, body: manifest)
        #expect(tagged.headers.all("OCI-Tag") == ["x", "y"])
        #expect(try await registry.ask(.head, "/v2/a/manifests/y", ["Accept": "*/*"]).headers["Docker-Content-Digest"] == digest.description)
        #expect(try await registry.ask(.put, "/v2/a/manifests/.x", type, body: manifest).code == "TAG_INVALID")
    }

    @Test func readOnlyRefusesWithoutAsking() async throws {
        let digest = try await registry.pushImage(bytes)
        let configuration = { (c: inout RegistryConfiguration) in c.isReadOnly = true }
        var settings = RegistryConfiguration()
        configuration(&settings)
        let api = try RegistryAPI(try RegistryStore(root: registry.root, readOnly: true), settings)
        let read = await api.respond(to: Request(.get, "/v2/a/manifests/\(digest)"))
        #expect(read.status == 200)
        for (method, path) in [(HTTP.Method.post, "/v2/a/blobs/uploads/"), (.put, "/v2/a/manifests/x"), (.delete, "/v2/a/manifests/latest"), (.delete, "/v2/a/blobs/\(digest)")] {
            #expect(await api.respond(to: Request(method, path)).status == 405)
        }
    }

    @Test func oneProcessOwnsADirectory() throws {
        #expect { try RegistryStore(root: registry.root) } throws: { "\($0)".contains("belongs to a running process") }
    }
}
