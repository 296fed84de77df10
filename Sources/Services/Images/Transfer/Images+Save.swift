package import Archive
internal import Content
internal import Database
package import Diagnostics
internal import Layers
package import Linux
package import OCI
internal import Values

extension Images {
    /// Writes images into `file` as one tar that is a docker-archive and an OCI layout at once. What images have in common is there once.
    ///
    /// `names` as for `resolve`; a name without a tag stands for all tags of its repository. Layers that came from elsewhere are written
    /// as they came, manifests too; layers made here are uncompressed.
    package func save(_ names: [String], platforms: [Platform] = [], to file: borrowing FileDescriptor) throws(Fault) {
        let sink: FileSink
        do { sink = FileSink(try file.duplicate()) } catch { throw Fault(.internal, "cannot write the archive: \(error)", cause: error) }
        try save(names, platforms: platforms, to: sink)
    }

    /// Throws what `save` would about these names, before anything is written.
    package func checkSave(_ names: [String], platforms: [Platform] = []) throws(Fault) { _ = try exports(names, platforms) }

    /// The same into any sink of bytes.
    package func save(_ names: [String], platforms: [Platform] = [], to sink: any ByteSink) throws(Fault) {
        // Nothing that is being written may be deleted meanwhile.
        let hold = try ingestHold()
        defer { _ = hold }
        try write(exports(names, platforms), to: sink, "cannot save \(names.joined(separator: ", "))")
    }

    /// The same of one image or several that are one, under these names and none other. `annotations`: what the layout says of it.
    package func save(_ set: ImageSet, names: [Reference], _ annotations: ImageAnnotations = ImageAnnotations(), to sink: any ByteSink) throws(Fault) {
        let hold = try ingestHold()
        defer { _ = hold }
        let export = try asFault("cannot read \(set.id)") {
            let contents = try set.index.map { try IndexContents($0, in: content) }
            return Export(
                images: try set.images.map { try saved($0) }, names: names, digest: set.id, contents: contents, attestations: try contents?.attestations() ?? [],
                annotations: annotations.values(.indexDescriptor))
        }
        try write([export], to: sink, "cannot save \(set.id)")
    }

    private func write(_ exports: [Export], to sink: any ByteSink, _ attempt: String) throws(Fault) {
        try asFault(attempt) {
            var archive = ArchiveWriter(images: self, writer: TarWriter(sink))
            try archive.write(exports)
        }
        for export in exports { publish("save", export.digest) }
    }

    /// What names stand for, each once, in the order asked for.
    private func exports(_ names: [String], _ platforms: [Platform]) throws(Fault) -> [Export] {
        guard !names.isEmpty else { throw Fault(.invalid, "no image named to save") }
        var result: [Export] = []
        for name in names {
            for var export in try meant(by: name, platforms) {
                if let place = result.firstIndex(where: { $0.digest == export.digest }) {
                    export.names.removeAll { result[place].names.contains($0) }
                    result[place].names += export.names
                } else {
                    result.append(export)
                }
            }
        }
        return result
    }

    private func meant(by name: String, _ platforms: [Platform]) throws(Fault) -> [Export] {
        let wanted = try ImageName(name)
        if let reference = wanted.reference, wanted.lookup == nil, !name.hasSuffix(":\(reference.tag ?? "")") {
            // No tag given: all of them.
            let tagged = try asFault("cannot look up \(name)") { try database.read { try $0.names(inRepository: reference.name) } }
            if !tagged.isEmpty {
                var result: [Export] = []
                for tag in tagged { result += try exports(of: tag.description, tag, platforms) }
                return result
            }
        }
        return try exports(of: name, wanted.id == nil ? wanted.reference : nil, platforms)
    }

    /// The one image of a name, or an index with the images for several platforms.
    private func exports(of name: String, _ reference: Reference?, _ platforms: [Platform]) throws(Fault) -> [Export] {
        var images: [Image] = []
        for platform in platforms { images.append(try resolve(name, platform: platform)) }
        if images.isEmpty { images.append(try resolve(name)) }
        let found = images, first = images[0]
        return try asFault("cannot read \(name)") {
            try database.read { rows in
                let own = reference.flatMap { $0.digest == nil && first.names.contains($0) ? $0 : nil }
                let names = own.map { [$0] } ?? []
                var parts = try found.map { SavedImage(image: $0, documents: try rows.documents(of: $0.id)) }
                if let own, let target = try rows.target(of: own), let index = try rows.index(target) {
                    // Without a word about platforms all that are here, the one that lists show first.
                    if platforms.isEmpty {
                        for id in try rows.imageIDs(named: own) where id != first.id {
                            if let image = try rows.image(id) { parts.append(SavedImage(image: image, documents: try rows.documents(of: id))) }
                        }
                    }
                    let contents = try IndexContents(index, in: content)
                    let attestations = try contents.attestations(about: parts.compactMap(\.image.manifest))
                    if parts.count > 1 || !attestations.isEmpty {
                        return [Export(images: parts, names: names, digest: target, contents: contents, attestations: attestations)]
                    }
                }
                return parts.map { Export(images: [$0], names: names, digest: $0.image.id) }
            }
        }
    }
}

/// One image to be saved, with the documents' bytes.
struct SavedImage: Sendable {
    var image: Image
    var documents: ImageDocuments

    /// Whether its manifest says more than it must.
    func isAnnotated() throws -> Bool {
        try documents.manifest.map { try Document.decode(Manifest.self, from: $0, what: "image manifest").annotations?.isEmpty == false } ?? false
    }

    /// The manifest that it came with, or the one that it is saved with; and what an index says of it.
    func manifest() throws -> (bytes: [UInt8], descriptor: Descriptor) {
        let config = Descriptor(mediaType: MediaType.config, digest: image.id, size: Int64(documents.config.count))
        let bytes = try documents.manifest ?? Document.encode(Manifest(config: config, layers: image.layers.map(\.descriptor)))
        // What the manifest calls itself is what its descriptor must say.
        let type = try Document.decode(Manifest.self, from: bytes, what: "image manifest").mediaType ?? MediaType.manifest
        return (bytes, Descriptor(mediaType: type, digest: ContentHasher.digest(bytes), size: Int64(bytes.count), platform: image.platform))
    }
}

/// What names stand for: one image, or images for several platforms and the index that has them.
private struct Export: Sendable {
    var images: [SavedImage]
    var names: [Reference]
    /// The image's id, or the index's digest.
    var digest: Digest
    var contents: IndexContents?
    /// What is here about these images.
    var attestations: [Attestation] = []
    var annotations: [String: String]?
}

/// Lays images out in a tar. See image-spec, image-layout.md, and Docker's image specification v1.2, "Combined Image JSON".
private struct ArchiveWriter {
    let images: Images
    let writer: TarWriter
    private var written: Set<Digest> = []

    init(images: Images, writer: TarWriter) {
        self.images = images
        self.writer = writer
    }

    mutating func write(_ exports: [Export]) throws {
        for directory in ["blobs", "blobs/sha256"] { try writer.append(TarEntry(directory, kind: .directory, permissions: 0o755)) }
        var index = Index(manifests: [])
        var items: [DockerArchiveItem] = []
        var repositories: [String: [String: String]] = [:]
        for export in exports {
            var descriptors: [Descriptor] = []
            for saved in export.images { descriptors.append(try write(saved)) }
            guard var descriptor = descriptors.first, let image = export.images.first?.image else { continue }
            if let contents = export.contents {
                for attestation in export.attestations { try write(attestation) }
                for inner in contents.inner { try write(inner.bytes, inner.digest) }
                let stored = contents.index
                try write(stored.bytes, stored.digest)
                descriptor = stored.descriptor
            }
            descriptor.annotations = export.annotations
            for name in export.names {
                var named = descriptor
                named.annotations = (export.annotations ?? [:]).merging([Annotation.imageName: name.description]) { $1 }
                if let tag = name.tag { named.annotations?[Annotation.referenceName] = tag }
                index.manifests.append(named)
                if let tag = name.tag, let top = image.layers.last { repositories[name.familiarName, default: [:]][tag] = top.descriptor.digest.hex }
            }
            if export.names.isEmpty { index.manifests.append(descriptor) }
            let parent = image.parent.flatMap { parent in exports.contains { $0.images.first?.image.id == parent } ? parent : nil }
            // This table knows one platform: readers of several take the index.
            items.append(
                DockerArchiveItem(
                    config: Self.path(image.id), repoTags: export.names.isEmpty ? nil : export.names.map(\.familiar),
                    layers: image.layers.map { Self.path($0.descriptor.digest) },
                    parent: parent, layerSources: Dictionary(image.layers.map { ($0.diffID.description, $0.descriptor) }) { first, _ in first }))
        }
        try writer.append(TarEntry("index.json"), data: Document.encode(index))
        try writer.append(TarEntry("manifest.json"), data: Document.encode(items))
        try writer.append(TarEntry("oci-layout"), data: Document.encode(ImageLayout()))
        if !repositories.isEmpty { try writer.append(TarEntry("repositories"), data: Document.encode(repositories)) }
        try writer.finish()
    }

    /// An image's layers and documents. Gives what an index says of it.
    private mutating func write(_ saved: SavedImage) throws -> Descriptor {
        for layer in saved.image.layers { try write(layer) }
        try write(saved.documents.config, saved.image.id)
        let manifest = try saved.manifest()
        try write(manifest.bytes, manifest.descriptor.digest)
        return manifest.descriptor
    }

    private mutating func write(_ attestation: Attestation) throws {
        for blob in attestation.blobs where written.insert(blob.digest).inserted {
            try writer.append(TarEntry(Self.path(blob.digest), size: blob.size))
            try BlockReader().copy(images.content.open(blob.digest), to: MemberSink(writer))
        }
        try write(attestation.bytes, attestation.descriptor.digest)
    }

    private static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm)/\(digest.hex)" }

    private mutating func write(_ bytes: [UInt8], _ digest: Digest) throws {
        guard written.insert(digest).inserted else { return }
        try writer.append(TarEntry(Self.path(digest)), data: bytes)
    }

    private mutating func write(_ layer: ImageLayer) throws {
        let digest = layer.descriptor.digest
        guard written.insert(digest).inserted else { return }
        try writer.append(TarEntry(Self.path(digest), size: layer.blobSize))
        let member = HashingSink(MemberSink(writer))
        if let blob = layer.blob {
            try BlockReader().copy(images.content.open(blob), to: member)
        } else {
            try images.layers.archive(layer.directory, to: member)
        }
        let found = member.digest()
        guard found == digest else { throw Fault(.internal, "the layer \(digest) has been changed on disk: it is \(found) now") }
    }
}

/// The data of the tar member that is being written.
private final class MemberSink: ByteSink {
    private let writer: TarWriter

    init(_ writer: TarWriter) { self.writer = writer }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try unsafe writer.write(bytes) }
}
