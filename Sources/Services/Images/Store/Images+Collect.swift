internal import Content
internal import Database
package import Diagnostics
internal import Layers
package import OCI
internal import Values

extension Images {
    /// Deletes what no row names: layers and blobs of interrupted work or removed images. For the start of the engine, and cheap
    /// when there is nothing to do. Does nothing while another thread or process brings something in: then the next call finds it.
    package func recover() throws(Fault) {
        try prepare()
        try asFault("cannot clean the image store") { _ = try collect() }
    }

    /// False when it had to be left for later.
    @discardableResult
    func collect() throws -> Bool {
        let done: Void? = try ImageHold.ifFree(paths.ingestLock) { () throws -> Void in
            // Each holds a lock of its own too, but has none in its very first moment.
            try content.removeStaleIngests()
            try layers.removeStaleWork()
            try dropUnusedHidden()
            try dropUnusedRecords()
            let kept = try database.read { rows in
                Kept(
                    directories: Set(try rows.rows(Self.keptDirectories).map { try $0.text("directory") }),
                    blobs: Set(try rows.rows(Self.keptBlobs).map { try $0.text("blob") }))
            }
            for directory in try layers.directories() where !kept.directories.contains(directory) { try layers.delete(directory) }
            for blob in try content.digests() where !kept.blobs.contains(blob.description) { try content.delete(blob) }
        }
        return done != nil
    }

    /// Those of images, and those that steps of builds came to.
    private static let keptDirectories = "SELECT directory FROM image_layers UNION SELECT directory FROM build_cache WHERE directory IS NOT NULL"

    /// Those that layers came in, those that layers made here were pushed as, and what indexes have beside images.
    private static let keptBlobs = """
        SELECT blob FROM image_layers WHERE blob IS NOT NULL
        UNION SELECT blob FROM build_cache WHERE blob IS NOT NULL
        UNION SELECT blob FROM index_blobs
        UNION SELECT blob FROM compressed_layers WHERE diff_id IN (SELECT diff_id FROM image_layers)
        """

    private struct Kept: Sendable {
        var directories: Set<String>
        var blobs: Set<String>
    }

    /// Images that were removed while stopped containers needed their layers, and that nobody needs any more.
    private func dropUnusedHidden() throws {
        let hidden = try database.read { rows in
            try rows.rows("SELECT id FROM images WHERE hidden = 1").compactMap { Digest(try $0.text("id")) }
        }
        for id in hidden where try usage(id).isEmpty {
            try database.transaction { rows in _ = try rows.run("DELETE FROM images WHERE id = ? AND hidden = 1", .text(id.description)) }
        }
    }

    /// What is known of content that is not here any more.
    private func dropUnusedRecords() throws {
        let isClean = try database.read { rows in
            try rows.first(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM image_indexes WHERE digest NOT IN (SELECT target FROM image_names WHERE target IS NOT NULL))
                OR EXISTS (SELECT 1 FROM compressed_layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers))
                """) == nil
        }
        if isClean { return }
        try database.transaction { rows in
            try rows.run("DELETE FROM image_indexes WHERE digest NOT IN (SELECT target FROM image_names WHERE target IS NOT NULL)")
            try rows.run("DELETE FROM compressed_layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)")
            try rows.run(
                "DELETE FROM blob_sources WHERE blob NOT IN (SELECT blob FROM image_layers WHERE blob IS NOT NULL UNION SELECT blob FROM compressed_layers)")
        }
    }

    /// To be called when a container has been removed: deletes its image's layers if the image went before it.
    package func released(_ image: Digest) throws(Fault) {
        try asFault("cannot clean the image store") {
            let isHidden = try database.read { try $0.first("SELECT 1 FROM images WHERE id = ? AND hidden = 1", .text(image.description)) != nil }
            if isHidden { _ = try collect() }
        }
    }
}
