internal import AsyncIO
internal import Content
internal import Diagnostics
internal import OCI
internal import RegistryClient

extension Pull {
    struct Chosen: Sendable {
        var manifests: [FetchedManifest] = []
        /// The index that they were chosen from: the outermost, with what of it is kept beside images.
        var index: StoredIndex?
    }

    /// Reads what a name stands for down to the manifests that are wanted of it, and brings in what goes with them.
    func choose(_ top: Descriptor) async throws -> Chosen {
        let found = try await repository.manifest(.digest(top.digest))
        guard found.isIndex else { return Chosen(manifests: [found]) }
        var chosen = Chosen(index: StoredIndex(digest: found.digest, mediaType: found.mediaType, bytes: found.bytes))
        try await choose(found, into: &chosen, depth: 1)
        return chosen
    }

    private func choose(_ index: FetchedManifest, into chosen: inout Chosen, depth: Int) async throws {
        guard depth <= IndexContents.depth else { throw Fault(.invalid, "image indexes nest deeper than \(IndexContents.depth)") }
        let list = try Document.decode(Index.self, from: index.bytes, what: "image index")
        let wanted = allPlatforms ? try PlatformChoice.manifests(of: list) : [try PlatformChoice.manifest(of: list, for: platform ?? .host)]
        for descriptor in wanted {
            let found = try await document(descriptor)
            if found.isIndex {
                chosen.index?.blobs.insert(try await keep(found.bytes))
                try await choose(found, into: &chosen, depth: depth + 1)
            } else {
                chosen.manifests.append(found)
                for attestation in PlatformChoice.attestations(of: list, about: found.digest) { chosen.index?.blobs.formUnion(try await fetch(attestation)) }
            }
        }
    }

    /// What an index lists, which must be what it says.
    private func document(_ descriptor: Descriptor) async throws -> FetchedManifest {
        let found = try await repository.manifest(.digest(descriptor.digest))
        guard found.bytes.count == descriptor.size else {
            throw Fault(.invalid, "the manifest \(descriptor.digest) has \(found.bytes.count) bytes, the index says \(descriptor.size)")
        }
        guard descriptor.mediaType.isEmpty || descriptor.mediaType == found.mediaType else {
            throw Fault(.invalid, "the manifest \(descriptor.digest) is a \(found.mediaType), the index says \(descriptor.mediaType)")
        }
        return found
    }

    // MARK: What an index has beside images

    /// An attestation with its statements: what has to be kept of it. Registries may leave it out, as it is about an image and none.
    private func fetch(_ descriptor: Descriptor) async throws -> [Digest] {
        let found: FetchedManifest
        do { found = try await document(descriptor) } catch let fault as Fault where fault.kind == .notFound { return [] }
        let attestation = try Attestation(descriptor, found.bytes)
        for blob in attestation.blobs { try await keep(blob) }
        _ = try await keep(found.bytes)
        return attestation.digests
    }

    private func keep(_ document: [UInt8]) async throws -> Digest {
        let images = images
        return try await AsyncIO.offload { try images.content.ingest(document) }
    }

    private func keep(_ blob: Descriptor) async throws {
        let content = images.content
        guard let file = try await AsyncIO.offload({ try PartialBlob.open(blob.digest, size: blob.size, in: content) }) else { return }
        do {
            try await BlobDownload(repository: repository, descriptor: blob, attempts: settings.attempts).run(into: file) { _ in }
            try await AsyncIO.offload {
                try file.verify()
                try file.commit()
            }
        } catch {
            if BlobDownload.isWorthless(error) || file.received == 0 { try file.delete() }
            throw error
        }
    }
}
