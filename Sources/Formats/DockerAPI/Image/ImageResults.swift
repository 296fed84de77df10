package import JSON

/// One step of GET /images/{name}/history, the newest first.
package struct ImageHistoryItem: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Comment", &comment)
        try m("Created", &created)
        try m("CreatedBy", &createdBy)
        try m("Id", &id)
        try m("Size", &size)
        try m("Tags", &tags)
    }
}

/// One effect of removing an image.
package struct ImageDeleteItem: JSONRecord, Sendable, Hashable {
    package var deleted: String = ""
    package var untagged: String = ""

    package init(deleted: String = "", untagged: String = "") {
        self.deleted = deleted
        self.untagged = untagged
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Deleted", &deleted, .unlessEmpty)
        try m("Untagged", &untagged, .unlessEmpty)
    }
}

/// The answer to POST /images/prune.
package struct ImagesPruneReport: JSONRecord, Sendable, Hashable {
    package var imagesDeleted: [ImageDeleteItem]?
    package var spaceReclaimed: Int = 0

    package init(imagesDeleted: [ImageDeleteItem]? = nil, spaceReclaimed: Int = 0) {
        self.imagesDeleted = imagesDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ImagesDeleted", &imagesDeleted)
        try m("SpaceReclaimed", &spaceReclaimed)
    }
}

/// The id of something made.
package struct IDResponse: JSONRecord, Sendable, Hashable {
    package var id: String = ""

    package init(id: String = "") {
        self.id = id
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
    }
}

/// One repository that GET /images/search has found.
package struct ImageSearchItem: JSONRecord, Sendable, Hashable {
    package var description: String = ""
    package var isOfficial: Bool = false
    /// Always false: of no meaning any more.
    package var isAutomated: Bool = false
    package var name: String = ""
    package var starCount: Int = 0

    package init(description: String, isOfficial: Bool, name: String, starCount: Int) {
        self.description = description
        self.isOfficial = isOfficial
        self.name = name
        self.starCount = starCount
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("star_count", &starCount)
        try m("is_official", &isOfficial)
        try m("name", &name)
        try m("is_automated", &isAutomated)
        try m("description", &description)
    }
}
