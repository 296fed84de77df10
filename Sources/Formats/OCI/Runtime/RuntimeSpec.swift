/// The OCI runtime specification's `config.json`: all that a runtime needs to know to make one container.
/// https://github.com/opencontainers/runtime-spec/blob/main/config.md
package struct RuntimeSpec: Codable, Sendable {
    package var ociVersion: String
    package var process: RuntimeProcess?
    package var root: RuntimeRoot?
    package var hostname: String?
    package var domainname: String?
    package var mounts: [RuntimeMount]?
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
}

/// `root`: where the container's file system is, relative to the bundle or absolute.
package struct RuntimeRoot: Codable, Sendable {
    package var path: String
    package var readonly: Bool?

    package init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }
}

/// One of `mounts`, made in the order listed.
package struct RuntimeMount: Codable, Sendable, Hashable {
    /// Absolute, inside the container.
    package var destination: String
    package var type: String?
    package var source: String?
    /// As fstab(5) has them, and `bind`, `rbind`, `rslave`, `rro`, … See config.md, "Mounts".
    package var options: [String]?

    package init(destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }
}

/// `process`: what runs in the container, and as whom.
package struct RuntimeProcess: Codable, Sendable {
    package var terminal: Bool?
    package var consoleSize: ConsoleSize?
    package var user: RuntimeUser
    package var args: [String]?
    package var env: [String]?
    package var cwd: String
    package var capabilities: RuntimeCapabilities?
    package var rlimits: [ResourceLimit]?
    package var noNewPrivileges: Bool?
    package var apparmorProfile: String?
    package var oomScoreAdj: Int?
    package var selinuxLabel: String?

    package init(
        terminal: Bool? = nil, consoleSize: ConsoleSize? = nil, user: RuntimeUser = RuntimeUser(), args: [String]? = nil,
        env: [String]? = nil, cwd: String = "/", capabilities: RuntimeCapabilities? = nil, rlimits: [ResourceLimit]? = nil,
        noNewPrivileges: Bool? = nil, oomScoreAdj: Int? = nil
    ) {
        self.terminal = terminal
        self.consoleSize = consoleSize
        self.user = user
        self.args = args
        self.env = env
        self.cwd = cwd
        self.capabilities = capabilities
        self.rlimits = rlimits
        self.noNewPrivileges = noNewPrivileges
        self.oomScoreAdj = oomScoreAdj
    }
}

/// Rows and columns of a terminal.
package struct ConsoleSize: Codable, Sendable, Hashable {
    package var height: UInt16
    package var width: UInt16

    package init(height: UInt16, width: UInt16) {
        self.height = height
        self.width = width
    }
}

/// Numbers only: names are resolved before a spec is written.
package struct RuntimeUser: Codable, Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var umask: UInt32?
    package var additionalGids: [UInt32]?

    package init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32]? = nil) {
        self.uid = uid
        self.gid = gid
        self.umask = umask
        self.additionalGids = additionalGids
    }
}

/// The five sets of capabilities(7), as `CAP_…` names.
package struct RuntimeCapabilities: Codable, Sendable, Hashable {
    package var bounding: [String]?
    package var effective: [String]?
    package var inheritable: [String]?
    package var permitted: [String]?
    package var ambient: [String]?

    package init(
        bounding: [String]? = nil, effective: [String]? = nil, inheritable: [String]? = nil, permitted: [String]? = nil,
        ambient: [String]? = nil
    ) {
        self.bounding = bounding
        self.effective = effective
        self.inheritable = inheritable
        self.permitted = permitted
        self.ambient = ambient
    }
}

/// One of `rlimits`; `type` is the name of getrlimit(2), such as `RLIMIT_NOFILE`. `UInt64.max` means unlimited.
package struct ResourceLimit: Codable, Sendable, Hashable {
    package var type: String
    package var hard: UInt64
    package var soft: UInt64

    package init(type: String, hard: UInt64, soft: UInt64) {
        self.type = type
        self.hard = hard
        self.soft = soft
    }
}
