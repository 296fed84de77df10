internal import Database
internal import Diagnostics
internal import Layers
internal import OCI
internal import Values

extension Images {
    /// The tables, for `Database.open`. An image without names that a container still uses after a forced removal is `hidden`:
    /// only its layers are kept.
    package static let migrations: [String] = [
        """
        CREATE TABLE images (
            id TEXT PRIMARY KEY, config BLOB NOT NULL, manifest TEXT, manifest_bytes BLOB, created INTEGER NOT NULL,
            parent TEXT, tagged INTEGER, hidden INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE image_layers (
            image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, position INTEGER NOT NULL, diff_id TEXT NOT NULL,
            chain_id TEXT NOT NULL, directory TEXT NOT NULL, size INTEGER NOT NULL, blob TEXT, blob_size INTEGER NOT NULL,
            media_type TEXT NOT NULL, PRIMARY KEY (image, position)) WITHOUT ROWID;
        CREATE INDEX image_layers_by_directory ON image_layers (directory);
        CREATE INDEX image_layers_by_blob ON image_layers (blob);
        CREATE TABLE image_names (
            name TEXT PRIMARY KEY, image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE) WITHOUT ROWID;
        CREATE INDEX image_names_by_image ON image_names (image);
        """
    ]
}

/// An image about to be written.
struct NewImage: Sendable {
    /// The document's exact bytes, and what they say.
    var config: [UInt8]
    var document: ImageDocument
    var id: Digest
    var layers: [ImageLayer]
    var manifest: [UInt8]?
    var manifestDigest: Digest?
    var parent: Digest?

    /// Nanoseconds since 1970.
    var created: Int64 { (document.created ?? .never).nanoseconds }
}

/// The exact bytes that an image's digests are of.
struct ImageDocuments: Sendable {
    var config: [UInt8]
    var manifest: [UInt8]?
}

// Rows to values and back. All of it runs inside the caller's transaction.
extension Transaction {
    /// Writes an image. One that is here already shows again if it was hidden; its layers stay as they are, unless the new one has
    /// a manifest, which names their blobs.
    borrowing func insert(_ image: NewImage) throws {
        let id = Value.text(image.id.description)
        if try first("SELECT 1 FROM images WHERE id = ?", id) != nil {
            try run("UPDATE images SET hidden = 0 WHERE id = ?", id)
            guard let manifest = image.manifest else { return }
            try run(
                "UPDATE images SET manifest = ?, manifest_bytes = ? WHERE id = ?", .optional(image.manifestDigest?.description), .blob(manifest), id)
        } else {
            try run(
                "INSERT INTO images (id, config, manifest, manifest_bytes, created, parent) VALUES (?, ?, ?, ?, ?, ?)",
                id, .blob(image.config), .optional(image.manifestDigest?.description), image.manifest.map { .blob($0) } ?? .null, .int(image.created),
                .optional(image.parent?.description))
        }
        for (position, layer) in image.layers.enumerated() {
            try run(
                "INSERT OR REPLACE INTO image_layers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id, .int(position), .text(layer.diffID.description), .text(layer.chainID.description), .text(layer.directory), .int(layer.size),
                .optional(layer.blob?.description), .int(layer.blobSize), .text(layer.mediaType))
        }
    }

    /// Gives an image a name, which is taken from whoever had it: that image's id is returned.
    @discardableResult
    borrowing func name(_ reference: Reference, image: Digest, at time: Timestamp) throws -> Digest? {
        let previous = try first("SELECT image FROM image_names WHERE name = ?", .text(reference.description))?.text("image")
        try run("INSERT OR REPLACE INTO image_names VALUES (?, ?)", .text(reference.description), .text(image.description))
        try run("UPDATE images SET tagged = ? WHERE id = ?", .int(time.nanoseconds), .text(image.description))
        return previous == image.description ? nil : previous.flatMap { Digest($0) }
    }

    borrowing func removeName(_ reference: Reference) throws {
        try run("DELETE FROM image_names WHERE name = ?", .text(reference.description))
    }

    borrowing func names(of image: Digest) throws -> [Reference] {
        try rows("SELECT name FROM image_names WHERE image = ? ORDER BY name", .text(image.description)).map { try Self.reference($0.text("name")) }
    }

    private static func reference(_ text: String) throws -> Reference {
        do { return try Reference(text) } catch { throw Fault(.internal, "the database holds an image name that is none: \(text)") }
    }

    private static func digest(_ text: String) throws -> Digest {
        guard let digest = Digest(text) else { throw Fault(.internal, "the database holds a digest that is none: \(text)") }
        return digest
    }

    /// The image with this id, hidden or not.
    borrowing func image(_ id: Digest) throws -> Image? {
        guard let row = try first("SELECT id, config, manifest, parent, tagged FROM images WHERE id = ?", .text(id.description)) else { return nil }
        return try image(row)
    }

    borrowing func image(_ row: Row) throws -> Image {
        let id = try Self.digest(row.text("id"))
        return Image(
            id: id, document: try Document.decode(ImageDocument.self, from: row.blob("config"), what: "image configuration"),
            names: try names(of: id), layers: try layers(of: id), parent: try row.optionalText("parent").map { try Self.digest($0) },
            manifest: try row.optionalText("manifest").map { try Self.digest($0) },
            lastTagged: try row.optionalInt("tagged").map { Timestamp(nanoseconds: $0) })
    }

    /// All images that are not hidden, the newest first.
    borrowing func allImages() throws -> [Image] {
        var images: [Image] = []
        for row in try rows("SELECT id, config, manifest, parent, tagged FROM images WHERE hidden = 0 ORDER BY created DESC, id") {
            images.append(try image(row))
        }
        return images
    }

    borrowing func layers(of id: Digest) throws -> [ImageLayer] {
        try rows("SELECT * FROM image_layers WHERE image = ? ORDER BY position", .text(id.description)).map { try Self.layer($0) }
    }

    /// A layer as some image has it.
    borrowing func layer(chainID: Digest) throws -> ImageLayer? {
        try first("SELECT * FROM image_layers WHERE chain_id = ? LIMIT 1", .text(chainID.description)).map { try Self.layer($0) }
    }

    /// A layer as some image has it, by its unpacked directory.
    borrowing func layer(directory: String) throws -> ImageLayer? {
        try first("SELECT * FROM image_layers WHERE directory = ? LIMIT 1", .text(directory)).map { try Self.layer($0) }
    }

    private static func layer(_ row: Row) throws -> ImageLayer {
        ImageLayer(
            diffID: try digest(row.text("diff_id")), chainID: try digest(row.text("chain_id")), directory: try row.text("directory"),
            size: try row.int("size"), blob: try row.optionalText("blob").map { try digest($0) }, blobSize: try row.int("blob_size"),
            mediaType: try row.text("media_type"))
    }

    /// Images made from this one, not hidden.
    borrowing func children(of id: Digest) throws -> [Digest] {
        try rows("SELECT id FROM images WHERE parent = ? AND hidden = 0", .text(id.description)).map { try Self.digest($0.text("id")) }
    }

    /// The tags of a repository, such as `docker.io/library/x`.
    borrowing func names(inRepository name: String) throws -> [Reference] {
        // The character after the colon ends the range.
        try rows("SELECT name FROM image_names WHERE name >= ? AND name < ? ORDER BY name", .text("\(name):"), .text("\(name);"))
            .map { try Self.reference($0.text("name")) }
    }

    /// The exact bytes of an image's configuration and, when it came with one, of its manifest.
    borrowing func documents(of id: Digest) throws -> ImageDocuments {
        guard let row = try first("SELECT config, manifest_bytes FROM images WHERE id = ?", .text(id.description)) else {
            throw Fault(.notFound, "No such image: \(id)")
        }
        return ImageDocuments(config: try row.blob("config"), manifest: try row.value("manifest_bytes") == .null ? nil : try row.blob("manifest_bytes"))
    }

    borrowing func imageID(named reference: Reference) throws -> Digest? {
        try first("SELECT image FROM image_names WHERE name = ?", .text(reference.description)).map { try Self.digest($0.text("image")) }
    }

    /// Images whose id begins with these digits after `sha256:`, two at most: more than one is as bad as none.
    borrowing func imageIDs(prefix: String) throws -> [Digest] {
        try rows("SELECT id FROM images WHERE id >= ?1 AND id < ?2 AND hidden = 0 LIMIT 2", .text("sha256:\(prefix)"), .text("sha256:\(prefix)g"))
            .map { try Self.digest($0.text("id")) }
    }
}
