import Archive
import HTTP
import HTTPTransport
import JSON
import OCI
import Testing

@testable import RegistryServer

/// distribution-spec, "Pull", "Content Discovery" and "Content Management", clause by clause.
@Suite struct PullTests {
    let registry: Registry
    let bytes = Array("0123456789".utf8)

    init() throws { registry = try Registry() }

    @Test("C25, C28, C29: the fields of a manifest's answer") func manifestFields() async throws {
        let digest = try await registry.pushImage(bytes)
        for reference in ["latest", digest.description] {
            let answer = try await registry.ask(.head, "/v2/a/manifests/\(reference)", ["Accept": MediaType.manifest])
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.headers["Content-Type"] == MediaType.manifest)
            #expect(answer.headers["Docker-Content-Digest"] == digest.description)
            #expect(answer.headers["Etag"] == "\"\(digest)\"")
            #expect(answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0")
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            let whole = try await registry.ask(.get, "/v2/a/manifests/\(reference)")
            #expect(answer.headers["Content-Length"] == "\(whole.body.count)")
            #expect(ContentHasher.digest(whole.body) == digest)
            let same = try await registry.ask(.get, "/v2/a/manifests/\(reference)", ["If-None-Match": "\"\(digest)\""])
            #expect(same.status == 304)
            #expect(same.body.isEmpty)
        }
    }

    @Test func whatIsNotThere() async throws {
        let digest = ContentHasher.digest(bytes)
        let tag = try await registry.ask(.get, "/v2/a/manifests/none")
        #expect(tag.status == 404)
        #expect(tag.text == #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"none"}}]}"# + "\n")
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(digest)").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/manifests/.INVALID").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/blobs/\(digest)").code == "BLOB_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/tags/list").code == "NAME_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/A/tags/list").code == "NAME_INVALID")
        #expect(try await registry.ask(.get, "/v2/../x/tags/list").code == "NAME_INVALID")
        #expect(try await registry.ask(.get, "/v2/a%2f..%2f..%2fb/tags/list").code == "NAME_INVALID")
        #expect(try await registry.ask(.get, "/v2/a/blobs/sha256:x").code == "DIGEST_INVALID")
        #expect(try await registry.ask(.get, "/elsewhere").status == 404)
        #expect(try await registry.ask(.post, "/v2/").code == "UNSUPPORTED")
        // Reading makes nothing.
        #expect(try registry.store.allRepositories().isEmpty)
    }

    @Test func negotiation() async throws {
        let digest = try await registry.pushImage(bytes)
        let docker = try Document.encode(
            Index(
                mediaType: MediaType.dockerManifestList,
                manifests: [Descriptor(mediaType: MediaType.manifest, digest: digest, size: try size(of: digest), platform: Platform(os: "linux", architecture: "amd64"))]))
        #expect(try await registry.ask(.put, "/v2/a/manifests/list", ["Content-Type": MediaType.dockerManifestList], body: docker).status == 201)
        func type(_ reference: String, _ accept: String?) async throws -> String? {
            var headers: HeaderFields = [:]
            headers["Accept"] = accept
            let answer = try await registry.ask(.get, "/v2/a/manifests/\(reference)", headers)
            return answer.status == 200 ? answer.headers["Content-Type"] : answer.code
        }
        #expect(try await type("latest", nil) == MediaType.manifest)
        #expect(try await type("latest", "*/*") == MediaType.manifest)
        #expect(try await type("latest", MediaType.dockerManifest) == "MANIFEST_UNKNOWN")
        #expect(try await type("latest", "\(MediaType.dockerManifest), \(MediaType.manifest);q=0.5") == MediaType.manifest)
        #expect(try await type("list", MediaType.dockerManifestList) == MediaType.dockerManifestList)
        #expect(try await type("list", nil) == MediaType.dockerManifestList)
        // An old client gets the image for linux/amd64.
        #expect(try await type("list", MediaType.manifest) == MediaType.manifest)
        #expect(try await type(ContentHasher.digest(docker).description, MediaType.manifest) == MediaType.dockerManifestList)
    }

    private func size(of digest: Digest) throws -> Int64 {
        let name = try #require(RepositoryName("a"))
        return Int64(try #require(try registry.store.manifest(.digest(digest), in: name)).bytes.count)
    }

    @Test(
        arguments: [
            ("bytes=2-4", 206, "234", "bytes 2-4/10"), ("bytes=7-", 206, "789", "bytes 7-9/10"), ("bytes=-3", 206, "789", "bytes 7-9/10"),
            ("bytes=-99", 206, "0123456789", "bytes 0-9/10"), ("bytes=8-99", 206, "89", "bytes 8-9/10"), ("bytes=0-0", 206, "0", "bytes 0-0/10"),
            ("bytes=10-", 416, nil, "bytes */10"), ("bytes=-0", 416, nil, "bytes */10"), ("bytes=5-2", 200, "0123456789", nil),
            ("bytes=0-1,4-5", 200, "0123456789", nil), ("bytes=x-", 200, "0123456789", nil), ("lines=1-2", 200, "0123456789", nil),
            ("bytes=99999999999999999999-", 200, "0123456789", nil),
        ] as [(String, Int, String?, String?)]) func ranges(range: String, status: Int, body: String?, field: String?) async throws
    {
        let digest = try await registry.push(bytes)
        let answer = try await registry.ask(.get, "/v2/a/blobs/\(digest)", ["Range": range])
        #expect(answer.status == status)
        #expect(answer.headers["Content-Range"] == field)
        if let body { #expect(answer.text == body) } else { #expect(answer.code == "RANGE_INVALID") }
    }

    @Test func conditionalBlobs() async throws {
        let digest = try await registry.push(bytes), path = "/v2/a/blobs/\(digest)"
        #expect(try await registry.ask(.get, path, ["If-None-Match": "\"\(digest)\""]).status == 304)
        #expect(try await registry.ask(.get, path, ["Range": "bytes=0-1", "If-Range": "\"other\""]).text == "0123456789")
        #expect(try await registry.ask(.get, path, ["Range": "bytes=0-1", "If-Range": "\"\(digest)\""]).text == "01")
        let head = try await registry.ask(.head, path)
        #expect(head.headers["Content-Length"] == "10" && head.headers["Accept-Ranges"] == "bytes")
    }

    @Test("C20, C21: lists in pages") func lists() async throws {
        #expect(try await registry.ask(.get, "/v2/_catalog").text == "{\"repositories\":[]}\n")
        for name in ["b/c", "a", "b"] { try await registry.pushImage(bytes, to: name) }
        for tag in ["v10", "v2", "V1"] { try await registry.pushImage(bytes, tag: tag) }
        #expect(try await registry.ask(.get, "/v2/_catalog").text == "{\"repositories\":[\"a\",\"b\",\"b/c\"]}\n")
        let page = try await registry.ask(.get, "/v2/_catalog?n=2")
        #expect(page.text == "{\"repositories\":[\"a\",\"b\"]}\n")
        #expect(page.headers["Link"] == "</v2/_catalog?last=b&n=2>; rel=\"next\"")
        let last = try await registry.ask(.get, "/v2/_catalog?last=b&n=2")
        #expect(last.text == "{\"repositories\":[\"b/c\"]}\n" && last.headers["Link"] == nil)
        #expect(try await registry.ask(.get, "/v2/_catalog?n=0").text == "{\"repositories\":[]}\n")
        #expect(try await registry.ask(.get, "/v2/_catalog?n=-1").code == "PAGINATION_NUMBER_INVALID")
        #expect(try await registry.ask(.get, "/v2/_catalog?n=100000").code == "PAGINATION_NUMBER_INVALID")
        #expect(try await registry.ask(.get, "/v2/a/tags/list").text == "{\"name\":\"a\",\"tags\":[\"V1\",\"latest\",\"v10\",\"v2\"]}\n")
        let tags = try await registry.ask(.get, "/v2/a/tags/list?n=1&last=latest")
        #expect(tags.text == "{\"name\":\"a\",\"tags\":[\"v10\"]}\n")
        #expect(tags.headers["Link"] == "</v2/a/tags/list?last=v10&n=1>; rel=\"next\"")
        #expect(try await registry.ask(.get, "/v2/a/tags/list?n=x").code == "PAGINATION_NUMBER_INVALID")
        let none = try await registry.ask(.get, "/v2/a/tags/list?n=0")
        #expect(none.text == "{\"name\":\"a\",\"tags\":[]}\n" && none.headers["Link"] == nil)
    }

    @Test func referrers() async throws {
        let subject = ContentHasher.digest([7])
        func list(_ query: String = "") async throws -> (Index, HeaderFields) {
            let answer = try await registry.ask(.get, "/v2/a/referrers/\(subject)\(query)")
            #expect(answer.status == 200 && answer.headers["Content-Type"] == MediaType.index)
            return (try Document.decode(Index.self, from: answer.body, what: "index"), answer.headers)
        }
        #expect(try await list().0.manifests.isEmpty)
        #expect(try await registry.ask(.get, "/v2/a/referrers/sha256:x").status == 400)
        let signature = try await registry.pushImage([1], tag: nil, subject: subject, type: "application/x.signature")
        let bill = try await registry.pushImage([2], tag: nil, subject: subject, type: "application/x.sbom")
        let plain = try await registry.pushImage([3], tag: "t", subject: subject)
        #expect(Set(try await list().0.manifests.map(\.digest)) == [signature, bill, plain])
        let (filtered, headers) = try await list("?artifactType=application/x.sbom")
        #expect(filtered.manifests.map(\.digest) == [bill])
        #expect(filtered.manifests.first?.artifactType == "application/x.sbom")
        #expect(headers["OCI-Filters-Applied"] == "artifactType")
        #expect(try await list("?artifactType=\(MediaType.config)").0.manifests.map(\.digest) == [plain])
        // In pages.
        let (first, next) = try await list("?n=2")
        #expect(first.manifests.count == 2)
        let link = try #require(next["Link"]).dropFirst().prefix { $0 != ">" }
        #expect(try await registry.ask(.get, String(link)).text.contains("sha256"))
        #expect(try await registry.ask(.delete, "/v2/a/manifests/\(bill)").status == 202)
        #expect(Set(try await list().0.manifests.map(\.digest)) == [signature, plain])
        // A directory of another registry has no such index.
        try FileTree.remove(registry.store.paths.referrers(try #require(RepositoryName("a"))))
        #expect(Set(try await list().0.manifests.map(\.digest)) == [signature, plain])
    }

    @Test("C24, C30, C31: deleting") func deletes() async throws {
        let digest = try await registry.pushImage(bytes, tag: "one")
        try await registry.pushImage(bytes, tag: "two")
        #expect(try await registry.ask(.delete, "/v2/a/manifests/one").status == 202)
        #expect(try await registry.ask(.delete, "/v2/a/manifests/one").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/manifests/one").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/manifests/two").status == 200)
        #expect(try await registry.ask(.delete, "/v2/a/manifests/\(digest)").status == 202)
        #expect(try await registry.ask(.get, "/v2/a/manifests/two").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(digest)").code == "MANIFEST_UNKNOWN")
        #expect(try await registry.ask(.get, "/v2/a/tags/list").text == "{\"name\":\"a\",\"tags\":[]}\n")
        let blob = ContentHasher.digest(bytes)
        #expect(try await registry.ask(.delete, "/v2/a/blobs/\(blob)").status == 202)
        #expect(try await registry.ask(.get, "/v2/a/blobs/\(blob)").status == 404)
        #expect(try await registry.ask(.delete, "/v2/a/blobs/\(blob)").code == "BLOB_UNKNOWN")
        #expect(try await registry.ask(.delete, "/v2/none/manifests/\(digest)").status == 404)
        let careful = try Registry { $0.deletesEnabled = false }
        let kept = try await careful.pushImage(bytes)
        for path in ["/v2/a/manifests/latest", "/v2/a/manifests/\(kept)", "/v2/a/blobs/\(blob)"] {
            let refused = try await careful.ask(.delete, path)
            #expect(refused.status == 405 && refused.code == "UNSUPPORTED")
        }
    }

    @Test func pagesForBrowsers() async throws {
        try await registry.pushImage(bytes, to: "team/app")
        let html: HeaderFields = ["Accept": "text/html,application/xhtml+xml"]
        #expect(try await registry.ask(.get, "/", html).text.contains("<a href=\"?repository=team%2Fapp\">team/app</a>"))
        let page = try await registry.ask(.get, "/?repository=team/app", html)
        #expect(page.text.contains("<td>latest</td>") && !page.text.contains("<script"))
        #expect(try await registry.ask(.get, "/?repository=<script>", html).status == 400)
        let probe = try await registry.ask(.get, "/")
        #expect(probe.status == 200 && probe.body.isEmpty)
    }
}
