internal import OCI

/// A rule with its words understood.
struct FilterRule {
    /// In the profile's order; some may be unknown here.
    var names: [String]
    /// What seccomp(2) returns: the action in the upper 16 bits, its data in the lower.
    var action: UInt32
    /// The rule holds when all conditions of one of these hold; each names an argument once at most, in their order.
    var alternatives: [[ArgumentCondition]]

    init(_ call: LinuxSyscall) throws(SeccompError) {
        guard !call.names.isEmpty else {
            throw SeccompError("a rule with action \"\(call.action)\" in the seccomp profile names no system call")
        }
        for name in call.names {
            // What libseccomp is given as a C string, and what error messages may repeat.
            let valid =
                (1...64).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || byte == 0x5f
                }
            guard valid else { throw SeccompError("invalid system call name \"\(name.prefix(64))\" in the seccomp profile") }
        }
        names = call.names
        action = try Self.action(call.action, errno: call.errnoRet)
        var conditions: [ArgumentCondition] = []
        for argument in call.args ?? [] { conditions.append(try ArgumentCondition(argument)) }
        // Two conditions on one argument cannot be had in one rule of libseccomp. Profiles that have them mean either, since runtimes have
        // always read them so.
        let repeats = Set(conditions.map(\.index)).count < conditions.count
        alternatives = repeats ? conditions.map { [$0] } : [conditions.sorted { $0.index < $1.index }]
    }

    /// The actions that let a call pass. A call unknown to such a profile passes too, so there is no ENOSYS to give.
    static func passes(_ action: UInt32) -> Bool {
        action == Self.allow || action == Self.log || action & 0xffff_0000 == Self.trace
    }

    static let kill: UInt32 = 0
    static let allow: UInt32 = 0x7fff_0000
    static let log: UInt32 = 0x7ffc_0000
    static let trace: UInt32 = 0x7ff0_0000
    /// `SECCOMP_RET_ERRNO`; the error number goes into the lower bits.
    static let error: UInt32 = 0x0005_0000

    /// An action and its data; the error number is `EPERM` when the profile gives none.
    static func action(_ name: String, errno: UInt32?) throws(SeccompError) -> UInt32 {
        let data = errno ?? 1
        switch name {
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return kill
        case "SCMP_ACT_KILL_PROCESS": return 0x8000_0000
        case "SCMP_ACT_TRAP": return 0x0003_0000
        case "SCMP_ACT_LOG": return log
        case "SCMP_ACT_ALLOW": return allow
        case "SCMP_ACT_ERRNO":
            // Above this the kernel gives something else than was asked for: MAX_ERRNO.
            guard data <= 4095 else { throw SeccompError("error number \(data) in the seccomp profile is more than 4095") }
            return error | data
        case "SCMP_ACT_TRACE":
            guard data <= 0xffff else { throw SeccompError("trace value \(data) in the seccomp profile is more than 65535") }
            return trace | data
        case "SCMP_ACT_NOTIFY": return 0x7fc0_0000
        default: throw SeccompError("unknown seccomp action \"\(name)\"")
        }
    }
}

/// A condition on one of a call's six arguments, compared as unsigned numbers.
struct ArgumentCondition {
    /// `equalMasked`: the argument's bits under `value` are `second`.
    enum Comparison: String, CaseIterable {
        case notEqual = "SCMP_CMP_NE"
        case less = "SCMP_CMP_LT"
        case lessOrEqual = "SCMP_CMP_LE"
        case equal = "SCMP_CMP_EQ"
        case greaterOrEqual = "SCMP_CMP_GE"
        case greater = "SCMP_CMP_GT"
        case equalMasked = "SCMP_CMP_MASKED_EQ"
    }

    /// 0 to 5.
    var index: UInt32
    var comparison: Comparison
    var value: UInt64
    var second: UInt64
    /// Compares 64 bits; or else 32.
    var isWide = true

    init(_ argument: LinuxSeccompArgument) throws(SeccompError) {
        guard argument.index < 6 else { throw SeccompError("argument index \(argument.index) in the seccomp profile is more than 5") }
        guard let comparison = Comparison(rawValue: argument.op) else { throw SeccompError("unknown seccomp operator \"\(argument.op)\"") }
        index = argument.index
        self.comparison = comparison
        value = argument.value
        second = argument.valueTwo ?? 0
    }

    /// That an argument is this.
    init(index: UInt32, equal value: UInt64) {
        self.index = index
        comparison = .equal
        self.value = value
        second = 0
    }

    /// The condition on a machine whose arguments are words of 32 bits. Of longer values the lower half counts, as in libseccomp.
    var narrow: ArgumentCondition {
        var narrow = self
        narrow.isWide = false
        narrow.value &= 0xffff_ffff
        narrow.second &= 0xffff_ffff
        return narrow
    }

    /// It asks nothing.
    var alwaysHolds: Bool { comparison == .equalMasked && value == 0 }

    /// What is greater is tried first where several rules could hold: see `CallTable`.
    var rank: (UInt32, Int, UInt64) {
        switch comparison {
        case .equal, .notEqual: (index, 3, value)
        case .equalMasked: (index, 3, value & second)
        case .less, .lessOrEqual: (index, 2, ~value)
        case .greater, .greaterOrEqual: (index, 1, value)
        }
    }
}
