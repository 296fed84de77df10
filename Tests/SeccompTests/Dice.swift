import OCI

/// Makes profiles up, the same in every run.
struct Dice {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 42 }

    mutating func roll(_ sides: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % sides
    }

    mutating func pick<T>(_ all: [T]) -> T { all[roll(all.count)] }

    /// What a call with several rules with conditions has.
    enum SeveralRules {
        /// One condition and an action each, all with the same operator, and not with NE.
        case ofOneOperator
        /// Any conditions; but one action.
        case any
    }

    /// Has calls of each kind: plain, multiplexed, with another number in x32, only for 32 bits; with conditions, without, and both.
    mutating func filter(severalRules: SeveralRules) -> LinuxSeccomp {
        let names = [
            "read", "write", "open", "close", "stat64", "mmap2", "execve", "ioctl", "readv", "clone", "personality", "openat2", "ptrace",
            "socket", "bind", "accept", "accept4", "send", "semop", "shmat", "socketcall", "ipc",
        ]
        let actions = ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_LOG", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"]
        var calls = [LinuxSyscall(names: ["process_mrelease"], action: pick(actions))]
        for _ in 0...roll(12) {
            calls.append(LinuxSyscall(names: (0...roll(6)).map { _ in pick(names) }, action: pick(actions), errnoRet: UInt32(roll(40))))
        }
        for name in names.dropLast(2) where roll(2) == 0 {
            let action = pick(actions), comparison = pick(["EQ", "LT", "LE", "GE", "GT"].map { "SCMP_CMP_" + $0 }), several = roll(2) == 0
            for _ in 0...(several ? roll(3) : 0) {
                if several, severalRules == .ofOneOperator {
                    let argument = argument(UInt32(roll(6)), comparison, Self.values.filter { $0 < 1 << 32 })
                    calls.append(LinuxSyscall(names: [name], action: pick(actions), args: [argument]))
                } else {
                    var indices = [UInt32](0...5)
                    let arguments = (0...roll(3)).map { _ in
                        argument(indices.remove(at: roll(indices.count)), pick(Self.operators), Self.values)
                    }
                    calls.append(LinuxSyscall(names: [name], action: action, args: arguments))
                }
            }
        }
        return LinuxSeccomp(
            defaultAction: pick(actions),
            architectures: ["SCMP_ARCH_X86_64"] + pick([[], ["SCMP_ARCH_X86"], ["SCMP_ARCH_X32", "SCMP_ARCH_X86"]]),
            syscalls: (0..<calls.count).map { _ in calls.remove(at: roll(calls.count)) })
    }

    private static let operators = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map { "SCMP_CMP_" + $0 }
    private static let values: [UInt64] = [0, 1, 2, 5, 0xff, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_0005, 0x7e02_0000, .max]

    private mutating func argument(_ index: UInt32, _ comparison: String, _ values: [UInt64]) -> LinuxSeccompArgument {
        LinuxSeccompArgument(index: index, value: pick(values), valueTwo: pick(values), op: comparison)
    }

    /// Arguments of a call that are at or beside the constants of the conditions, or what selects in a multiplexer.
    mutating func arguments(around conditions: [LinuxSeccompArgument]) -> [UInt64] {
        (UInt32(0)..<6).map { index in
            let conditions = conditions.filter { $0.index == index }
            if conditions.isEmpty || roll(4) == 0 { return pick([0, .max, UInt64(roll(25))]) }
            let condition = pick(conditions)
            let value = condition.value, second = condition.valueTwo ?? 0
            return pick([value, value &- 1, value &+ 1, value ^ 1 << 32, second & value, second & value | ~value])
        }
    }
}
