package import JSON

/// Block I/O weight of one device.
package struct WeightDevice: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var weight: Int = 0

    package init(path: String = "", weight: Int = 0) {
        self.path = path
        self.weight = weight
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Path", &path)
        try m("Weight", &weight)
    }
}

/// Rate limit of one block device, in bytes or operations a second.
package struct ThrottleDevice: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var rate: UInt64 = 0

    package init(path: String = "", rate: UInt64 = 0) {
        self.path = path
        self.rate = rate
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Path", &path)
        try m("Rate", &rate)
    }
}

/// A host device made visible in a container.
package struct DeviceMapping: JSONRecord, Sendable, Hashable {
    package var pathOnHost: String = ""
    package var pathInContainer: String = ""
    /// Letters of `rwm`.
    package var cgroupPermissions: String = ""

    package init(pathOnHost: String = "", pathInContainer: String = "", cgroupPermissions: String = "") {
        self.pathOnHost = pathOnHost
        self.pathInContainer = pathInContainer
        self.cgroupPermissions = cgroupPermissions
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("PathOnHost", &pathOnHost)
        try m("PathInContainer", &pathInContainer)
        try m("CgroupPermissions", &cgroupPermissions)
    }
}

/// Devices asked of a driver, such as GPUs.
package struct DeviceRequest: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var count: Int = 0
    package var deviceIDs: [String]?
    package var capabilities: [[String]]?
    package var options: [String: String]?

    package init(driver: String = "", count: Int = 0, deviceIDs: [String]? = nil, capabilities: [[String]]? = nil, options: [String: String]? = nil) {
        self.driver = driver
        self.count = count
        self.deviceIDs = deviceIDs
        self.capabilities = capabilities
        self.options = options
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Driver", &driver)
        try m("Count", &count)
        try m("DeviceIDs", &deviceIDs)
        try m("Capabilities", &capabilities)
        try m("Options", &options)
    }
}

/// One resource limit; -1 is unlimited.
package struct Ulimit: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var hard: Int = 0
    package var soft: Int = 0

    package init(name: String = "", hard: Int = 0, soft: Int = 0) {
        self.name = name
        self.hard = hard
        self.soft = soft
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("Hard", &hard)
        try m("Soft", &soft)
    }
}
