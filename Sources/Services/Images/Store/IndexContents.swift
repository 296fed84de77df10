internal import Content
internal import Diagnostics
internal import OCI

/// What an index lists, read with the help of what is here of it.
struct IndexContents {
    /// Its manifests, those of indexes inside of it included as far as they are here.
    private(set) var descriptors: [Descriptor] = []
    /// The indexes inside of it that are here, the innermost first.
    private(set) var inner: [StoredIndex] = []
    let index: StoredIndex
    private let content: ContentStore

    /// How deep indexes nest at most.
    static let depth = 4

    init(_ index: StoredIndex, in content: ContentStore) throws {
        self.index = index
        self.content = content
        try add(index.bytes, depth: 0)
    }

    private mutating func add(_ bytes: [UInt8], depth: Int) throws {
        guard depth < Self.depth else { throw Fault(.invalid, "image indexes nest deeper than \(Self.depth)") }
        for descriptor in try Document.decode(Index.self, from: bytes, what: "image index").manifests {
            if MediaType.isIndex(descriptor.mediaType), index.blobs.contains(descriptor.digest) {
                let bytes = try content.bytes(of: descriptor.digest)
                try add(bytes, depth: depth + 1)
                inner.append(StoredIndex(digest: descriptor.digest, mediaType: descriptor.mediaType, bytes: bytes))
            } else {
                descriptors.append(descriptor)
            }
        }
    }

    /// Attestations that are here: about any of `images` alone, when that is given.
    func attestations(about images: [Digest]? = nil) throws -> [Attestation] {
        try descriptors.filter { descriptor in
            index.blobs.contains(descriptor.digest) && PlatformChoice.isAttestation(descriptor)
                && (images.map { PlatformChoice.subject(of: descriptor).map($0.contains) ?? false } ?? true)
        }.map { try Attestation($0, content.bytes(of: $0.digest)) }
    }
}

/// A manifest of provenance or a bill of materials, and the statements that it names.
struct Attestation: Sendable {
    var descriptor: Descriptor
    var bytes: [UInt8]
    /// Its configuration and its statements.
    var blobs: [Descriptor]

    /// Statements at most, and bytes of one.
    private static let countLimit = 256
    private static let sizeLimit: Int64 = 256 << 20

    init(_ descriptor: Descriptor, _ bytes: [UInt8]) throws {
        let manifest = try Document.decode(Manifest.self, from: bytes, what: "attestation")
        var seen: Set<Digest> = []
        blobs = ([manifest.config] + manifest.layers).filter { seen.insert($0.digest).inserted }
        guard blobs.count <= Self.countLimit, blobs.allSatisfy({ $0.size <= Self.sizeLimit }) else {
            throw Fault(.invalid, "the attestation \(descriptor.digest) has more than \(Self.countLimit) statements, or one of more than \(Self.sizeLimit) bytes")
        }
        self.descriptor = descriptor
        self.bytes = bytes
    }

    /// Bytes of all of it.
    var size: Int64 { blobs.reduce(Int64(bytes.count)) { $0 + $1.size } }
    /// All that has to be kept of it.
    var digests: [Digest] { [descriptor.digest] + blobs.map(\.digest) }
}
