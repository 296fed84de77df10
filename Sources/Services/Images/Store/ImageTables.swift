internal import Database
internal import Diagnostics
internal import Layers
internal import OCI
internal import Values

extension Images {
    /// The tables, for `Database.open`. An image without names that a container still uses after a forced removal is `hidden`:
    /// only its layers are kept. A name has one image for each platform of the index that is its `target`; without an index it has one.
    /// `index_blobs` are what an index has beside images: attestations with what they name, and indexes inside of it. `blob_sources` says which
    /// repositories of registries have a blob, `compressed_layers` what a layer made here was pushed as. `build_cache` says what steps of builds
    /// came to: a layer, or nothing changed.
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
            name TEXT NOT NULL, image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, target TEXT,
            PRIMARY KEY (name, image)) WITHOUT ROWID;
        CREATE INDEX image_names_by_image ON image_names (image);
        CREATE TABLE image_indexes (digest TEXT PRIMARY KEY, media_type TEXT NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE index_blobs (
            target TEXT NOT NULL REFERENCES image_indexes (digest) ON DELETE CASCADE, blob TEXT NOT NULL, PRIMARY KEY (target, blob)) WITHOUT ROWID;
        CREATE TABLE blob_sources (blob TEXT NOT NULL, repository TEXT NOT NULL, PRIMARY KEY (blob, repository)) WITHOUT ROWID;
        CREATE TABLE compressed_layers (diff_id TEXT PRIMARY KEY, blob TEXT NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE build_cache (
            key TEXT PRIMARY KEY, parent TEXT NOT NULL, description TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL,
            uses INTEGER NOT NULL, diff_id TEXT, chain_id TEXT, directory TEXT, size INTEGER, blob TEXT, blob_size INTEGER, media_type TEXT) WITHOUT ROWID;
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

    /// Whether it can be what somebody made of `parent`: that has its first layers, and a shorter history.
    func isMade(from parent: NewImage) -> Bool {
        layers.map(\.diffID).starts(with: parent.layers.map(\.diffID)) && parent.document.history?.count ?? 0 < document.history?.count ?? 0
    }

    /// Nanoseconds since 1970.
    var created: Int64 { (document.created ?? .never).nanoseconds }
}

/// The exact bytes that an image's digests are of.
struct ImageDocuments: Sendable {
    var config: [UInt8]
    var manifest: [UInt8]?
}

/// An index as its registry has it, byte for byte.
struct StoredIndex: Sendable {
    var digest: Digest
    var mediaType: String
    var bytes: [UInt8]
    /// What of it is in the content store beside images: attestations with what they name, and indexes inside of it.
    var blobs: Set<Digest> = []
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

    /// Gives an image a name, which is taken from whoever had it: that image's id is returned. `target` is the digest of the index or
    /// manifest that the name stands for in its registry; images for other platforms of the same index keep the name too. `time` is nil for
    /// names that nobody gave by hand, which do not count as the image's last.
    @discardableResult
    borrowing func name(_ reference: Reference, image: Digest, at time: Timestamp? = nil, target: Digest? = nil) throws -> Digest? {
        let name = Value.text(reference.description), id = Value.text(image.description), target = Value.optional(target?.description)
        // Without a target nobody else can mean the same.
        let others = "FROM image_names WHERE name = ?1 AND image <> ?2 AND (?3 IS NULL OR target IS NOT ?3)"
        let previous = try first("SELECT image \(others)", name, id, target)?.text("image")
        try run("DELETE \(others)", name, id, target)
        try run("INSERT OR REPLACE INTO image_names VALUES (?, ?, ?)", name, id, target)
        if let time { try run("UPDATE images SET tagged = ? WHERE id = ?", .int(time.nanoseconds), id) }
        return previous.flatMap { Digest($0) }
    }

    /// Gives a name to all that another one stands for.
    borrowing func copyName(_ source: Reference, to new: Reference) throws {
        try run(
            "INSERT OR IGNORE INTO image_names SELECT ?1, image, target FROM image_names WHERE name = ?2 AND target IS NOT NULL",
            .text(new.description), .text(source.description))
    }

    /// The digest of the index or manifest that a name stands for in its registry; nil for a name given here.
    borrowing func target(of reference: Reference) throws -> Digest? {
        try first("SELECT target FROM image_names WHERE name = ?", .text(reference.description))?.optionalText("target").flatMap { Digest($0) }
    }

    /// Keeps an index. What was kept of it before stays.
    borrowing func keep(_ index: StoredIndex) throws {
        let digest = Value.text(index.digest.description)
        try run("INSERT OR IGNORE INTO image_indexes VALUES (?, ?, ?)", digest, .text(index.mediaType), .blob(index.bytes))
        for blob in index.blobs { try run("INSERT OR IGNORE INTO index_blobs VALUES (?, ?)", digest, .text(blob.description)) }
    }

    /// An index that was kept.
    borrowing func index(_ digest: Digest) throws -> StoredIndex? {
        let key = Value.text(digest.description)
        guard let row = try first("SELECT media_type, bytes FROM image_indexes WHERE digest = ?", key) else { return nil }
        let blobs = try rows("SELECT blob FROM index_blobs WHERE target = ?", key).map { try Self.digest($0.text("blob")) }
        return StoredIndex(digest: digest, mediaType: try row.text("media_type"), bytes: try row.blob("bytes"), blobs: Set(blobs))
    }

    /// The image that came with this manifest, not hidden.
    borrowing func imageID(manifest: Digest) throws -> Digest? {
        try first("SELECT id FROM images WHERE manifest = ? AND hidden = 0", .text(manifest.description)).map { try Self.digest($0.text("id")) }
    }

    /// Takes a name from the one image, or from all that have it.
    borrowing func removeName(_ reference: Reference, from image: Digest? = nil) throws {
        try run("DELETE FROM image_names WHERE name = ?1 AND (?2 IS NULL OR image = ?2)", .text(reference.description), .optional(image?.description))
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

    static func layer(_ row: Row) throws -> ImageLayer {
        ImageLayer(
            diffID: try digest(row.text("diff_id")), chainID: try digest(row.text("chain_id")), directory: try row.text("directory"),
            size: try row.int("size"), blob: try row.optionalText("blob").map { try digest($0) }, blobSize: try row.int("blob_size"),
            mediaType: try row.text("media_type"))
    }

    /// An image and all that were made from it.
    borrowing func family(of id: Digest) throws -> [Digest] {
        try rows(
            """
            WITH RECURSIVE family (id) AS (VALUES (?) UNION SELECT images.id FROM images JOIN family ON images.parent = family.id)
            SELECT id FROM family
            """, .text(id.description)
        ).map { try Self.digest($0.text("id")) }
    }

    /// Images made from this one, not hidden.
    borrowing func children(of id: Digest) throws -> [Digest] {
        try rows("SELECT id FROM images WHERE parent = ? AND hidden = 0", .text(id.description)).map { try Self.digest($0.text("id")) }
    }

    /// The tags of a repository, such as `docker.io/library/x`.
    borrowing func names(inRepository name: String) throws -> [Reference] {
        // The character after the colon ends the range.
        try rows("SELECT DISTINCT name FROM image_names WHERE name >= ? AND name < ? ORDER BY name", .text("\(name):"), .text("\(name);"))
            .map { try Self.reference($0.text("name")) }
    }

    /// The exact bytes of an image's configuration and, when it came with one, of its manifest.
    borrowing func documents(of id: Digest) throws -> ImageDocuments {
        guard let row = try first("SELECT config, manifest_bytes FROM images WHERE id = ?", .text(id.description)) else {
            throw Fault(.notFound, "No such image: \(id)")
        }
        return ImageDocuments(config: try row.blob("config"), manifest: try row.value("manifest_bytes") == .null ? nil : try row.blob("manifest_bytes"))
    }

    /// Every image of a name: more than one when it has several platforms here.
    borrowing func imageIDs(named reference: Reference) throws -> [Digest] { try imageRows(named: reference).map { try Self.digest($0.text("image")) } }

    private borrowing func imageRows(named reference: Reference) throws -> [Row] {
        try rows("SELECT image FROM image_names WHERE name = ? ORDER BY image", .text(reference.description))
    }

    /// The image of a name: of several the best for `platform`, and without one the best for this machine.
    borrowing func imageID(named reference: Reference, for platform: Platform? = nil) throws -> Digest? {
        try best(of: imageRows(named: reference), for: platform)
    }

    /// The same of rows of images.
    borrowing func best(of rows: [Row], for platform: Platform? = nil) throws -> Digest? {
        let ids = try rows.map { try Self.digest($0.text("image")) }
        guard ids.count > 1 else { return ids.first }
        var platforms: [Platform] = []
        for id in ids { platforms.append(try image(id)?.platform ?? .host) }
        return Platform.best(of: platforms, for: platform ?? .host).map { ids[$0] } ?? ids.first
    }

    /// Images whose id begins with these digits after `sha256:`, two at most: more than one is as bad as none.
    borrowing func imageIDs(prefix: String) throws -> [Digest] {
        try rows("SELECT id FROM images WHERE id >= ?1 AND id < ?2 AND hidden = 0 LIMIT 2", .text("sha256:\(prefix)"), .text("sha256:\(prefix)g"))
            .map { try Self.digest($0.text("id")) }
    }
}
