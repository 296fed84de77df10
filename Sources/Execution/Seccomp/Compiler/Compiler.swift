internal import CSeccomp
internal import Linux
internal import OCI

/// A filter's rules as a BPF program. Takes 10 to 30 ms for Docker's default profile, so its results are kept: see `SeccompFilter`.
enum Compiler {
    /// The most calls named, all rules together; Docker's profile names 421.
    static let nameLimit = 4096
    /// The most conditions, all calls together; Docker's profile has 10.
    static let conditionLimit = 1024
    /// The most conditions of one call that libseccomp is given, and only if no rule has two of them: four rules with six conditions each
    /// keep it busy for minutes, four thousand rules with one each for 20 s. What is more goes into the call tables, in linear time.
    static let libraryConditionLimit = 64

    /// Raw instructions for `Credentials.loadSeccompFilter`. `native` is always among the filter's architectures.
    static func program(_ filter: LinuxSeccomp, native: SeccompArchitecture) throws -> [UInt8] {
        try check(flags: filter.flags ?? [])
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

        let own = callsOfTheirOwn(rules)
        let tables = callTables(rules, architectures, own: own, defaultAction: defaultAction)
        var bytes: [UInt8] = []
        for instruction in try CallTable.code(tables) { instruction.append(to: &bytes) }
        bytes += try libraryProgram(rules, architectures, without: own, defaultAction: defaultAction)
        let count = bytes.count / Instruction.size
        guard count <= Instruction.limit - SeccompFilter.checksumInstructions else {
            throw SeccompError(
                "the seccomp profile compiles to \(count) instructions, more than the kernel's limit of \(Instruction.limit)")
        }
        return bytes
    }

    /// Flags of seccomp(2) that a runtime spec may ask for. They tune logging and speed, and a filter without them is no weaker.
    private static func check(flags: [String]) throws(SeccompError) {
        let known = [
            "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
        ]
        if let unknown = flags.first(where: { !known.contains($0) }) { throw SeccompError("unknown seccomp flag \"\(unknown)\"") }
    }

    /// Calls whose conditions are too much for libseccomp.
    private static func callsOfTheirOwn(_ rules: [FilterRule]) -> Set<String> {
        var conditions: [String: Int] = [:]
        for rule in rules {
            for alternative in rule.alternatives {
                let weight = alternative.count > 1 ? libraryConditionLimit + 1 : alternative.count
                for name in rule.names where weight > 0 { conditions[name, default: 0] += weight }
            }
        }
        return Set(conditions.filter { $0.value > libraryConditionLimit }.keys)
    }

    private static func callTables(
        _ rules: [FilterRule], _ architectures: [SeccompArchitecture], own: Set<String>, defaultAction: UInt32
    ) -> [CallTable] {
        // Where unknown calls pass there is nothing to answer, and a profile may ask for ENOSYS itself.
        let answersUnknown = !FilterRule.passes(defaultAction) && defaultAction != FilterRule.error | 38
        return architectures.map { architecture in
            var table = CallTable(architecture: architecture)
            var newest: UInt32 = 0
            var numbers: [String: UInt32] = [:]
            for rule in rules {
                for name in rule.names {
                    let known = libraryNumber(name, architecture)
                    if let known { newest = max(newest, known) }
                    if known != nil, !own.contains(name) { continue }
                    let number =
                        numbers[name] ?? known ?? RecentCalls.number(name, architecture)
                        ?? (own.contains(name) ? directNumber(name, architecture) : nil)
                    guard let number else { continue }
                    numbers[name] = number
                    newest = max(newest, number)
                    if rule.action != defaultAction { table.rules[number, default: []].append(rule) }
                }
            }
            // A profile that names nothing of this table says nothing about what is new in it.
            if answersUnknown, newest > 0 { table.newest = newest }
            return table
        }
    }

    /// The number of a call that libseccomp by name only knows as a part of socketcall(2) or ipc(2), which have no arguments to compare.
    private static func directNumber(_ name: String, _ architecture: SeccompArchitecture) -> UInt32? {
        // As in libraryNumber.
        guard let token = try? architecture.token else { return nil }
        return (CInt(0)..<512).first { number in
            guard let found = seccomp_syscall_resolve_num_arch(token, number) else { return false }
            defer { cseccomp_free(found) }
            return String(cString: found) == name
        }.flatMap(UInt32.init(exactly:))
    }

    /// libseccomp's number of a call; nil where the architecture lacks it or the library does not know it.
    private static func libraryNumber(_ name: String, _ architecture: SeccompArchitecture) -> UInt32? {
        // A failure here (an architecture that the library does not know) is reported when the architecture is added.
        guard let token = try? architecture.token else { return nil }
        return UInt32(exactly: seccomp_syscall_resolve_name_arch(token, name))
    }

    private static func libraryProgram(
        _ rules: [FilterRule], _ architectures: [SeccompArchitecture], without own: Set<String>, defaultAction: UInt32
    ) throws -> [UInt8] {
        guard let context = seccomp_init(defaultAction) else {
            throw SeccompError("libseccomp does not take the default action of the seccomp profile")
        }
        defer { seccomp_release(context) }
        // Level 2: a binary tree over the numbers instead of a list.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "choose the binary tree")
        let wanted = try architectures.map { (name: $0.rawValue, token: try $0.token) }
        for (name, token) in wanted where seccomp_arch_exist(context, token) != 0 {
            try check(seccomp_arch_add(context, token), "add \(name)")
        }
        let native = seccomp_arch_native()
        if !wanted.contains(where: { $0.token == native }) {
            try check(seccomp_arch_remove(context, native), "remove the native architecture")
        }
        // One that repeats the default action changes nothing, and libseccomp refuses it.
        for rule in rules where rule.action != defaultAction {
            for name in rule.names where !own.contains(name) {
                let number = seccomp_syscall_resolve_name(name)
                // Unknown: it stands in the call table, or nobody here knows it.
                if number == -1 { continue }
                for conditions in rule.alternatives {
                    let library = conditions.map(\.libraryCondition)
                    let result = seccomp_rule_add_array(context, rule.action, number, UInt32(library.count), library)
                    // Already said by a rule before.
                    if -result != Errno.exists.rawValue { try check(result, "add a rule for \(name)") }
                }
            }
        }
        let file = try FileDescriptor.memoryFile("seccomp-filter")
        try check(seccomp_export_bpf(context, file.rawValue), "write the program")
        return try readBack(file)
    }

    /// The export leaves the file's offset at its end.
    private static func readBack(_ file: borrowing FileDescriptor) throws(SyscallError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Instruction.limit * Instruction.size * 2, alignment: 8)
        defer { buffer.deallocate() }
        var count = 0
        while count < buffer.count {
            let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: Int64(count))
            if read == 0 { break }
            count += read
        }
        return Array(buffer[..<count])
    }

    private static func check(_ result: CInt, _ what: String) throws(SeccompError) {
        if result != 0 { throw SeccompError("libseccomp cannot \(what): \(Errno(rawValue: -result))") }
    }
}
