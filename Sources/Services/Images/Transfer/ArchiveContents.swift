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
}

/// One element of a docker-archive's `manifest.json`.
struct DockerArchiveItem: Codable {
    var config: String
    var repoTags: [String]?
    var layers: [String]
    var layerSources: [String: Descriptor]?

    enum CodingKeys: String, CodingKey {
        case config = "Config"
        case repoTags = "RepoTags"
        case layers = "Layers"
        case layerSources = "LayerSources"
    }
}

/// What an archive says it holds: `manifest.json` of a docker-archive, `index.json` of an OCI layout, or both, as Docker writes today.
/// Then the first says what there is, and the second what its manifests were.
struct ArchiveContents {
    /// Images, and descriptors looked at, at most.
    private static let limit = 1000
    /// How deep indexes nest at most.
    private static let depth = 4

    private let archive: ImageArchive
    private let platform: Platform?
    private var looked = 0

    static func images(of archive: ImageArchive, platform: Platform?) throws -> [ArchivedImage] {
        var contents = ArchiveContents(archive: archive, platform: platform)
        let items = try archive.document("manifest.json").map { try Document.decode([DockerArchiveItem].self, from: $0, what: "manifest.json") }
        let index = try archive.document("index.json").map { try Document.decode(Index.self, from: $0, what: "index.json") }
        if let items {
            guard items.count <= limit else { throw Fault(.invalid, "the archive says that it holds more than \(limit) images") }
            let known = try index.map { try contents.manifests(of: $0.manifests, all: true) } ?? []
            return try items.map { try contents.image(of: $0, known) }
        }
        guard let index else { throw Fault(.invalid, "the archive holds neither manifest.json nor index.json: it is no image archive") }
        let found = try contents.manifests(of: index.manifests, all: false)
        guard !found.isEmpty else {
            throw Fault(.invalid, platform.map { "the archive holds no image for \($0)" } ?? "the archive holds no image")
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

    private init(archive: ImageArchive, platform: Platform?) {
        self.archive = archive
        self.platform = platform
    }

    // MARK: docker-archive

    private func image(of item: DockerArchiveItem, _ known: [Found]) throws -> ArchivedImage {
        guard let config = try archive.document(item.config) else { throw Fault(.invalid, "the archive lacks \(item.config)") }
        var names: [Reference] = []
        for tag in item.repoTags ?? [] { names.append(try newName(tag)) }
        let id = ContentHasher.digest(config)
        // The manifest says the same of the same layers, or it is left out.
        if let match = known.first(where: { $0.manifest.config.digest == id }), match.manifest.layers.count == item.layers.count {
            var image = try image(of: match)
            image.names = names
            return image
        }
        let layers = try item.layers.map { path in
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
        return ArchivedImage(config: config, layers: layers, names: found.names, manifest: found.bytes)
    }

    /// The manifests that descriptors lead to. Of an index with several platforms the best one, unless `all`.
    private mutating func manifests(of descriptors: [Descriptor], all: Bool, names: [Reference] = [], depth: Int = 0) throws -> [Found] {
        guard depth < Self.depth else { throw Fault(.invalid, "indexes nest deeper than \(Self.depth)") }
        var result: [Found] = []
        for descriptor in descriptors where descriptor.annotations?["vnd.docker.reference.type"] == nil {
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
                let inside = try manifests(of: index.manifests, all: all, names: names, depth: depth + 1)
                if all { result += inside } else if let best = best(of: inside) { result.append(best) }
            } else {
                let manifest = try Document.decode(Manifest.self, from: bytes, what: "image manifest")
                let found = Found(digest: descriptor.digest, bytes: bytes, manifest: manifest, names: names, platform: descriptor.platform)
                if all || depth > 0 || fits(found) { result.append(found) }
            }
        }
        return result
    }

    private func fits(_ found: Found) -> Bool {
        guard let platform, let own = found.platform else { return true }
        return own.satisfies(platform)
    }

    /// The one asked for; else the host's, else the first.
    private func best(of found: [Found]) -> Found? {
        if let platform { return found.first { $0.platform?.satisfies(platform) ?? false } }
        return found.first { $0.platform?.satisfies(.host) ?? true } ?? found.first
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
