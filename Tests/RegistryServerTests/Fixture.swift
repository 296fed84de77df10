import Archive
import HTTP
import HTTPTransport
import JSON
import Linux
import OCI
import Testing

@testable import RegistryServer

/// A registry in a directory of its own, asked without a network.
final class Registry: Sendable {
    let root: String
    let store: RegistryStore
    let api: RegistryAPI

    init(lease: Duration = .seconds(3600), _ change: (inout RegistryConfiguration) -> Void = { _ in }) throws {
        root = "/tmp/davit-registry-\(UploadID())"
        var configuration = RegistryConfiguration()
        configuration.root = root
        configuration.deletesEnabled = true
        change(&configuration)
        store = try RegistryStore(root: root, readOnly: configuration.isReadOnly, leaseDuration: lease)
        api = try RegistryAPI(store, configuration)
    }

    deinit {
        // The test's outcome does not depend on it.
        try? FileSystem.removeTree(root)
    }

    /// An answer with its body.
    struct Answer {
        var status: Int
        var headers: HeaderFields
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        /// The code of the first error.
        var code: String? { (try? JSONValue(parsing: body))?["errors"]?.array?.first?["code"]?.string }
    }

    func ask(_ method: HTTP.Method, _ target: String, _ headers: HeaderFields = [:], body: [UInt8]? = nil) async throws -> Answer {
        let location = try RequestHead(method, target).location()
        let request = Request(method, location.path, query: location.query, headers: headers, body: body.map { .bytes($0) } ?? .empty)
        let response = await api.respond(to: request)
        let body: [UInt8]
        if case .file(let file, let offset, let length) = response.body {
            body = try file.descriptor.read(upTo: Int(length), at: Int64(offset))
        } else {
            body = try await response.collect()
        }
        return Answer(status: response.status, headers: response.headers, body: body)
    }

    /// The path of an upload just begun.
    func begin(_ name: String = "a") async throws -> String {
        let answer = try await ask(.post, "/v2/\(name)/blobs/uploads/")
        #expect(answer.status == 202)
        return try #require(answer.headers["Location"])
    }

    @discardableResult
    func push(_ bytes: [UInt8], to name: String = "a") async throws -> Digest {
        let digest = ContentHasher.digest(bytes)
        #expect(try await ask(.post, "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes).status == 201)
        return digest
    }

    /// Pushes an image of one layer, and gives its manifest's digest.
    @discardableResult
    func pushImage(_ layer: [UInt8], to name: String = "a", tag: String? = "latest", subject: Digest? = nil, type: String? = nil) async throws -> Digest {
        let config = Array("{\"layer\":\(layer.count)}".utf8)
        let manifest = try Self.manifest(config: try await push(config, to: name), config.count, layer: try await push(layer, to: name), layer.count, subject: subject, type: type)
        let digest = ContentHasher.digest(manifest)
        let answer = try await ask(.put, "/v2/\(name)/manifests/\(tag ?? digest.description)", ["Content-Type": MediaType.manifest], body: manifest)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer.headers[RegistryHeader.subject] == subject?.description)
        return digest
    }

    static func manifest(config: Digest, _ configSize: Int, layer: Digest, _ layerSize: Int, subject: Digest? = nil, type: String? = nil) throws -> [UInt8] {
        var manifest = Manifest(
            config: Descriptor(mediaType: MediaType.config, digest: config, size: Int64(configSize)),
            layers: [Descriptor(mediaType: MediaType.layerGzip, digest: layer, size: Int64(layerSize))])
        manifest.subject = subject.map { Descriptor(mediaType: MediaType.manifest, digest: $0, size: 100) }
        manifest.artifactType = type
        return try Document.encode(manifest)
    }
}
