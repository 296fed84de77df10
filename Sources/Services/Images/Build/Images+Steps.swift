internal import Archive
internal import Content
internal import Database
internal import Diagnostics
internal import Layers
package import Linux
package import OCI
internal import Values

/// What builds need of the store: layers made in place, and images that only their own containers see. Whoever calls these has an
/// `ingestHold` until a row names what came of them.
extension Images {
    /// Makes a layer of what `body` changes in the root that it gets: the layers as a container would see them, mounted where nobody else sees
    /// them. Nil when nothing was changed.
    package func makeLayer(over layers: [ImageLayer], _ body: (borrowing FileDescriptor) throws -> Void) throws -> ImageLayer? {
        let pending = try self.layers.make(), scratch = try self.layers.make()
        let work = "\(scratch.path)/work", view = "\(scratch.path)/view"
        for path in [work, view] { try FileSystem.makeDirectory(path, mode: 0o700) }
        try PrivateMounts.run {
            // Synced when the layer is committed.
            let options = viewOptions(of: layers) + ["upperdir=\(pending.path)", "workdir=\(work)", "volatile"]
            try Mounts.mountOverlay(options, on: view)
            try body(try FileDescriptor.open(view, [.path, .directory]))
        }
        try pending.seal()
        return pending.diffID == Self.emptyTar ? nil : try commit(pending, over: layers.last?.chainID)
    }

    /// Mounts the layers at a directory, to be read only. For work in a mount namespace of its own.
    package func mountView(of layers: [ImageLayer], on path: String) throws {
        // Without layers there is nothing to see.
        if !layers.isEmpty { try Mounts.mountOverlay(viewOptions(of: layers), on: path, .readOnly) }
    }

    private func viewOptions(of layers: [ImageLayer]) -> [String] {
        // overlayfs takes no directory twice, and where nothing is written two at least.
        var seen: Set<String> = []
        let directories = directories(of: layers).reversed().filter { seen.insert($0).inserted } + [self.layers.empty]
        return ["lowerdir=" + directories.joined(separator: ":"), "redirect_dir=off", "metacopy=off", "index=off"]
    }

    /// Takes an overlay's upper directory, which nobody writes to any more, for a layer over others. Nil when it holds nothing.
    package func adopt(_ upper: String, over layers: [ImageLayer]) throws -> ImageLayer? {
        let pending = try self.layers.adopt(upper)
        return pending.diffID == Self.emptyTar ? nil : try commit(pending, over: layers.last?.chainID)
    }

    /// The same of a directory that stays where it is.
    package func copy(_ upper: String, over layers: [ImageLayer]) throws -> ImageLayer? {
        let pending = try layerOf(upper: upper)
        return pending.diffID == Self.emptyTar ? nil : try commit(pending, over: layers.last?.chainID)
    }

    /// Takes a layer that was made elsewhere over others; the blob that it comes in is here.
    package func takeLayer(_ blob: Descriptor, diffID: Digest, over layers: [ImageLayer]) throws -> ImageLayer {
        let parent = layers.last?.chainID
        let pending = try self.layers.unpack(
            Decompressor(content.open(blob.digest)), expected: diffID, chainParent: parent, parents: directories(of: layers).reversed())
        try pending.directory.syncFileSystem()
        return ImageLayer(
            diffID: diffID, chainID: LayerStore.chainID(diffID, over: parent), directory: try pending.commit(), size: pending.size, blob: blob.digest,
            blobSize: blob.size, mediaType: blob.mediaType)
    }

    /// Where a blob of the store is.
    package func blobPath(_ digest: Digest) -> String { content.blobPath(digest) }

    /// The layer as it is over these.
    package func stacked(_ layer: ImageLayer, on layers: [ImageLayer]) -> ImageLayer {
        var layer = layer
        layer.chainID = LayerStore.chainID(layer.diffID, over: layers.last?.chainID)
        return layer
    }

    /// The absolute paths of layers' directories.
    package func directories(of layers: [ImageLayer]) -> [String] { layers.map { self.layers.path(of: $0.directory) } }

    /// An image that nobody sees, for a container to be made of: it goes with the last container that has it.
    package func lend(_ document: ImageDocument, layers: [ImageLayer]) throws -> Image {
        let config = try Document.encode(document)
        let new = NewImage(config: config, document: document, id: Self.id(of: config), layers: layers)
        return try database.transaction { rows in
            if let image = try rows.image(new.id) { return image }
            try rows.insert(new)
            try rows.run("UPDATE images SET hidden = 1 WHERE id = ?", .text(new.id.description))
            guard let image = try rows.image(new.id) else { throw Fault(.internal, "an image is not there that was just written") }
            return image
        }
    }

    /// The image that a document is, when it is here to be seen.
    package func known(_ document: ImageDocument) throws -> Digest? {
        let id = Self.id(of: try Document.encode(document))
        return try database.read { rows in try rows.first("SELECT 1 FROM images WHERE id = ? AND hidden = 0", .text(id.description)) } == nil ? nil : id
    }
}
