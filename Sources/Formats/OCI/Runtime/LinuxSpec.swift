/// The `linux` part of a runtime spec.
/// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md
package struct LinuxSpec: Codable, Sendable {
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
}

/// A namespace of the container: a new one, or with `path` one that exists.
package struct LinuxNamespace: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable { case pid, network, mount, ipc, uts, user, cgroup, time }

    package var type: Kind
    package var path: String?

    package init(_ type: Kind, path: String? = nil) {
        self.type = type
        self.path = path
    }
}

/// A device node to make in the container.
package struct LinuxDevice: Codable, Sendable, Hashable {
    package var path: String
    /// `c`, `u`, `b` or `p`, as mknod(1) has them.
    package var type: String
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
}
