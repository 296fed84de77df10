internal import Archive
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
package import OCI

/// A manifest or an index, byte for byte as the registry has it: its digest is of these bytes.
package struct FetchedManifest: Sendable, Hashable {
    package var bytes: [UInt8]
    package var mediaType: String
    package var digest: Digest

    package init(bytes: [UInt8], mediaType: String, digest: Digest) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = digest
    }

    package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count)) }
    package var isIndex: Bool { MediaType.isIndex(mediaType) }
}

extension Repository {
    /// Every form that we understand, and schema 1, so that a registry has something to answer and we can say what it is.
    private static let accepted = [
        MediaType.dockerManifest, MediaType.dockerManifestList, MediaType.manifest, MediaType.index, schema1Signed, schema1,
    ]
    private static let schema1 = "application/vnd.docker.distribution.manifest.v1+json"
    private static let schema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws"

    /// What a tag or digest stands for now, without fetching it. Registries that do not say the digest are asked for the whole.
    package func resolve(_ reference: ManifestReference) async throws -> Descriptor {
        var call = Call(.head, .path(RegistryEndpoint.manifest(name, reference).path), scopes: pull)
        call.mayUseMirrors = true
        for type in Self.accepted { call.headers.append("Accept", type) }
        let response: ClientResponse
        do {
            response = try await registry.send(call)
        } catch let fault as Fault where fault.kind == .notFound || fault.kind == .unauthorized || fault.kind == .forbidden {
            // The answer to HEAD has no body to say why; and some registries know no HEAD at all.
            return try await manifest(reference).descriptor
        }
        await response.body.drop()
        let type = Self.mediaType(response.headers)
        guard MediaType.isManifest(type) || MediaType.isIndex(type), let digest = response.headers[RegistryHeader.contentDigest].flatMap({ Digest($0) }),
            let size = response.headers["Content-Length"].flatMap({ Int64($0) }), size >= 0
        else { return try await manifest(reference).descriptor }
        if case .digest(let wanted) = reference, wanted != digest {
            throw Fault(.invalid, "\(description): the registry says that \(wanted) is \(digest)")
        }
        return Descriptor(mediaType: type, digest: digest, size: size)
    }

    /// The manifest or index itself, at most `Document.limit` bytes, verified against the digest that it was asked for or that the
    /// registry says it has.
    package func manifest(_ reference: ManifestReference) async throws -> FetchedManifest {
        var call = Call(.get, .path(RegistryEndpoint.manifest(name, reference).path), scopes: pull)
        call.mayUseMirrors = true
        for type in Self.accepted { call.headers.append("Accept", type) }
        let response = try await registry.send(call)
        let bytes = try await collect(response.body, "manifest \(reference)")
        let digest: Digest
        switch reference {
        case .digest(let wanted): digest = wanted
        case .tag: digest = response.headers[RegistryHeader.contentDigest].flatMap { Digest($0) } ?? ContentHasher.digest(bytes)
        }
        try verify(bytes, digest, "manifest")
        return FetchedManifest(bytes: bytes, mediaType: try Self.checkedType(Self.mediaType(response.headers), bytes), digest: digest)
    }

    /// A small blob whole, such as a configuration. Throws when it is not what the descriptor says.
    package func document(_ descriptor: Descriptor, what: String) async throws -> [UInt8] {
        guard descriptor.size <= Document.limit else { throw Fault(.invalid, "the \(what) \(descriptor.digest) has more than \(Document.limit) bytes") }
        let stream = try await blob(descriptor.digest)
        let bytes = try await collect(stream.body, "\(what) \(descriptor.digest)")
        guard bytes.count == descriptor.size else {
            throw Fault(.invalid, "the \(what) \(descriptor.digest) has \(bytes.count) bytes, its descriptor says \(descriptor.size)")
        }
        try verify(bytes, descriptor.digest, what)
        return bytes
    }

    private func collect(_ body: ResponseStream, _ what: String) async throws -> [UInt8] {
        do {
            return try await body.collect(limit: Document.limit)
        } catch let error as ClientError {
            if case .tooLarge = error.kind { throw Fault(.invalid, "\(description): the \(what) has more than \(Document.limit) bytes") }
            throw Fault(.unavailable, "\(error)", cause: nil)
        }
    }

    private func verify(_ bytes: [UInt8], _ digest: Digest, _ what: String) throws(Fault) {
        guard let algorithm = ContentHasher.Algorithm(rawValue: digest.algorithm), ContentHasher.digest(bytes, algorithm) == digest else {
            throw Fault(.invalid, "\(description): \(what) verification failed for digest \(digest)")
        }
    }

    private static func mediaType(_ headers: HTTP.HeaderFields) -> String {
        String((headers["Content-Type"] ?? "").prefix { $0 != ";" && $0 != " " }).lowercased()
    }

    /// The fields by which documents tell what they are.
    private struct Shape: Decodable {
        var schemaVersion: Int?
        var mediaType: String?
        var hasManifests = false, hasConfig = false, hasLayers = false

        enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, manifests, config, layers, fsLayers }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            schemaVersion = try fields.decodeIfPresent(Int.self, forKey: .schemaVersion)
            mediaType = try fields.decodeIfPresent(String.self, forKey: .mediaType)
            hasManifests = fields.contains(.manifests)
            hasConfig = fields.contains(.config)
            hasLayers = fields.contains(.layers) || fields.contains(.fsLayers)
        }
    }

    /// What a document is. A document that says one thing where its field or its members say another could be taken for two different
    /// images by two readers of the same digest, and is refused.
    static func checkedType(_ header: String, _ bytes: [UInt8]) throws -> String {
        let shape = try Document.decode(Shape.self, from: bytes, what: "image manifest")
        if shape.schemaVersion == 1 || header == schema1 || header == schema1Signed {
            throw Fault(
                .invalid, "the image has a manifest of Docker's schema 1, which is not supported any more: push it again with a current tool")
        }
        guard shape.schemaVersion == nil || shape.schemaVersion == 2 else {
            throw Fault(.invalid, "invalid image manifest: unknown schema version \(shape.schemaVersion ?? 0)")
        }
        let known = MediaType.isManifest(header) || MediaType.isIndex(header)
        // Some servers call every JSON `application/json`.
        let type = shape.mediaType ?? (known ? header : shape.hasManifests ? MediaType.index : MediaType.manifest)
        guard MediaType.isManifest(type) || MediaType.isIndex(type) else { throw Fault(.invalid, "unsupported manifest media type: \(type.prefix(128))") }
        if known, header != type { throw Fault(.invalid, "invalid image manifest: it is served as \(header) and calls itself \(type)") }
        if MediaType.isIndex(type) ? shape.hasConfig || shape.hasLayers || !shape.hasManifests : shape.hasManifests || !shape.hasConfig {
            throw Fault(.invalid, "invalid image manifest: a document of type \(type) does not have these members")
        }
        return type
    }

    /// Puts a manifest or index under a tag or its own digest; the bytes go as they are.
    @discardableResult
    package func put(_ bytes: [UInt8], mediaType: String, as reference: ManifestReference) async throws -> Digest {
        var call = Call(.put, .path(RegistryEndpoint.manifest(name, reference).path), scopes: push)
        call.headers["Content-Type"] = mediaType
        call.body = .bytes(bytes)
        let response = try await registry.send(call)
        await response.body.drop()
        let digest = ContentHasher.digest(bytes)
        if let said = response.headers[RegistryHeader.contentDigest].flatMap({ Digest($0) }), said.algorithm == digest.algorithm, said != digest {
            throw Fault(.invalid, "\(description): the registry took manifest \(digest) for \(said)")
        }
        return digest
    }

    /// Removes a tag, or a manifest with all its tags.
    package func deleteManifest(_ reference: ManifestReference) async throws {
        let response = try await registry.send(Call(.delete, .path(RegistryEndpoint.manifest(name, reference).path), scopes: [.delete(name)]))
        await response.body.drop()
    }
}
