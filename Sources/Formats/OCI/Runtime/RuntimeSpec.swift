package import JSON

/// The OCI runtime specification's `config.json`: all that a runtime needs to know to make one container.
/// https://github.com/opencontainers/runtime-spec/blob/main/config.md
package struct RuntimeSpec: JSONRecord, Sendable {
    package var ociVersion: String = ""
    package var process: RuntimeProcess?
    package var root: RuntimeRoot?
    package var hostname: String?
    package var domainname: String?
    package var mounts: [RuntimeMount]?
    package var hooks: RuntimeHooks?
    package var annotations: [String: String]?
    package var linux: LinuxSpec?

    package init(
        ociVersion: String = "1.2.0", process: RuntimeProcess? = nil, root: RuntimeRoot? = nil, hostname: String? = nil,
        domainname: String? = nil, mounts: [RuntimeMount]? = nil, annotations: [String: String]? = nil, linux: LinuxSpec? = nil
    ) {
        self.ociVersion = ociVersion
        self.process = process
        self.root = root
        self.hostname = hostname
        self.domainname = domainname
        self.mounts = mounts
        self.annotations = annotations
        self.linux = linux
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ociVersion", &ociVersion, .required)
        try m("process", &process, .unlessNil)
        try m("root", &root, .unlessNil)
        try m("hostname", &hostname, .unlessNil)
        try m("domainname", &domainname, .unlessNil)
        try m("mounts", &mounts, .unlessNil)
        try m("hooks", &hooks, .unlessNil)
        try m("annotations", &annotations, .unlessNil)
        try m("linux", &linux, .unlessNil)
    }
}

/// `root`: where the container's file system is, relative to the bundle or absolute.
package struct RuntimeRoot: JSONRecord, Sendable {
    package var path: String = ""
    package var readonly: Bool?

    package init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .required)
        try m("readonly", &readonly, .unlessNil)
    }
}

/// One of `mounts`, made in the order listed.
package struct RuntimeMount: JSONRecord, Sendable, Hashable {
    /// Absolute, inside the container.
    package var destination: String = ""
    package var type: String?
    package var source: String?
    /// As fstab(5) has them, and `bind`, `rbind`, `rslave`, `rro`, … See config.md, "Mounts".
    package var options: [String]?
    /// With `idmap` or `ridmap` among the options: who of the source is whom here.
    package var uidMappings: [LinuxIDMapping]?
    package var gidMappings: [LinuxIDMapping]?

    package init(destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("destination", &destination, .required)
        try m("type", &type, .unlessNil)
        try m("source", &source, .unlessNil)
        try m("options", &options, .unlessNil)
        try m("uidMappings", &uidMappings, .unlessNil)
        try m("gidMappings", &gidMappings, .unlessNil)
    }
}
