package import Values

/// Size and number of users; -1 when not known.
package struct VolumeUsage: Codable, Sendable, Hashable {
    package var refCount: Int = 0
    package var size: Int = 0

    package init(refCount: Int = 0, size: Int = 0) {
        self.refCount = refCount
        self.size = size
    }

    private enum CodingKeys: String, CodingKey {
        case refCount = "RefCount"
        case size = "Size"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        refCount = try fields.value(.refCount)
        size = try fields.value(.size)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(refCount, .refCount)
        try fields.put(size, .size)
    }
}

/// A volume, as create, list and inspect show it.
package struct Volume: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case createdAt = "CreatedAt"
        case driver = "Driver"
        case labels = "Labels"
        case mountpoint = "Mountpoint"
        case name = "Name"
        case options = "Options"
        case scope = "Scope"
        case usageData = "UsageData"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        createdAt = try fields.value(.createdAt)
        driver = try fields.value(.driver)
        labels = try fields.optional(.labels)
        mountpoint = try fields.value(.mountpoint)
        name = try fields.value(.name)
        options = try fields.optional(.options)
        scope = try fields.value(.scope)
        usageData = try fields.optional(.usageData)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(createdAt, .createdAt)
        try fields.put(driver, .driver)
        try fields.put(labels, .labels)
        try fields.put(mountpoint, .mountpoint)
        try fields.put(name, .name)
        try fields.put(options, .options)
        try fields.put(scope, .scope)
        try fields.putUnlessEmpty(usageData, .usageData)
    }
}

/// The body of POST /volumes/create.
package struct VolumeCreateRequest: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case driverOpts = "DriverOpts"
        case labels = "Labels"
        case name = "Name"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        driver = try fields.value(.driver)
        driverOpts = try fields.optional(.driverOpts)
        labels = try fields.optional(.labels)
        name = try fields.value(.name)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(driver, .driver)
        try fields.putUnlessEmpty(driverOpts, .driverOpts)
        try fields.putUnlessEmpty(labels, .labels)
        try fields.putUnlessZero(name, .name)
    }
}

/// The answer to GET /volumes.
package struct VolumeList: Codable, Sendable, Hashable {
    package var volumes: [Volume] = []
    package var warnings: [String]?

    package init(volumes: [Volume] = [], warnings: [String]? = nil) {
        self.volumes = volumes
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case volumes = "Volumes"
        case warnings = "Warnings"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        volumes = try fields.value(.volumes)
        warnings = try fields.optional(.warnings)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(volumes, .volumes)
        try fields.put(warnings, .warnings)
    }
}

/// The answer to POST /volumes/prune.
package struct VolumesPruneReport: Codable, Sendable, Hashable {
    package var volumesDeleted: [String]?
    package var spaceReclaimed: Int = 0

    package init(volumesDeleted: [String]? = nil, spaceReclaimed: Int = 0) {
        self.volumesDeleted = volumesDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    private enum CodingKeys: String, CodingKey {
        case volumesDeleted = "VolumesDeleted"
        case spaceReclaimed = "SpaceReclaimed"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        volumesDeleted = try fields.optional(.volumesDeleted)
        spaceReclaimed = try fields.value(.spaceReclaimed)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(volumesDeleted, .volumesDeleted)
        try fields.put(spaceReclaimed, .spaceReclaimed)
    }
}

/// The answer to POST /networks/prune.
package struct NetworksPruneReport: Codable, Sendable, Hashable {
    package var networksDeleted: [String]?

    package init(networksDeleted: [String]? = nil) {
        self.networksDeleted = networksDeleted
    }

    private enum CodingKeys: String, CodingKey {
        case networksDeleted = "NetworksDeleted"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        networksDeleted = try fields.optional(.networksDeleted)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(networksDeleted, .networksDeleted)
    }
}

extension VolumeUsage: GoZero { package static var zero: Self { Self() } }
extension Volume: GoZero { package static var zero: Self { Self() } }
extension VolumeCreateRequest: GoZero { package static var zero: Self { Self() } }
extension VolumeList: GoZero { package static var zero: Self { Self() } }
extension VolumesPruneReport: GoZero { package static var zero: Self { Self() } }
extension NetworksPruneReport: GoZero { package static var zero: Self { Self() } }
