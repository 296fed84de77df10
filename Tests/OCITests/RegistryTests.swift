import JSON
import OCI
import Testing

/// What registries and their clients say to each other, as values.
@Suite struct RegistryTests {
    private let hex = String(repeating: "a", count: 64)

    @Test func endpointsAndTheirPaths() throws {
        let name = try #require(RepositoryName("library/tags/list"))
        let digest = try #require(Digest("sha256:\(hex)"))
        for endpoint in [
            .base, .catalog, .tags(name), .manifest(name, .tag("v1")), .manifest(name, .digest(digest)), .blob(name, digest), .uploads(name),
            .upload(name, id: "6b3c9a93-af5d-473f-a4cf-9710022185cd"), .referrers(name, digest),
        ] as [RegistryEndpoint] {
            #expect(try RegistryEndpoint(path: endpoint.path) == endpoint)
        }
        #expect(try RegistryEndpoint(path: "/v2") == .base)
        #expect(try RegistryEndpoint(path: "/v2/a/blobs/uploads") == .uploads(try #require(RepositoryName("a"))))
        #expect(RegistryEndpoint.manifest(name, .tag("v1")).path == "/v2/library/tags/list/manifests/v1")
    }

    @Test(arguments: ["", "/", "/v1/", "/v2/x", "/v2/x/y", "/v2/a/b/c/d", "/v2//", "v2/", "/v2/a/blob/x"]) func nothingThere(path: String) throws {
        #expect(try RegistryEndpoint(path: path) == nil)
    }

    @Test(arguments: [
        ("/v2/UPPER/tags/list", RegistryErrorCode.nameInvalid), ("/v2/../etc/tags/list", .nameInvalid), ("/v2/a//b/tags/list", .nameInvalid),
        ("/v2/a/./manifests/x", .nameInvalid), ("/v2//tags/list", .nameInvalid), ("/v2/_x/blobs/uploads/", .nameInvalid),
        ("/v2/a/blobs/sha256:abc", .digestInvalid), ("/v2/a/manifests/sha256:zz", .digestInvalid),
        ("/v2/a/manifests/.hidden", .tagInvalid), ("/v2/a/manifests/..", .tagInvalid), ("/v2/a/referrers/x", .digestInvalid),
        ("/v2/\(String(repeating: "a", count: 256))/tags/list", .nameInvalid), ("/v2/a/manifests/\(String(repeating: "a", count: 129))", .tagInvalid),
    ]) func refused(path: String, code: RegistryErrorCode) {
        #expect { try RegistryEndpoint(path: path) } throws: { ($0 as? RegistryError)?.code == code }
    }

    @Test func errorsAreDockers() throws {
        let errors = RegistryErrors([RegistryError(.manifestUnknown, detail: .object(["Tag": .string("x")]))])
        let text = #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}"#
        #expect(String(decoding: try JSON.encode(errors), as: UTF8.self) == text)
        #expect(try JSON.decode(RegistryErrors.self, from: text) == errors)
        #expect(errors.errors[0].code.status == 404)
        #expect(try JSON.decode(RegistryErrors.self, from: #"{"errors":[{"code":"NEW"}]}"#).errors[0].code.status == 500)
    }

    @Test func lists() throws {
        #expect(try JSON.decode(TagList.self, from: #"{"name":"a","tags":null}"#) == TagList(name: "a", tags: []))
        #expect(String(decoding: try JSON.encode(Catalog(repositories: ["a", "b"])), as: UTF8.self) == #"{"repositories":["a","b"]}"#)
        #expect(try #require(Digest("sha256:\(hex)")).referrersTag == "sha256-\(hex)")
        #expect(try #require(Digest("sha512:\(hex)\(hex)")).referrersTag == "sha512-\(hex)")
    }
}
