package import JSON

/// A mount asked for with `--mount`.
package struct Mount: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Type", &type, .unlessEmpty)
        try m("Source", &source, .unlessEmpty)
        try m("Target", &target, .unlessEmpty)
        try m("ReadOnly", &readOnly, .unlessEmpty)
        try m("Consistency", &consistency, .unlessEmpty)
        try m("BindOptions", &bindOptions, .unlessEmpty)
        try m("VolumeOptions", &volumeOptions, .unlessEmpty)
        try m("ImageOptions", &imageOptions, .unlessEmpty)
        try m("TmpfsOptions", &tmpfsOptions, .unlessEmpty)
    }
}

/// What is particular to bind mounts.
package struct BindOptions: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Propagation", &propagation, .unlessEmpty)
        try m("NonRecursive", &nonRecursive, .unlessEmpty)
        try m("CreateMountpoint", &createMountpoint, .unlessEmpty)
        try m("ReadOnlyNonRecursive", &readOnlyNonRecursive, .unlessEmpty)
        try m("ReadOnlyForceRecursive", &readOnlyForceRecursive, .unlessEmpty)
    }
}

/// What is particular to volume mounts.
package struct VolumeOptions: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("NoCopy", &noCopy, .unlessEmpty)
        try m("Labels", &labels, .unlessEmpty)
        try m("Subpath", &subpath, .unlessEmpty)
        try m("DriverConfig", &driverConfig, .unlessEmpty)
    }
}

/// The driver that makes a volume which does not exist yet.
package struct VolumeDriverConfig: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var options: [String: String]?

    package init(name: String = "", options: [String: String]? = nil) {
        self.name = name
        self.options = options
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name, .unlessEmpty)
        try m("Options", &options, .unlessEmpty)
    }
}

/// What is particular to image mounts.
package struct ImageOptions: JSONRecord, Sendable, Hashable {
    package var subpath: String = ""

    package init(subpath: String = "") {
        self.subpath = subpath
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Subpath", &subpath, .unlessEmpty)
    }
}

/// What is particular to tmpfs mounts.
package struct TmpfsOptions: JSONRecord, Sendable, Hashable {
    package var sizeBytes: Int = 0
    /// Permission bits.
    package var mode: Int = 0
    package var options: [[String]]?

    package init(sizeBytes: Int = 0, mode: Int = 0, options: [[String]]? = nil) {
        self.sizeBytes = sizeBytes
        self.mode = mode
        self.options = options
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("SizeBytes", &sizeBytes, .unlessEmpty)
        try m("Mode", &mode, .unlessEmpty)
        try m("Options", &options, .unlessEmpty)
    }
}

/// A mount that a container has, as inspect shows it.
package struct MountPoint: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Type", &type, .unlessEmpty)
        try m("Name", &name, .unlessEmpty)
        try m("Source", &source)
        try m("Destination", &destination)
        try m("Driver", &driver, .unlessEmpty)
        try m("Mode", &mode)
        try m("RW", &rw)
        try m("Propagation", &propagation)
    }
}
