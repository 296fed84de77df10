internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import Synchronization
package import OCI

/// Copies an image, an index with all that it lists, or an artifact from one repository to another: what is there already is left, what
/// another repository of the same registry has is mounted, and the rest streams through without being kept here.
///
/// Documents go byte for byte, so that digests stay; each only after all that it refers to.
package struct ImageCopy: Sendable {
    /// What is happening, for whoever shows it.
    package enum Step: Sendable, Hashable {
        case present(Digest)
        case mounted(Digest)
        case sent(Digest, bytes: Int64)
        case put(Digest, mediaType: String)
    }

    package let source: Repository
    package let target: Repository
    /// With it signatures and the like that refer to what is copied are copied, too.
    package var includesReferrers: Bool
    private let report: @Sendable (Step) -> Void

    /// Indexes within indexes that are followed.
    private static let depthLimit = 8

    package init(from source: Repository, to target: Repository, includesReferrers: Bool = false, _ report: @escaping @Sendable (Step) -> Void = { _ in }) {
        self.source = source
        self.target = target
        self.includesReferrers = includesReferrers
        self.report = report
    }

    /// Copies what `reference` stands for and gives it the name `name`. Gives its descriptor.
    package func run(_ reference: ManifestReference, as name: ManifestReference) async throws -> Descriptor {
        let top = try await source.manifest(reference)
        if case .digest(let wanted) = name, wanted != top.digest { throw Fault(.invalid, "\(reference) is \(top.digest), not \(wanted)") }
        try await copy(top, as: name, depth: 0)
        return top.descriptor
    }

    /// Copies an index of which only some manifests are wanted, as another index.
    package func run(_ chosen: Index, mediaType: String, as name: ManifestReference) async throws -> Descriptor {
        for child in chosen.manifests { try await copyChild(child, depth: 1) }
        let bytes = try Document.encode(chosen)
        let digest = try await target.put(bytes, mediaType: mediaType, as: name)
        report(.put(digest, mediaType: mediaType))
        return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    private func copyChild(_ child: Descriptor, depth: Int) async throws {
        guard depth <= Self.depthLimit else { throw Fault(.invalid, "\(source): indexes are nested deeper than \(Self.depthLimit)") }
        try await copy(try await source.manifest(.digest(child.digest)), as: .digest(child.digest), depth: depth)
    }

    private func copy(_ manifest: FetchedManifest, as name: ManifestReference, depth: Int) async throws {
        if manifest.isIndex {
            let index = try Document.decode(Index.self, from: manifest.bytes, what: "index \(manifest.digest)")
            // Lists may leave out what only their maker has.
            for child in index.manifests { try await copyChild(child, depth: depth + 1) }
        } else {
            let image = try Document.decode(Manifest.self, from: manifest.bytes, what: "manifest \(manifest.digest)")
            try await copyBlobs(([image.config] + image.layers).filter { ($0.urls ?? []).isEmpty })
        }
        let digest = try await target.put(manifest.bytes, mediaType: manifest.mediaType, as: name)
        report(.put(digest, mediaType: manifest.mediaType))
        guard includesReferrers else { return }
        for referrer in try await source.referrers(to: manifest.digest).manifests { try await copyChild(referrer, depth: depth + 1) }
    }

    private func copyBlobs(_ blobs: [Descriptor]) async throws {
        // The same digest may stand in several places.
        var seen: Set<Digest> = []
        var rest = blobs.filter { seen.insert($0.digest).inserted }[...]
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            while let blob = rest.popFirst() {
                if running == target.registry.settings.concurrentUploads {
                    try await group.next()
                    running -= 1
                }
                group.addTask { try await copyBlob(blob) }
                running += 1
            }
            try await group.waitForAll()
        }
    }

    private func copyBlob(_ blob: Descriptor) async throws {
        if try await target.size(of: blob.digest) != nil { return report(.present(blob.digest)) }
        if source.registry.domain == target.registry.domain, try await target.mount(blob.digest, from: source.name) { return report(.mounted(blob.digest)) }
        try await target.upload(blob.digest, size: blob.size) { body(of: blob, from: $0) }
        report(.sent(blob.digest, bytes: blob.size))
    }

    /// The blob's bytes, asked for when the receiver wants the first of them.
    private func body(of blob: Descriptor, from offset: Int64) -> RequestBody {
        let opened = Mutex<ResponseStream?>(nil)
        return RequestBody(length: UInt64(max(0, blob.size - offset))) {
            if let stream = opened.withLock({ $0 }) { return try await stream.next() }
            let begun = try await source.blob(blob.digest, from: offset)
            guard begun.offset == offset else { throw Fault(.unavailable, "\(source): the registry gives no parts of blobs") }
            let stream = begun.body
            opened.withLock { $0 = stream }
            return try await stream.next()
        }
    }
}
