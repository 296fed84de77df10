internal import Archive
internal import Database
internal import Diagnostics
internal import Linux
package import OCI
internal import Values

/// Images for several platforms that are one, or one image alone.
package struct ImageSet: Sendable {
    /// One of them.
    package struct Member: Sendable {
        package var id: Digest
        /// It stays what others know it by.
        package var isFromElsewhere: Bool

        /// What is said of it for others to check.
        package var statements: [ImageStatement]

        package init(id: Digest, isFromElsewhere: Bool, statements: [ImageStatement] = []) {
            (self.id, self.isFromElsewhere, self.statements) = (id, isFromElsewhere, statements)
        }
    }

    /// The images' ids.
    package let images: [Digest]
    /// The manifest or index that stands for it elsewhere.
    package let top: Descriptor
    let index: StoredIndex?

    /// What stands for it here: the only image's id, or the index's digest.
    package var id: Digest { index == nil ? images.first ?? top.digest : top.digest }
    package var isIndex: Bool { index != nil }
}

extension Images {
    /// Makes images for several platforms one, and gives it names, which are taken from whoever had them. Several get manifests whose layers
    /// are compressed, as registries have them, and an index; so does one of which there are statements. One that is to have annotations gets
    /// such a manifest alone. Whoever calls this has an
    /// `ingestHold`.
    package func join(_ members: [ImageSet.Member], _ annotations: ImageAnnotations = ImageAnnotations(), as names: [Reference]) throws -> ImageSet {
        let isIndex = members.count > 1 || members.contains { !$0.statements.isEmpty }, ids = members.map(\.id)
        Failpoint.hit(.buildAfterImages)
        if !isIndex, annotations.values(.index) != nil { throw Fault(.invalid, "index annotations not supported for single platform export") }
        if !isIndex, annotations.entries.isEmpty {
            guard let only = members.first else { throw Fault(.internal, "an image of no platforms") }
            let saved = try saved(only.id)
            // The same was made before with something to be said of it.
            let isAnnotated = try saved.isAnnotated()
            if only.isFromElsewhere || !isAnnotated {
                for name in names { try tag("\(only.id)", as: "\(name)") }
                return ImageSet(images: ids, top: try saved.manifest().descriptor, index: nil)
            }
        }
        var made: [NewImage] = [], descriptors: [Descriptor] = []
        for member in members {
            let (image, manifest) = try withManifest(member, annotations)
            made.append(image)
            descriptors.append(manifest)
        }
        Failpoint.hit(.buildAfterManifests)
        var blobs: Set<Digest> = []
        for (member, manifest) in zip(members, descriptors) where !member.statements.isEmpty {
            let kept = try ImageStatement.keep(member.statements, about: manifest, as: names, in: content)
            descriptors.append(kept.top)
            blobs.formUnion(kept.all)
        }
        let index = isIndex ? try StoredIndex(descriptors, annotations.values(.index), blobs: blobs) : nil
        guard let top = index?.descriptor ?? descriptors.first else { throw Fault(.internal, "an image of no platforms") }
        let (new, stored, moment) = (made, index, Timestamp.now)
        try database.transaction { rows in
            for image in new { try rows.insert(image) }
            if let stored { try rows.keep(stored) }
            for name in names { for image in new { try rows.name(name, image: image.id, at: moment, target: stored?.digest) } }
        }
        for name in names { publish("tag", index == nil ? ids[0] : top.digest, name: name.familiar) }
        return ImageSet(images: ids, top: top, index: index)
    }

    /// The image with a manifest of its own that names its layers as registries have them.
    private func withManifest(_ member: ImageSet.Member, _ annotations: ImageAnnotations) throws -> (NewImage, Descriptor) {
        let id = member.id, saved = try saved(id), image = saved.image
        let layers = try image.layers.map { layer throws in
            var layer = layer
            let blob = try blob(of: layer).inWords(ofDocker: false)
            (layer.blob, layer.blobSize, layer.mediaType) = (blob.digest, blob.size, blob.mediaType)
            return layer
        }
        let config = Descriptor(mediaType: MediaType.config, digest: id, size: Int64(saved.documents.config.count))
        let values = annotations.values(.manifest, image.platform)
        let bytes =
            try (member.isFromElsewhere && values == nil ? saved.documents.manifest : nil)
            ?? Document.encode(Manifest(config: config, layers: layers.map(\.descriptor), annotations: values))
        let digest = ContentHasher.digest(bytes)
        let new = NewImage(
            config: saved.documents.config, document: image.document, id: id, layers: layers, manifest: bytes, manifestDigest: digest, parent: image.parent)
        let type = try Document.decode(Manifest.self, from: bytes, what: "image manifest").mediaType ?? MediaType.manifest
        return (
            new,
            Descriptor(
                mediaType: type, digest: digest, size: Int64(bytes.count), annotations: annotations.values(.manifestDescriptor, image.platform), platform: image.platform)
        )
    }

    /// An image with its documents.
    func saved(_ id: Digest) throws -> SavedImage {
        try database.read { rows in
            guard let image = try rows.image(id) else { throw Fault(.notFound, "No such image: \(id)") }
            return SavedImage(image: image, documents: try rows.documents(of: id))
        }
    }
}

extension StoredIndex {
    fileprivate init(_ manifests: [Descriptor], _ annotations: [String: String]?, blobs: Set<Digest>) throws {
        bytes = try Document.encode(Index(manifests: manifests, annotations: annotations))
        digest = ContentHasher.digest(bytes)
        mediaType = MediaType.index
        self.blobs = blobs
    }

    var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count)) }
}

extension Descriptor {
    /// The same layer in the words of one family.
    package func inWords(ofDocker isDocker: Bool) -> Descriptor {
        let words = [(MediaType.layer, MediaType.dockerLayer), (MediaType.layerGzip, MediaType.dockerLayerGzip)]
        var layer = self
        if let pair = words.first(where: { $0.0 == mediaType || $0.1 == mediaType }) { layer.mediaType = isDocker ? pair.1 : pair.0 }
        return layer
    }
}
