internal import Archive
internal import Content
internal import Database
package import Diagnostics
internal import Layers
internal import Linux
package import OCI
internal import Values

extension Images {
    /// Makes an image of one layer that has what all layers of the image called `name` show together, with the same configuration, under
    /// the name `target` if it is given. Files that a layer hid or removed take no room any more.
    ///
    /// The history stays readable: its steps are kept as steps without a layer, and the last one, with the comment `squash`, has the layer.
    /// The same image gives the same layer, as only what is in it decides on it. Returns the new image's id.
    package func squash(_ name: String, as target: String? = nil) throws(Fault) -> Digest {
        let reference = try target.map { text throws(Fault) in try newName(text) }
        // Nothing of the image may be deleted while it is read, and nothing that is made here before its row is there.
        let ingest = try ingestHold()
        defer { _ = ingest }
        let image = try resolve(name)
        return try asFault("cannot squash \(name)") {
            try prepare()
            let file = OpenFile(try FileDescriptor.open("\(content.path)/ingest", [.readWrite, .temporary], mode: 0o600))
            try TreeArchiver.write(merged: LowerLayers(layerDirectories(of: image)), to: FileSink(file.descriptor.duplicate()))
            let pending = try layers.unpackAsOwn(SeekableSource(file))
            let layer = try commit(pending, over: nil)
            var document = image.document
            document.rootfs.diffIDs = [layer.diffID]
            var steps = image.history
            for index in steps.indices { steps[index].emptyLayer = true }
            steps.append(.init(created: document.created, createdBy: "squash \(image.id)", comment: "squash"))
            document.history = steps
            let id = try record(document, layers: [layer], name: reference)
            publish("create", id, name: reference?.familiar)
            return id
        }
    }
}
