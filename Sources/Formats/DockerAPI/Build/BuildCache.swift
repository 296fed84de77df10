package import JSON
package import Values

/// What one step of a build came to, as GET /system/df lists it.
package struct BuildCache: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var parents: [String]?
    package var type: String = ""
    package var description: String = ""
    package var inUse: Bool = false
    /// An image has the same layer.
    package var shared: Bool = false
    /// Bytes of its layer's files.
    package var size: Int = 0
    package var createdAt: Timestamp = .never
    package var lastUsedAt: Timestamp?
    package var usageCount: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
        try m("Parents", &parents, .unlessNil)
        try m("Type", &type)
        try m("Description", &description)
        try m("InUse", &inUse)
        try m("Shared", &shared)
        try m("Size", &size)
        try m("CreatedAt", &createdAt)
        try m("LastUsedAt", &lastUsedAt)
        try m("UsageCount", &usageCount)
    }
}

/// The answer to POST /build/prune.
package struct BuildCachePruneReport: JSONRecord, Sendable, Hashable {
    package var cachesDeleted: [String]?
    package var spaceReclaimed: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("CachesDeleted", &cachesDeleted)
        try m("SpaceReclaimed", &spaceReclaimed)
    }
}
