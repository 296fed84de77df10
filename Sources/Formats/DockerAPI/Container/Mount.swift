/// A mount asked for with `--mount`.
package struct Mount: Codable, Sendable, Hashable {
    /// `bind`, `volume`, `tmpfs`, `image`, `npipe` or `cluster`.
    package var type: String = ""
    package var source: String = ""
    package var target: String = ""
    package var readOnly: Bool = false
    package var consistency: String = ""
    package var bindOptions: BindOptions?
    package var volumeOptions: VolumeOptions?
    package var imageOptions: ImageOptions?
    package var tmpfsOptions: TmpfsOptions?

    package init(
        type: String = "",
        source: String = "",
        target: String = "",
        readOnly: Bool = false,
        consistency: String = "",
        bindOptions: BindOptions? = nil,
        volumeOptions: VolumeOptions? = nil,
        imageOptions: ImageOptions? = nil,
        tmpfsOptions: TmpfsOptions? = nil
    ) {
        self.type = type
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.consistency = consistency
        self.bindOptions = bindOptions
        self.volumeOptions = volumeOptions
        self.imageOptions = imageOptions
        self.tmpfsOptions = tmpfsOptions
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case source = "Source"
        case target = "Target"
        case readOnly = "ReadOnly"
        case consistency = "Consistency"
        case bindOptions = "BindOptions"
        case volumeOptions = "VolumeOptions"
        case imageOptions = "ImageOptions"
        case tmpfsOptions = "TmpfsOptions"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try fields.value(.type)
        source = try fields.value(.source)
        target = try fields.value(.target)
        readOnly = try fields.value(.readOnly)
        consistency = try fields.value(.consistency)
        bindOptions = try fields.optional(.bindOptions)
        volumeOptions = try fields.optional(.volumeOptions)
        imageOptions = try fields.optional(.imageOptions)
        tmpfsOptions = try fields.optional(.tmpfsOptions)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(type, .type)
        try fields.putUnlessZero(source, .source)
        try fields.putUnlessZero(target, .target)
        try fields.putUnlessZero(readOnly, .readOnly)
        try fields.putUnlessZero(consistency, .consistency)
        try fields.putUnlessEmpty(bindOptions, .bindOptions)
        try fields.putUnlessEmpty(volumeOptions, .volumeOptions)
        try fields.putUnlessEmpty(imageOptions, .imageOptions)
        try fields.putUnlessEmpty(tmpfsOptions, .tmpfsOptions)
    }
}

/// What is particular to bind mounts.
package struct BindOptions: Codable, Sendable, Hashable {
    package var propagation: String = ""
    package var nonRecursive: Bool = false
    package var createMountpoint: Bool = false
    package var readOnlyNonRecursive: Bool = false
    package var readOnlyForceRecursive: Bool = false

    package init(
        propagation: String = "",
        nonRecursive: Bool = false,
        createMountpoint: Bool = false,
        readOnlyNonRecursive: Bool = false,
        readOnlyForceRecursive: Bool = false
    ) {
        self.propagation = propagation
        self.nonRecursive = nonRecursive
        self.createMountpoint = createMountpoint
        self.readOnlyNonRecursive = readOnlyNonRecursive
        self.readOnlyForceRecursive = readOnlyForceRecursive
    }

    private enum CodingKeys: String, CodingKey {
        case propagation = "Propagation"
        case nonRecursive = "NonRecursive"
        case createMountpoint = "CreateMountpoint"
        case readOnlyNonRecursive = "ReadOnlyNonRecursive"
        case readOnlyForceRecursive = "ReadOnlyForceRecursive"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        propagation = try fields.value(.propagation)
        nonRecursive = try fields.value(.nonRecursive)
        createMountpoint = try fields.value(.createMountpoint)
        readOnlyNonRecursive = try fields.value(.readOnlyNonRecursive)
        readOnlyForceRecursive = try fields.value(.readOnlyForceRecursive)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(propagation, .propagation)
        try fields.putUnlessZero(nonRecursive, .nonRecursive)
        try fields.putUnlessZero(createMountpoint, .createMountpoint)
        try fields.putUnlessZero(readOnlyNonRecursive, .readOnlyNonRecursive)
        try fields.putUnlessZero(readOnlyForceRecursive, .readOnlyForceRecursive)
    }
}

/// What is particular to volume mounts.
package struct VolumeOptions: Codable, Sendable, Hashable {
    package var noCopy: Bool = false
    package var labels: [String: String]?
    package var subpath: String = ""
    package var driverConfig: VolumeDriverConfig?

    package init(noCopy: Bool = false, labels: [String: String]? = nil, subpath: String = "", driverConfig: VolumeDriverConfig? = nil) {
        self.noCopy = noCopy
        self.labels = labels
        self.subpath = subpath
        self.driverConfig = driverConfig
    }

    private enum CodingKeys: String, CodingKey {
        case noCopy = "NoCopy"
        case labels = "Labels"
        case subpath = "Subpath"
        case driverConfig = "DriverConfig"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        noCopy = try fields.value(.noCopy)
        labels = try fields.optional(.labels)
        subpath = try fields.value(.subpath)
        driverConfig = try fields.optional(.driverConfig)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(noCopy, .noCopy)
        try fields.putUnlessEmpty(labels, .labels)
        try fields.putUnlessZero(subpath, .subpath)
        try fields.putUnlessEmpty(driverConfig, .driverConfig)
    }
}

/// The driver that makes a volume which does not exist yet.
package struct VolumeDriverConfig: Codable, Sendable, Hashable {
    package var name: String = ""
    package var options: [String: String]?

    package init(name: String = "", options: [String: String]? = nil) {
        self.name = name
        self.options = options
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case options = "Options"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        options = try fields.optional(.options)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(name, .name)
        try fields.putUnlessEmpty(options, .options)
    }
}

/// What is particular to image mounts.
package struct ImageOptions: Codable, Sendable, Hashable {
    package var subpath: String = ""

    package init(subpath: String = "") {
        self.subpath = subpath
    }

    private enum CodingKeys: String, CodingKey {
        case subpath = "Subpath"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        subpath = try fields.value(.subpath)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(subpath, .subpath)
    }
}

/// What is particular to tmpfs mounts.
package struct TmpfsOptions: Codable, Sendable, Hashable {
    package var sizeBytes: Int = 0
    /// Permission bits.
    package var mode: Int = 0
    package var options: [[String]]?

    package init(sizeBytes: Int = 0, mode: Int = 0, options: [[String]]? = nil) {
        self.sizeBytes = sizeBytes
        self.mode = mode
        self.options = options
    }

    private enum CodingKeys: String, CodingKey {
        case sizeBytes = "SizeBytes"
        case mode = "Mode"
        case options = "Options"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        sizeBytes = try fields.value(.sizeBytes)
        mode = try fields.value(.mode)
        options = try fields.optional(.options)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(sizeBytes, .sizeBytes)
        try fields.putUnlessZero(mode, .mode)
        try fields.putUnlessEmpty(options, .options)
    }
}

/// A mount that a container has, as inspect shows it.
package struct MountPoint: Codable, Sendable, Hashable {
    package var type: String = ""
    package var name: String = ""
    package var source: String = ""
    package var destination: String = ""
    package var driver: String = ""
    package var mode: String = ""
    package var rw: Bool = false
    package var propagation: String = ""

    package init(
        type: String = "",
        name: String = "",
        source: String = "",
        destination: String = "",
        driver: String = "",
        mode: String = "",
        rw: Bool = false,
        propagation: String = ""
    ) {
        self.type = type
        self.name = name
        self.source = source
        self.destination = destination
        self.driver = driver
        self.mode = mode
        self.rw = rw
        self.propagation = propagation
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case name = "Name"
        case source = "Source"
        case destination = "Destination"
        case driver = "Driver"
        case mode = "Mode"
        case rw = "RW"
        case propagation = "Propagation"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try fields.value(.type)
        name = try fields.value(.name)
        source = try fields.value(.source)
        destination = try fields.value(.destination)
        driver = try fields.value(.driver)
        mode = try fields.value(.mode)
        rw = try fields.value(.rw)
        propagation = try fields.value(.propagation)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(type, .type)
        try fields.putUnlessZero(name, .name)
        try fields.put(source, .source)
        try fields.put(destination, .destination)
        try fields.putUnlessZero(driver, .driver)
        try fields.put(mode, .mode)
        try fields.put(rw, .rw)
        try fields.put(propagation, .propagation)
    }
}

extension Mount: GoZero { package static var zero: Self { Self() } }
extension BindOptions: GoZero { package static var zero: Self { Self() } }
extension VolumeOptions: GoZero { package static var zero: Self { Self() } }
extension VolumeDriverConfig: GoZero { package static var zero: Self { Self() } }
extension ImageOptions: GoZero { package static var zero: Self { Self() } }
extension TmpfsOptions: GoZero { package static var zero: Self { Self() } }
extension MountPoint: GoZero { package static var zero: Self { Self() } }
