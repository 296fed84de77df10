/// Block I/O weight of one device.
package struct WeightDevice: Codable, Sendable, Hashable {
    package var path: String = ""
    package var weight: Int = 0

    package init(path: String = "", weight: Int = 0) {
        self.path = path
        self.weight = weight
    }

    private enum CodingKeys: String, CodingKey {
        case path = "Path"
        case weight = "Weight"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.value(.path)
        weight = try fields.value(.weight)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(path, .path)
        try fields.put(weight, .weight)
    }
}

/// Rate limit of one block device, in bytes or operations a second.
package struct ThrottleDevice: Codable, Sendable, Hashable {
    package var path: String = ""
    package var rate: UInt64 = 0

    package init(path: String = "", rate: UInt64 = 0) {
        self.path = path
        self.rate = rate
    }

    private enum CodingKeys: String, CodingKey {
        case path = "Path"
        case rate = "Rate"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.value(.path)
        rate = try fields.value(.rate)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(path, .path)
        try fields.put(rate, .rate)
    }
}

/// A host device made visible in a container.
package struct DeviceMapping: Codable, Sendable, Hashable {
    package var pathOnHost: String = ""
    package var pathInContainer: String = ""
    /// Letters of `rwm`.
    package var cgroupPermissions: String = ""

    package init(pathOnHost: String = "", pathInContainer: String = "", cgroupPermissions: String = "") {
        self.pathOnHost = pathOnHost
        self.pathInContainer = pathInContainer
        self.cgroupPermissions = cgroupPermissions
    }

    private enum CodingKeys: String, CodingKey {
        case pathOnHost = "PathOnHost"
        case pathInContainer = "PathInContainer"
        case cgroupPermissions = "CgroupPermissions"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        pathOnHost = try fields.value(.pathOnHost)
        pathInContainer = try fields.value(.pathInContainer)
        cgroupPermissions = try fields.value(.cgroupPermissions)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(pathOnHost, .pathOnHost)
        try fields.put(pathInContainer, .pathInContainer)
        try fields.put(cgroupPermissions, .cgroupPermissions)
    }
}

/// Devices asked of a driver, such as GPUs.
package struct DeviceRequest: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case count = "Count"
        case deviceIDs = "DeviceIDs"
        case capabilities = "Capabilities"
        case options = "Options"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        driver = try fields.value(.driver)
        count = try fields.value(.count)
        deviceIDs = try fields.optional(.deviceIDs)
        capabilities = try fields.optional(.capabilities)
        options = try fields.optional(.options)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(driver, .driver)
        try fields.put(count, .count)
        try fields.put(deviceIDs, .deviceIDs)
        try fields.put(capabilities, .capabilities)
        try fields.put(options, .options)
    }
}

/// One resource limit; -1 is unlimited.
package struct Ulimit: Codable, Sendable, Hashable {
    package var name: String = ""
    package var hard: Int = 0
    package var soft: Int = 0

    package init(name: String = "", hard: Int = 0, soft: Int = 0) {
        self.name = name
        self.hard = hard
        self.soft = soft
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case hard = "Hard"
        case soft = "Soft"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        hard = try fields.value(.hard)
        soft = try fields.value(.soft)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(hard, .hard)
        try fields.put(soft, .soft)
    }
}

extension WeightDevice: GoZero { package static var zero: Self { Self() } }
extension ThrottleDevice: GoZero { package static var zero: Self { Self() } }
extension DeviceMapping: GoZero { package static var zero: Self { Self() } }
extension DeviceRequest: GoZero { package static var zero: Self { Self() } }
extension Ulimit: GoZero { package static var zero: Self { Self() } }
