internal import Archive
internal import Diagnostics
internal import OCI
internal import Values

/// One image of an archive, as its table of contents says.
struct ArchivedImage {
    struct Layer {
        var blob: ImageArchive.Member
        /// Nil when the archive does not say.
        var mediaType: String?
    }

    var config: [UInt8]
    var layers: [Layer]
    var names: [Reference] = []
    var manifest: [UInt8]?
    /// The index that has it, when the names are the index's.
    var index: StoredIndex?
    /// What the archive calls the image that it was made from.
    var parent: Digest?
}

/// One element of a docker-archive's `manifest.json`.
struct DockerArchiveItem: Codable {
    var config: String
    var repoTags: [String]?
    /// Docker writes `null` for an image without layers.
    var layers: [String]?
    /// The id of the image that it was made from, when the archive has that too.
    var parent: Digest?
    var layerSources: [String: Descriptor]?

    enum CodingKeys: String, CodingKey {
        case config = "Config"
        case repoTags = "RepoTags"
        case layers = "Layers"
        case parent = "Parent"
        case layerSources = "LayerSources"
    }
}

/// What an archive says it holds: `manifest.json` of a docker-archive, `index.json` of an OCI layout, or both, as Docker writes today.
/// Then the first says what there is, and the second what its manifests were.
struct ArchiveContents {
    /// Images, and descriptors looked at, at most.
    private static let limit = 1000
    private let archive: ImageArchive
    private let platforms: [Platform]
    private var looked = 0
    /// What indexes have beside images, by the digest of the outermost one.
    private var blobs: [Digest: Set<Digest>] = [:]

    static func images(of archive: ImageArchive, platforms: [Platform]) throws -> [ArchivedImage] {
        var contents = ArchiveContents(archive: archive, platforms: platforms)
        let items = try archive.document("manifest.json").map { try Document.decode([DockerArchiveItem].self, from: $0, what: "manifest.json") }
        let index = try archive.document("index.json").map { try Document.decode(Index.self, from: $0, what: "index.json") }
        // A docker-archive has no words for several platforms under one name: then the layout says more.
        if let items, index?.manifests.contains(where: { MediaType.isIndex($0.mediaType) && !Self.names($0).isEmpty }) != true {
            guard items.count <= limit else { throw Fault(.invalid, "the archive says that it holds more than \(limit) images") }
            let known = try index.map { try contents.manifests(of: $0.manifests, all: true) } ?? []
            return try items.map { item in
                var image = try contents.image(of: item, known)
                image.parent = item.parent
                return image
            }
        }
        guard let index else { throw Fault(.invalid, "the archive holds neither manifest.json nor index.json: it is no image archive") }
        let found = try contents.manifests(of: index.manifests, all: false)
        guard !found.isEmpty else {
            throw Fault(.invalid, platforms.isEmpty ? "the archive holds no image" : "the archive holds no image for \(platforms.map(\.description).joined(separator: ", "))")
        }
        // One image may stand there once for each of its names.
        var images: [(digest: Digest, image: ArchivedImage)] = []
        for entry in found {
            if let place = images.firstIndex(where: { $0.digest == entry.digest }) {
                images[place].image.names += entry.names
            } else {
                images.append((entry.digest, try contents.image(of: entry)))
            }
        }
        return images.map(\.image)
    }

    private init(archive: ImageArchive, platforms: [Platform]) {
        self.archive = archive
        self.platforms = platforms
    }

    // MARK: docker-archive

    private func image(of item: DockerArchiveItem, _ known: [Found]) throws -> ArchivedImage {
        guard let config = try archive.document(item.config) else { throw Fault(.invalid, "the archive lacks \(item.config)") }
        var names: [Reference] = []
        for tag in item.repoTags ?? [] { names.append(try newName(tag)) }
        let id = ContentHasher.digest(config)
        // The manifest says the same of the same layers, or it is left out.
        if let match = known.first(where: { $0.manifest.config.digest == id }), match.manifest.layers.count == item.layers?.count ?? 0 {
            var image = try image(of: match)
            image.names = names
            return image
        }
        let layers = try (item.layers ?? []).map { path in
            guard let blob = archive.blob(path) else { throw Fault(.invalid, "the archive lacks \(path)") }
            return ArchivedImage.Layer(blob: blob)
        }
        return ArchivedImage(config: config, layers: layers, names: names)
    }

    // MARK: OCI layout

    private struct Found {
        var digest: Digest
        var bytes: [UInt8]
        var manifest: Manifest
        var names: [Reference]
        var platform: Platform?
        var index: StoredIndex?
    }

    private func image(of found: Found) throws -> ArchivedImage {
        guard let config = try archive.document(found.manifest.config, what: "configuration") else {
            throw Fault(.invalid, "the archive lacks the configuration \(found.manifest.config.digest)")
        }
        let layers = try found.manifest.layers.map { descriptor in
            guard let blob = archive.blob(descriptor.digest) else { throw Fault(.invalid, "the archive lacks the layer \(descriptor.digest)") }
            guard blob.size == descriptor.size else {
                throw Fault(.invalid, "the layer \(descriptor.digest) has \(blob.size) bytes, its descriptor says \(descriptor.size)")
            }
            return ArchivedImage.Layer(blob: blob, mediaType: descriptor.mediaType)
        }
        var index = found.index
        if let digest = index?.digest { index?.blobs = blobs[digest] ?? [] }
        return ArchivedImage(config: config, layers: layers, names: found.names, manifest: found.bytes, index: index)
    }

    /// The manifests that descriptors lead to: of an index all that are here for Linux, or the best for each of `platforms`, unless `all`.
    private mutating func manifests(
        of descriptors: [Descriptor], all: Bool, names: [Reference] = [], index outer: StoredIndex? = nil, depth: Int = 0
    ) throws -> [Found] {
        guard depth < IndexContents.depth else { throw Fault(.invalid, "indexes nest deeper than \(IndexContents.depth)") }
        var result: [Found] = []
        for descriptor in descriptors where !PlatformChoice.isAttestation(descriptor) {
            looked += 1
            guard looked <= Self.limit else { throw Fault(.invalid, "the archive says that it holds more than \(Self.limit) manifests") }
            let names = names + Self.names(descriptor)
            guard let bytes = try archive.document(descriptor, what: "manifest") else {
                // Other platforms are often left out; a whole image is not.
                if all || depth > 0 { continue }
                throw Fault(.invalid, "the archive lacks the manifest \(descriptor.digest)")
            }
            if MediaType.isIndex(descriptor.mediaType) {
                let index = try Document.decode(Index.self, from: bytes, what: "image index")
                let outer = outer ?? StoredIndex(digest: descriptor.digest, mediaType: descriptor.mediaType, bytes: bytes)
                let inside = try manifests(of: index.manifests, all: all, names: names, index: outer, depth: depth + 1)
                let wanted = all ? inside : wanted(of: inside)
                if depth > 0 { blobs[outer.digest, default: []].insert(descriptor.digest) }
                for image in wanted { blobs[outer.digest, default: []].formUnion(try attestations(of: index, about: image.digest)) }
                result += wanted
            } else {
                let manifest = try Document.decode(Manifest.self, from: bytes, what: "image manifest")
                let found = Found(digest: descriptor.digest, bytes: bytes, manifest: manifest, names: names, platform: descriptor.platform, index: outer)
                if all || depth > 0 || fits(found) { result.append(found) }
            }
        }
        return result
    }

    /// What the archive has of attestations about an image.
    private func attestations(of index: Index, about image: Digest) throws -> [Digest] {
        try PlatformChoice.attestations(of: index, about: image).flatMap { descriptor in
            guard let bytes = try archive.document(descriptor, what: "attestation") else { return [Digest]() }
            let attestation = try Attestation(descriptor, bytes)
            return attestation.blobs.allSatisfy { archive.blob($0.digest)?.size == $0.size } ? attestation.digests : []
        }
    }

    private func fits(_ found: Found) -> Bool {
        guard !platforms.isEmpty, let own = found.platform else { return true }
        return platforms.contains { own.satisfies($0) }
    }

    /// Those asked for, or else all that this machine's system could have.
    private func wanted(of found: [Found]) -> [Found] {
        if platforms.isEmpty { return found.filter { $0.platform?.os ?? "linux" == "linux" } }
        let declared = found.filter { $0.platform != nil }
        let places = platforms.compactMap { Platform.best(of: declared.compactMap(\.platform), for: $0) }
        return Set(places).sorted().map { declared[$0] }
    }

    /// containerd's annotation has the whole name; OCI's has it in some tools' archives, and only a tag in others'.
    private static func names(_ descriptor: Descriptor) -> [Reference] {
        let annotations = descriptor.annotations ?? [:]
        if let name = annotations[Annotation.imageName] {
            // Not a name: the image is loaded without one.
            return (try? newName(name)).map { [$0] } ?? []
        }
        guard let name = annotations[Annotation.referenceName], name.contains("/") || name.contains(":") else { return [] }
        return (try? newName(name)).map { [$0] } ?? []
    }
}
