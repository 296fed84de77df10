/// A system call filter. https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
package struct LinuxSeccomp: Codable, Sendable, Hashable {
    package var defaultAction: String
    package var defaultErrnoRet: UInt32?
    package var architectures: [String]?
    package var flags: [String]?
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
}

/// What becomes of some system calls.
package struct LinuxSyscall: Codable, Sendable, Hashable {
    package var names: [String]
    package var action: String
    package var errnoRet: UInt32?
    package var args: [LinuxSeccompArgument]?

    package init(names: [String], action: String, errnoRet: UInt32? = nil, args: [LinuxSeccompArgument]? = nil) {
        self.names = names
        self.action = action
        self.errnoRet = errnoRet
        self.args = args
    }
}

/// A condition on one argument of a system call.
package struct LinuxSeccompArgument: Codable, Sendable, Hashable {
    package var index: UInt32
    package var value: UInt64
    package var valueTwo: UInt64?
    package var op: String

    package init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
        self.index = index
        self.value = value
        self.valueTwo = valueTwo
        self.op = op
    }
}
