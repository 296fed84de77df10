package import JSON

/// A volume of a project.
package struct ComposeVolume: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var driver: String = ""
    package var driverOpts: [String: String] = [:]
    package var isExternal: Bool = false
    package var labels: [String: String] = [:]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name, .unlessEmpty)
        try m("driver", &driver, .unlessEmpty)
        try m("driver_opts", &driverOpts, .unlessEmpty)
        try m("external", &isExternal, .unlessEmpty)
        try m("labels", &labels, .unlessEmpty)
    }
}

/// A secret or a config of a project.
package struct ComposeFileObject: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var file: String = ""
    package var environment: String = ""
    /// What is in it; for a secret that comes from a variable only while it is being used.
    package var content: String = ""
    package var isExternal: Bool = false
    package var labels: [String: String] = [:]
    package var driver: String = ""
    package var driverOpts: [String: String] = [:]
    package var templateDriver: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name, .unlessEmpty)
        try m("file", &file, .unlessEmpty)
        try m("environment", &environment, .unlessEmpty)
        try m("content", &content, .unlessEmpty)
        try m("external", &isExternal, .unlessEmpty)
        try m("labels", &labels, .unlessEmpty)
        try m("driver", &driver, .unlessEmpty)
        try m("driver_opts", &driverOpts, .unlessEmpty)
        try m("template_driver", &templateDriver, .unlessEmpty)
    }
}

/// A secret or a config that a service gets.
package struct ComposeFileReference: JSONRecord, Sendable, Hashable {
    package var source: String = ""
    package var target: String = ""
    package var uid: String = ""
    package var gid: String = ""
    /// In octal.
    package var mode: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("source", &source, .unlessEmpty)
        try m("target", &target, .unlessEmpty)
        try m("uid", &uid, .unlessEmpty)
        try m("gid", &gid, .unlessEmpty)
        try m("mode", &mode, .unlessEmpty)
    }
}

/// How a path of the host is mounted.
package struct ComposeBindOptions: JSONRecord, Sendable, Hashable {
    package var selinux: String = ""
    package var propagation: String = ""
    /// Only false is of any account.
    package var createHostPath: Bool?
    package var recursive: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("selinux", &selinux, .unlessEmpty)
        try m("propagation", &propagation, .unlessEmpty)
        try m("create_host_path", &createHostPath, .unlessNil)
        try m("recursive", &recursive, .unlessEmpty)
    }
}

/// How a volume is mounted.
package struct ComposeVolumeOptions: JSONRecord, Sendable, Hashable {
    package var labels: [String: String] = [:]
    package var nocopy: Bool = false
    package var subpath: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("labels", &labels, .unlessEmpty)
        try m("nocopy", &nocopy, .unlessEmpty)
        try m("subpath", &subpath, .unlessEmpty)
    }
}

/// How memory is mounted.
package struct ComposeTmpfsOptions: JSONRecord, Sendable, Hashable {
    package var size: String = ""
    /// Permission bits.
    package var mode: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("size", &size, .unlessEmpty)
        try m("mode", &mode, .unlessEmpty)
    }
}

/// How an image is mounted.
package struct ComposeImageOptions: JSONRecord, Sendable, Hashable {
    package var subpath: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("subpath", &subpath, .unlessEmpty)
    }
}

/// Something mounted in a service's containers.
package struct ComposeVolumeMount: JSONRecord, Sendable, Hashable {
    package var type: String = ""
    package var source: String = ""
    package var target: String = ""
    package var readOnly: Bool = false
    package var consistency: String = ""
    package var bind: ComposeBindOptions?
    package var volume: ComposeVolumeOptions?
    package var tmpfs: ComposeTmpfsOptions?
    package var image: ComposeImageOptions?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("type", &type, .unlessEmpty)
        try m("source", &source, .unlessEmpty)
        try m("target", &target, .unlessEmpty)
        try m("read_only", &readOnly, .unlessEmpty)
        try m("consistency", &consistency, .unlessEmpty)
        try m("bind", &bind, .unlessNil)
        try m("volume", &volume, .unlessNil)
        try m("tmpfs", &tmpfs, .unlessNil)
        try m("image", &image, .unlessNil)
    }
}
