package import JSON

/// The `linux` part of a runtime spec.
/// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md
package struct LinuxSpec: JSONRecord, Sendable {
    package var namespaces: [LinuxNamespace]?
    package var devices: [LinuxDevice]?
    package var cgroupsPath: String?
    package var resources: LinuxResources?
    package var sysctl: [String: String]?
    package var seccomp: LinuxSeccomp?
    package var rootfsPropagation: String?
    package var maskedPaths: [String]?
    package var readonlyPaths: [String]?
    package var mountLabel: String?
    package var uidMappings: [LinuxIDMapping]?
    package var gidMappings: [LinuxIDMapping]?
    /// Of a new time namespace, by the clock: `monotonic`, `boottime`.
    package var timeOffsets: [String: LinuxTimeOffset]?
    package var personality: LinuxPersonality?
    /// Kept as it came: there is no support for it, which is said when it asks for something.
    package var intelRdt: JSONValue?
    /// The same.
    package var memoryPolicy: JSONValue?
    /// Interfaces of the host to move into the container, by their names. The same.
    package var netDevices: JSONValue?

    package init(
        namespaces: [LinuxNamespace]? = nil, devices: [LinuxDevice]? = nil, cgroupsPath: String? = nil, resources: LinuxResources? = nil,
        sysctl: [String: String]? = nil, seccomp: LinuxSeccomp? = nil, rootfsPropagation: String? = nil, maskedPaths: [String]? = nil,
        readonlyPaths: [String]? = nil
    ) {
        self.namespaces = namespaces
        self.devices = devices
        self.cgroupsPath = cgroupsPath
        self.resources = resources
        self.sysctl = sysctl
        self.seccomp = seccomp
        self.rootfsPropagation = rootfsPropagation
        self.maskedPaths = maskedPaths
        self.readonlyPaths = readonlyPaths
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("namespaces", &namespaces, .unlessNil)
        try m("devices", &devices, .unlessNil)
        try m("cgroupsPath", &cgroupsPath, .unlessNil)
        try m("resources", &resources, .unlessNil)
        try m("sysctl", &sysctl, .unlessNil)
        try m("seccomp", &seccomp, .unlessNil)
        try m("rootfsPropagation", &rootfsPropagation, .unlessNil)
        try m("maskedPaths", &maskedPaths, .unlessNil)
        try m("readonlyPaths", &readonlyPaths, .unlessNil)
        try m("mountLabel", &mountLabel, .unlessNil)
        try m("uidMappings", &uidMappings, .unlessNil)
        try m("gidMappings", &gidMappings, .unlessNil)
        try m("timeOffsets", &timeOffsets, .unlessNil)
        try m("personality", &personality, .unlessNil)
        try m("intelRdt", &intelRdt, .unlessNil)
        try m("memoryPolicy", &memoryPolicy, .unlessNil)
        try m("netDevices", &netDevices, .unlessNil)
    }
}

/// A namespace of the container: a new one, or with `path` one that exists.
package struct LinuxNamespace: JSONRecord, Sendable, Hashable {
    package enum Kind: String, JSONCodable, Sendable { case pid, network, mount, ipc, uts, user, cgroup, time }

    package var type: Kind = .pid
    package var path: String?

    package init(_ type: Kind, path: String? = nil) {
        self.type = type
        self.path = path
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("type", &type, .required)
        try m("path", &path, .unlessNil)
    }
}

/// A device node to make in the container.
package struct LinuxDevice: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    /// `c`, `u`, `b` or `p`, as mknod(1) has them.
    package var type: String = ""
    package var major: Int64?
    package var minor: Int64?
    package var fileMode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?

    package init(
        path: String, type: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil, uid: UInt32? = nil, gid: UInt32? = nil
    ) {
        self.path = path
        self.type = type
        self.major = major
        self.minor = minor
        self.fileMode = fileMode
        self.uid = uid
        self.gid = gid
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .required)
        try m("type", &type, .required)
        try m("major", &major, .unlessNil)
        try m("minor", &minor, .unlessNil)
        try m("fileMode", &fileMode, .unlessNil)
        try m("uid", &uid, .unlessNil)
        try m("gid", &gid, .unlessNil)
    }
}

/// A range of numbers of users or groups: `size` of them, from `containerID` on inside and from `hostID` on outside.
package struct LinuxIDMapping: JSONRecord, Sendable, Hashable {
    package var containerID: UInt32 = 0
    package var hostID: UInt32 = 0
    package var size: UInt32 = 0

    package init() {}

    package init(containerID: UInt32, hostID: UInt32, size: UInt32) {
        self.containerID = containerID
        self.hostID = hostID
        self.size = size
    }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("containerID", &containerID, .required)
        try m("hostID", &hostID, .required)
        try m("size", &size, .required)
    }
}

/// How far a clock of a time namespace is from the host's; the nanoseconds count forward.
package struct LinuxTimeOffset: JSONRecord, Sendable, Hashable {
    package var secs: Int64 = 0
    package var nanosecs: UInt32 = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("secs", &secs)
        try m("nanosecs", &nanosecs)
    }
}

/// personality(2): `LINUX` or `LINUX32`.
package struct LinuxPersonality: JSONRecord, Sendable, Hashable {
    package var domain: String = ""
    package var flags: [String]?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("domain", &domain, .required)
        try m("flags", &flags, .unlessNil)
    }
}
