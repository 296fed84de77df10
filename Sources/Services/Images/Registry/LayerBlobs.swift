internal import Archive
internal import Content
internal import Database
internal import Diagnostics
internal import Layers
package import OCI

extension Images {
    /// The blob that a layer goes to a registry as, ready in the store. A layer that came from elsewhere goes as it came; one that was made
    /// here is compressed, once: what it was pushed as is kept as long as the layer is.
    package func blob(of layer: ImageLayer) throws -> Descriptor {
        if let blob = layer.blob, content.contains(blob) { return Descriptor(mediaType: layer.mediaType, digest: blob, size: layer.blobSize) }
        let row = try database.read { rows in
            try rows.first("SELECT blob, size FROM compressed_layers WHERE diff_id = ?", .text(layer.diffID.description))
        }
        if let row, let digest = Digest(try row.text("blob")), content.contains(digest) {
            return Descriptor(mediaType: MediaType.dockerLayerGzip, digest: digest, size: try row.int("size"))
        }
        let made = try compress(layer)
        try database.transaction { rows in
            _ = try rows.run("INSERT OR REPLACE INTO compressed_layers VALUES (?, ?, ?)", .text(layer.diffID.description), .text(made.digest.description), .int(made.size))
        }
        return Descriptor(mediaType: MediaType.dockerLayerGzip, digest: made.digest, size: made.size)
    }

    private func compress(_ layer: ImageLayer) throws -> (digest: Digest, size: Int64) {
        let ingest = try Ingest(in: content)
        let gzip = try GzipMembersSink(ingest)
        let plain = HashingSink(gzip)
        try layers.archive(layer.directory, to: plain)
        try gzip.finish()
        let found = plain.digest()
        guard found == layer.diffID else { throw Fault(.internal, "the layer \(layer.diffID) has been changed on disk: it is \(found) now") }
        return try ingest.commit()
    }
}
