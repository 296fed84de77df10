internal import OCI

/// A filter's rules as a BPF program: per architecture, a binary tree over ranges of calls that come to the same end. The kernel copies,
/// checks and translates a program whenever a container starts, so it should be short; and it remembers calls that are allowed without a
/// look at their arguments, if nothing but the architecture and the number is loaded on the way.
enum Compiler {
    /// The most calls named, all rules together; Docker's profile names 421.
    static let nameLimit = 4096
    /// The most conditions, all calls together; Docker's profile has 10.
    static let conditionLimit = 1024

    /// Raw instructions for `Credentials.loadSeccompFilter`. `native` is always among the filter's architectures.
    static func program(_ filter: LinuxSeccomp, native: SeccompArchitecture) throws -> [UInt8] {
        if let unknown = filter.flags?.first(where: { !SeccompWords.flags.contains($0) }) { throw SeccompError("unknown seccomp flag \"\(unknown)\"") }
        // Who would answer has to be told of it, and cannot be while nothing is allowed without.
        let asks = (filter.syscalls ?? []).contains { $0.action == "SCMP_ACT_NOTIFY" }
        if filter.defaultAction == "SCMP_ACT_NOTIFY" || asks && filter.listenerPath?.isEmpty ?? true {
            throw SeccompError("seccomp action \"SCMP_ACT_NOTIFY\" is not supported \(asks ? "without a listenerPath" : "as the default")")
        }
        var architectures = [native]
        for name in filter.architectures ?? [] {
            let architecture = try SeccompArchitecture(name: name)
            if !architectures.contains(architecture) { architectures.append(architecture) }
        }
        let defaultAction = try FilterRule.action(filter.defaultAction, errno: filter.defaultErrnoRet)
        var rules: [FilterRule] = []
        for call in filter.syscalls ?? [] { rules.append(try FilterRule(call)) }
        let names = rules.reduce(0) { $0 + $1.names.count }
        guard names <= nameLimit else {
            throw SeccompError("the seccomp profile names \(names) system calls, more than the limit of \(nameLimit)")
        }
        let conditions = rules.reduce(0) { $0 + $1.names.count * $1.alternatives.reduce(0) { $0 + $1.count } }
        guard conditions <= conditionLimit else {
            throw SeccompError("the seccomp profile has \(conditions) conditions, more than the limit of \(conditionLimit)")
        }

        var bytes: [UInt8] = []
        for instruction in try code(rules, architectures, defaultAction: defaultAction) { instruction.append(to: &bytes) }
        let count = bytes.count / Instruction.size
        guard count <= Instruction.limit - SeccompFilter.checksumInstructions else {
            throw SeccompError(
                "the seccomp profile compiles to \(count) instructions, more than the kernel's limit of \(Instruction.limit)")
        }
        return bytes
    }

    private static func code(
        _ rules: [FilterRule], _ architectures: [SeccompArchitecture], defaultAction: UInt32
    ) throws(SeccompError) -> some Sequence<Instruction> {
        var program = Program()
        let otherwise = program.return(defaultAction), kill = program.return(FilterRule.kill)
        // Where unknown calls pass there is nothing to answer.
        let unknown = FilterRule.passes(defaultAction) ? otherwise : program.return(FilterRule.error | 38 /* ENOSYS */)
        var sections: [(audit: UInt32, place: Program.Place)] = []
        for group in try groups(architectures).reversed() {
            var ranges = CallRanges(from: 0, kill)
            for architecture in group.architectures {
                let table = try CallTable(architecture, rules, defaultAction: defaultAction)
                ranges.append(table.ranges(in: &program, otherwise: otherwise, unknown: unknown))
            }
            if group.architectures == [.x86_64] {
                // Calls of x32, which the profile leaves out; but not -1, with which a tracer skips a call.
                ranges.append(from: SeccompArchitecture.x32Bit, kill)
                ranges.append(from: .max, otherwise)
            }
            sections.append((group.audit, program.load(Instruction.number, then: program.search(ranges))))
        }
        var start = kill
        for section in sections { start = program.branch(.equal, section.audit, yes: section.place, no: start) }
        _ = program.load(Instruction.architecture, then: start)
        return program.instructions
    }

    /// Architectures by their values of `seccomp_data.arch`; of x86_64 and x32, which share one, x32 is the second.
    private static func groups(
        _ architectures: [SeccompArchitecture]
    ) throws(SeccompError) -> [(audit: UInt32, architectures: [SeccompArchitecture])] {
        var groups: [(audit: UInt32, architectures: [SeccompArchitecture])] = []
        for architecture in architectures {
            guard try architecture.isLittleEndian == (UInt32(1).littleEndian == 1) else {
                throw SeccompError("seccomp architecture \(architecture.rawValue) has another byte order than this machine")
            }
            let audit = try architecture.auditArchitecture
            if let place = groups.firstIndex(where: { $0.audit == audit }) {
                groups[place].architectures.insert(architecture, at: architecture == .x32 ? 1 : 0)
            } else {
                groups.append((audit, [architecture]))
            }
        }
        return groups
    }
}
