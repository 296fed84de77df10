/// One step of GET /images/{name}/history, the newest first.
package struct ImageHistoryItem: Codable, Sendable, Hashable {
    package var comment: String = ""
    /// Seconds since 1970.
    package var created: Int = 0
    package var createdBy: String = ""
    /// An image id, or `<missing>`.
    package var id: String = ""
    package var size: Int = 0
    package var tags: [String]?

    package init(comment: String = "", created: Int = 0, createdBy: String = "", id: String = "", size: Int = 0, tags: [String]? = nil) {
        self.comment = comment
        self.created = created
        self.createdBy = createdBy
        self.id = id
        self.size = size
        self.tags = tags
    }

    private enum CodingKeys: String, CodingKey {
        case comment = "Comment"
        case created = "Created"
        case createdBy = "CreatedBy"
        case id = "Id"
        case size = "Size"
        case tags = "Tags"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        comment = try fields.value(.comment)
        created = try fields.value(.created)
        createdBy = try fields.value(.createdBy)
        id = try fields.value(.id)
        size = try fields.value(.size)
        tags = try fields.optional(.tags)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(comment, .comment)
        try fields.put(created, .created)
        try fields.put(createdBy, .createdBy)
        try fields.put(id, .id)
        try fields.put(size, .size)
        try fields.put(tags, .tags)
    }
}

/// One effect of removing an image.
package struct ImageDeleteItem: Codable, Sendable, Hashable {
    package var deleted: String = ""
    package var untagged: String = ""

    package init(deleted: String = "", untagged: String = "") {
        self.deleted = deleted
        self.untagged = untagged
    }

    private enum CodingKeys: String, CodingKey {
        case deleted = "Deleted"
        case untagged = "Untagged"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        deleted = try fields.value(.deleted)
        untagged = try fields.value(.untagged)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(deleted, .deleted)
        try fields.putUnlessZero(untagged, .untagged)
    }
}

/// The answer to POST /images/prune.
package struct ImagesPruneReport: Codable, Sendable, Hashable {
    package var imagesDeleted: [ImageDeleteItem]?
    package var spaceReclaimed: Int = 0

    package init(imagesDeleted: [ImageDeleteItem]? = nil, spaceReclaimed: Int = 0) {
        self.imagesDeleted = imagesDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    private enum CodingKeys: String, CodingKey {
        case imagesDeleted = "ImagesDeleted"
        case spaceReclaimed = "SpaceReclaimed"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        imagesDeleted = try fields.optional(.imagesDeleted)
        spaceReclaimed = try fields.value(.spaceReclaimed)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(imagesDeleted, .imagesDeleted)
        try fields.put(spaceReclaimed, .spaceReclaimed)
    }
}

/// The id of something made.
package struct IDResponse: Codable, Sendable, Hashable {
    package var id: String = ""

    package init(id: String = "") {
        self.id = id
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
    }
}

extension ImageHistoryItem: GoZero { package static var zero: Self { Self() } }
extension ImageDeleteItem: GoZero { package static var zero: Self { Self() } }
extension ImagesPruneReport: GoZero { package static var zero: Self { Self() } }
extension IDResponse: GoZero { package static var zero: Self { Self() } }
