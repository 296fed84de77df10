package import JSON

/// A system call filter. https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
package struct LinuxSeccomp: JSONRecord, Sendable, Hashable {
    package var defaultAction: String = ""
    package var defaultErrnoRet: UInt32?
    package var architectures: [String]?
    package var flags: [String]?
    /// A socket to which the descriptor goes that tells of calls with `SCMP_ACT_NOTIFY`.
    package var listenerPath: String?
    package var listenerMetadata: String?
    package var syscalls: [LinuxSyscall]?

    package init(
        defaultAction: String, defaultErrnoRet: UInt32? = nil, architectures: [String]? = nil, flags: [String]? = nil,
        syscalls: [LinuxSyscall]? = nil
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.flags = flags
        self.syscalls = syscalls
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("defaultAction", &defaultAction, .required)
        try m("defaultErrnoRet", &defaultErrnoRet, .unlessNil)
        try m("architectures", &architectures, .unlessNil)
        try m("flags", &flags, .unlessNil)
        try m("listenerPath", &listenerPath, .unlessNil)
        try m("listenerMetadata", &listenerMetadata, .unlessNil)
        try m("syscalls", &syscalls, .unlessNil)
    }
}

/// What becomes of some system calls.
package struct LinuxSyscall: JSONRecord, Sendable, Hashable {
    package var names: [String] = []
    package var action: String = ""
    package var errnoRet: UInt32?
    package var args: [LinuxSeccompArgument]?

    package init(names: [String], action: String, errnoRet: UInt32? = nil, args: [LinuxSeccompArgument]? = nil) {
        self.names = names
        self.action = action
        self.errnoRet = errnoRet
        self.args = args
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("names", &names, .required)
        try m("action", &action, .required)
        try m("errnoRet", &errnoRet, .unlessNil)
        try m("args", &args, .unlessNil)
    }
}

/// A condition on one argument of a system call.
package struct LinuxSeccompArgument: JSONRecord, Sendable, Hashable {
    package var index: UInt32 = 0
    package var value: UInt64 = 0
    package var valueTwo: UInt64?
    package var op: String = ""

    package init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
        self.index = index
        self.value = value
        self.valueTwo = valueTwo
        self.op = op
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("index", &index, .required)
        try m("value", &value, .required)
        try m("valueTwo", &valueTwo, .unlessNil)
        try m("op", &op, .required)
    }
}
