internal import Archive
internal import Database
package import Diagnostics
internal import Layers
internal import Linux
package import OCI
internal import Values

extension Images {
    /// Puts an image of finished layers and a new document into the database, under a name if any. The caller has an ingest hold,
    /// and everything the layers need is on disk.
    package func record(
        _ document: ImageDocument, layers: [ImageLayer], parent: Digest? = nil, name: Reference? = nil
    ) throws -> Digest {
        let config = try Document.encode(document)
        let id = ContentHasher.digest(config)
        let image = NewImage(config: config, document: document, id: id, layers: layers, parent: parent == id ? nil : parent)
        try database.transaction { rows in
            try rows.insert(image)
            if let name { try rows.name(name, image: id, at: .now) }
        }
        return id
    }

    /// Gives a layer made here its name, after it is on disk for good.
    func commit(_ pending: PendingLayer, over parent: Digest?) throws -> ImageLayer {
        guard let diffID = pending.diffID else { throw Fault(.internal, "a layer is not finished") }
        try pending.directory.syncFileSystem()
        let directory = try pending.commit()
        return ImageLayer(
            diffID: diffID, chainID: LayerStore.chainID(diffID, over: parent), directory: directory, size: pending.size, blob: nil,
            blobSize: pending.tarSize, mediaType: MediaType.layer)
    }

    /// The digest of a tar without members: such a layer changes nothing and is left out.
    static let emptyTar = ContentHasher.digest([UInt8](repeating: 0, count: 1024))
}

/// Reads a name that a new image shall have. Throws Docker's words.
package func newName(_ text: String) throws(Fault) -> Reference {
    let reference: Reference
    do throws(ReferenceError) { reference = try Reference(text) } catch { throw Fault(.invalid, error.description) }
    guard reference.digest == nil else { throw Fault(.invalid, "refusing to create a tag with a digest reference") }
    guard reference.familiarName != "sha256" else { throw Fault(.invalid, "refusing to create an ambiguous tag using digest algorithm as name") }
    return reference.withDefaultTag
}
