package import Archive
internal import Content
internal import Database
package import Diagnostics
package import DockerAPI
internal import Layers
package import Linux
package import OCI
internal import Values

extension Images {
    /// Takes in the images of an archive, compressed or not, read from `file` to its end: a docker-archive, an OCI layout, or both in one.
    ///
    /// Every digest is verified; the images appear all at once or, when anything is wrong, not at all. `progress` gets Docker's messages,
    /// of layers unless `quiet` and one `Loaded image: …` for each name.
    package func load(
        from file: borrowing FileDescriptor, quiet: Bool = false, platforms: [Platform] = [], progress: (JSONMessage) -> Void = { _ in }
    ) throws(Fault) {
        let source: FileSource
        do { source = FileSource(try file.duplicate()) } catch { throw Fault(.internal, "cannot read the archive: \(error)", cause: error) }
        try load(from: source, quiet: quiet, platforms: platforms, progress: progress)
    }

    /// The same from any source of bytes.
    package func load(
        from source: any ByteSource, quiet: Bool = false, platforms: [Platform] = [], progress: (JSONMessage) -> Void = { _ in }
    ) throws(Fault) {
        try prepare()
        // Whatever no image needed in the end goes; at the next opportunity if not now.
        defer { _ = try? collect() }
        let hold = try ingestHold()
        try asFault("cannot load the archive") {
            let archive = try ImageArchive(source, into: content)
            try load(ArchiveContents.images(of: archive, platforms: platforms), quiet: quiet, progress: progress)
        }
        _ = consume hold
    }

    /// Takes in the image of a manifest whose blobs have all been taken in: see `ingest`. It gets no name.
    package func load(manifest bytes: [UInt8]) throws(Fault) -> Image {
        try asFault("cannot load the image") {
            let manifest = try Document.decode(Manifest.self, from: bytes, what: "image manifest")
            let layers = manifest.layers.map { ArchivedImage.Layer(blob: ImageArchive.Member(digest: $0.digest, size: $0.size), mediaType: $0.mediaType) }
            try load([ArchivedImage(config: content.bytes(of: manifest.config.digest), layers: layers, manifest: bytes)], quiet: true) { _ in }
            return try resolve("\(manifest.config.digest)")
        }
    }

    private func load(_ wanted: [ArchivedImage], quiet: Bool, progress: (JSONMessage) -> Void) throws {
        let images = try withoutActuallyEscaping(progress) { progress in
            var loading = Loading(images: self, progress: quiet ? { _ in } : progress)
            var taken: [NewImage] = []
            for image in wanted { taken.append(try loading.take(image)) }
            for (index, image) in wanted.enumerated() {
                guard let parent = taken.first(where: { $0.id == image.parent }), taken[index].isMade(from: parent) else { continue }
                taken[index].parent = parent.id
            }
            return try loading.finish(taken)
        }
        let all = zip(images, wanted).map { Named(image: $0, names: $1.names, index: $1.index) }
        let replaced = try database.transaction { rows in
            var replaced: [Reference: Digest] = [:]
            for entry in all {
                try rows.insert(entry.image)
                if let index = entry.index { try rows.keep(index) }
                for name in entry.names {
                    if let old = try rows.name(name, image: entry.image.id, target: entry.index?.digest) { replaced[name] = old }
                }
            }
            return replaced
        }
        // Images for several platforms share a name, which is told once.
        var told: Set<Reference> = []
        for entry in all {
            publish("load", entry.image.id, name: entry.names.first?.familiar)
            for name in entry.names where told.insert(name).inserted {
                if let old = replaced[name] {
                    progress(JSONMessage(stream: "The image \(name.familiar) already exists, renaming the old one with ID \(old) to empty string\n"))
                }
                progress(JSONMessage(stream: "Loaded image: \(name.familiar)\n"))
            }
            if entry.names.isEmpty { progress(JSONMessage(stream: "Loaded image ID: \(entry.image.id)\n")) }
        }
    }

    private struct Named: Sendable {
        var image: NewImage
        var names: [Reference]
        var index: StoredIndex?
    }
}

/// Images on their way from blobs to unpacked layers.
private struct Loading {
    let images: Images
    let progress: (JSONMessage) -> Void
    /// Layers unpacked and not yet in place, by their chain id.
    private var pending: [Digest: PendingLayer] = [:]

    init(images: Images, progress: @escaping (JSONMessage) -> Void) {
        self.images = images
        self.progress = progress
    }

    /// Unpacks what is not here yet. The layers' directories are filled in by `finish`.
    mutating func take(_ archived: ArchivedImage) throws -> NewImage {
        let document = try Document.decode(ImageDocument.self, from: archived.config, what: "image configuration")
        guard document.os == "linux" else { throw Fault(.invalid, "cannot load \(document.os) image on linux") }
        let diffIDs = document.rootfs.diffIDs
        guard diffIDs.count == archived.layers.count else {
            throw Fault(.invalid, "invalid manifest, layers length mismatch: expected \(diffIDs.count), got \(archived.layers.count)")
        }
        guard diffIDs.count <= Images.layerLimit else { throw Fault(.invalid, "max depth exceeded: the image has more than \(Images.layerLimit) layers") }
        var layers: [ImageLayer] = []
        for (diffID, layer) in zip(diffIDs, archived.layers) {
            guard diffID.algorithm == "sha256" else { throw Fault(.invalid, "the layer \(diffID) is not named by its sha256") }
            layers.append(try take(layer, diffID, over: layers, keepsBlob: archived.manifest != nil))
        }
        return NewImage(
            config: archived.config, document: document, id: ContentHasher.digest(archived.config), layers: layers, manifest: archived.manifest,
            manifestDigest: archived.manifest.map(ContentHasher.digest))
    }

    /// `keepsBlob`: a manifest names the very blob, so no other will do.
    private mutating func take(_ layer: ArchivedImage.Layer, _ diffID: Digest, over below: [ImageLayer], keepsBlob: Bool) throws -> ImageLayer {
        let chainID = LayerStore.chainID(diffID, over: below.last?.chainID)
        let size = Int(layer.blob.size)
        progress(JSONMessage(status: "Loading layer", progressDetail: JSONProgress(current: 0, total: size), id: diffID.short))
        defer { progress(JSONMessage(status: "Loading layer", progressDetail: JSONProgress(current: size, total: size), id: diffID.short)) }

        let source = try Decompressor(images.content.open(layer.blob.digest))
        var result = ImageLayer(
            diffID: diffID, chainID: chainID, directory: "", size: 0, blob: layer.blob.digest, blobSize: layer.blob.size, mediaType: layer.mediaType ?? "")
        if result.mediaType.isEmpty {
            switch source.compression {
            case .none: result.mediaType = MediaType.layer
            case .gzip: result.mediaType = MediaType.layerGzip
            case .zstd: result.mediaType = MediaType.layerZstd
            case .xz:
                // No manifest has a word for this one: the plain tar is kept instead.
                let plain = try images.content.ingest(source, expected: diffID)
                (result.blob, result.blobSize, result.mediaType) = (plain.digest, plain.size, MediaType.layer)
                return try take(plain.digest, result, below)
            }
        }
        if let known = try known(diffID, chainID) {
            // What the blob is must be known even when its files are here already.
            if layer.blob.digest != diffID {
                let hashing = HashingSource(source)
                try BlockReader().drain(hashing)
                let found = hashing.digest()
                guard found == diffID else { throw Fault(.invalid, "the layer \(layer.blob.digest) is \(found), expected \(diffID)") }
            }
            if !keepsBlob {
                var same = known
                same.chainID = chainID
                return same
            }
            (result.directory, result.size) = (known.directory, known.size)
            return result
        }
        return try unpack(source, result, below)
    }

    private mutating func take(_ plain: Digest, _ layer: ImageLayer, _ below: [ImageLayer]) throws -> ImageLayer {
        if let known = try known(layer.diffID, layer.chainID) {
            var same = known
            same.chainID = layer.chainID
            return same
        }
        return try unpack(images.content.open(plain), layer, below)
    }

    /// A layer with the same files that an image here has.
    private func known(_ diffID: Digest, _ chainID: Digest) throws -> ImageLayer? {
        guard let directory = images.layers.directory(for: diffID, chainID: chainID) else { return nil }
        return try images.database.read { try $0.layer(directory: directory) }
    }

    private mutating func unpack(_ source: any ByteSource, _ layer: ImageLayer, _ below: [ImageLayer]) throws -> ImageLayer {
        if pending[layer.chainID] == nil {
            let parents = below.reversed().map { pending[$0.chainID]?.path ?? images.layers.path(of: $0.directory) }
            pending[layer.chainID] = try images.layers.unpack(source, expected: layer.diffID, chainParent: below.last?.chainID, parents: parents)
        } else {
            try BlockReader().drain(source)
        }
        return layer
    }

    /// Puts the unpacked layers in their places, after all of them are on disk.
    mutating func finish(_ taken: [NewImage]) throws -> [NewImage] {
        try pending.values.first?.directory.syncFileSystem()
        var places: [Digest: (directory: String, size: Int64)] = [:]
        for (chainID, layer) in pending { places[chainID] = (try layer.commit(), layer.size) }
        return taken.map { image in
            var image = image
            for index in image.layers.indices {
                guard let place = places[image.layers[index].chainID] else { continue }
                (image.layers[index].directory, image.layers[index].size) = place
            }
            return image
        }
    }
}
