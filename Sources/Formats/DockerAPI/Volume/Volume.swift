package import JSON
package import Values

/// Size and number of users; -1 when not known.
package struct VolumeUsage: JSONRecord, Sendable, Hashable {
    package var refCount: Int = 0
    package var size: Int = 0

    package init(refCount: Int = 0, size: Int = 0) {
        self.refCount = refCount
        self.size = size
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("RefCount", &refCount)
        try m("Size", &size)
    }
}

/// A volume, as create, list and inspect show it.
package struct Volume: JSONRecord, Sendable, Hashable {
    package var createdAt: Timestamp = .never
    package var driver: String = ""
    package var labels: [String: String]?
    package var mountpoint: String = ""
    package var name: String = ""
    package var options: [String: String]?
    package var scope: String = ""
    package var usageData: VolumeUsage?

    package init(
        createdAt: Timestamp = .never,
        driver: String = "",
        labels: [String: String]? = nil,
        mountpoint: String = "",
        name: String = "",
        options: [String: String]? = nil,
        scope: String = "",
        usageData: VolumeUsage? = nil
    ) {
        self.createdAt = createdAt
        self.driver = driver
        self.labels = labels
        self.mountpoint = mountpoint
        self.name = name
        self.options = options
        self.scope = scope
        self.usageData = usageData
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("CreatedAt", &createdAt, .unlessEmpty)
        try m("Driver", &driver)
        try m("Labels", &labels)
        try m("Mountpoint", &mountpoint)
        try m("Name", &name)
        try m("Options", &options)
        try m("Scope", &scope)
        try m("UsageData", &usageData, .unlessEmpty)
    }
}

/// The body of POST /volumes/create.
package struct VolumeCreateRequest: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var driverOpts: [String: String]?
    package var labels: [String: String]?
    /// Empty: the engine chooses.
    package var name: String = ""

    package init(driver: String = "", driverOpts: [String: String]? = nil, labels: [String: String]? = nil, name: String = "") {
        self.driver = driver
        self.driverOpts = driverOpts
        self.labels = labels
        self.name = name
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Driver", &driver, .unlessEmpty)
        try m("DriverOpts", &driverOpts, .unlessEmpty)
        try m("Labels", &labels, .unlessEmpty)
        try m("Name", &name, .unlessEmpty)
    }
}

/// The answer to GET /volumes.
package struct VolumeList: JSONRecord, Sendable, Hashable {
    package var volumes: [Volume] = []
    package var warnings: [String]?

    package init(volumes: [Volume] = [], warnings: [String]? = nil) {
        self.volumes = volumes
        self.warnings = warnings
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Volumes", &volumes)
        try m("Warnings", &warnings)
    }
}

/// The answer to POST /volumes/prune.
package struct VolumesPruneReport: JSONRecord, Sendable, Hashable {
    package var volumesDeleted: [String]?
    package var spaceReclaimed: Int = 0

    package init(volumesDeleted: [String]? = nil, spaceReclaimed: Int = 0) {
        self.volumesDeleted = volumesDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("VolumesDeleted", &volumesDeleted)
        try m("SpaceReclaimed", &spaceReclaimed)
    }
}

/// The answer to POST /networks/prune.
package struct NetworksPruneReport: JSONRecord, Sendable, Hashable {
    package var networksDeleted: [String]?

    package init(networksDeleted: [String]? = nil) {
        self.networksDeleted = networksDeleted
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("NetworksDeleted", &networksDeleted)
    }
}
