package import JSON

/// `process`: what runs in the container, and as whom.
package struct RuntimeProcess: JSONRecord, Sendable {
    package var terminal: Bool?
    package var consoleSize: ConsoleSize?
    package var user: RuntimeUser = RuntimeUser()
    package var args: [String]?
    package var env: [String]?
    package var cwd: String = ""
    package var capabilities: RuntimeCapabilities?
    package var rlimits: [ResourceLimit]?
    package var noNewPrivileges: Bool?
    package var apparmorProfile: String?
    package var oomScoreAdj: Int?
    package var selinuxLabel: String?
    package var scheduler: RuntimeScheduler?
    package var ioPriority: RuntimeIOPriority?
    package var execCPUAffinity: RuntimeCPUAffinity?

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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("terminal", &terminal, .unlessNil)
        try m("consoleSize", &consoleSize, .unlessNil)
        try m("user", &user)
        try m("args", &args, .unlessNil)
        try m("env", &env, .unlessNil)
        try m("cwd", &cwd)
        try m("capabilities", &capabilities, .unlessNil)
        try m("rlimits", &rlimits, .unlessNil)
        try m("noNewPrivileges", &noNewPrivileges, .unlessNil)
        try m("apparmorProfile", &apparmorProfile, .unlessNil)
        try m("oomScoreAdj", &oomScoreAdj, .unlessNil)
        try m("selinuxLabel", &selinuxLabel, .unlessNil)
        try m("scheduler", &scheduler, .unlessNil)
        try m("ioPriority", &ioPriority, .unlessNil)
        try m("execCPUAffinity", &execCPUAffinity, .unlessNil)
    }
}

/// Rows and columns of a terminal.
package struct ConsoleSize: JSONRecord, Sendable, Hashable {
    package var height: UInt16 = 0
    package var width: UInt16 = 0

    package init(height: UInt16, width: UInt16) {
        self.height = height
        self.width = width
    }

    /// A height and a width, as Docker's API writes sizes; nil for anything else.
    package init?(_ pair: [Int]?) {
        guard let pair, pair.count == 2, let height = UInt16(exactly: pair[0]), let width = UInt16(exactly: pair[1]) else { return nil }
        self.init(height: height, width: width)
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("height", &height, .required)
        try m("width", &width, .required)
    }
}

/// Numbers only: names are resolved before a spec is written.
package struct RuntimeUser: JSONRecord, Sendable, Hashable {
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    package var umask: UInt32?
    package var additionalGids: [UInt32]?

    package init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32]? = nil) {
        self.uid = uid
        self.gid = gid
        self.umask = umask
        self.additionalGids = additionalGids
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("uid", &uid, .always)
        try m("gid", &gid, .always)
        try m("umask", &umask, .unlessNil)
        try m("additionalGids", &additionalGids, .unlessNil)
    }
}

/// The five sets of capabilities(7), as `CAP_…` names.
package struct RuntimeCapabilities: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("bounding", &bounding, .unlessNil)
        try m("effective", &effective, .unlessNil)
        try m("inheritable", &inheritable, .unlessNil)
        try m("permitted", &permitted, .unlessNil)
        try m("ambient", &ambient, .unlessNil)
    }
}

/// One of `rlimits`; `type` is the name of getrlimit(2), such as `RLIMIT_NOFILE`. `UInt64.max` means unlimited.
package struct ResourceLimit: JSONRecord, Sendable, Hashable {
    package var type: String = ""
    package var hard: UInt64 = 0
    package var soft: UInt64 = 0

    package init(type: String, hard: UInt64, soft: UInt64) {
        self.type = type
        self.hard = hard
        self.soft = soft
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("type", &type, .required)
        try m("hard", &hard, .required)
        try m("soft", &soft, .required)
    }
}
