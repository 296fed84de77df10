internal import CSeccomp
internal import Linux
internal import OCI

/// A filter's rules as a BPF program. Takes 10 to 30 ms for Docker's default profile, so its results are kept: see `SeccompFilter`.
enum Compiler {
    /// The most pairs of call and conditions; a program of the kernel's limit holds no more.
    static let ruleLimit = Instruction.limit

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
        let size = rules.reduce(0) { $0 + $1.names.count * $1.alternatives.count }
        guard size <= ruleLimit else { throw SeccompError("the seccomp profile has \(size) rules, more than the limit of \(ruleLimit)") }

        let tables = callTables(rules, architectures, defaultAction: defaultAction)
        var bytes: [UInt8] = []
        for instruction in try CallTable.code(tables) { instruction.append(to: &bytes) }
        bytes += try libraryProgram(rules, architectures, defaultAction: defaultAction)
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

    private static func callTables(
        _ rules: [FilterRule], _ architectures: [SeccompArchitecture], defaultAction: UInt32
    ) -> [CallTable] {
        // Where unknown calls pass there is nothing to answer, and a profile may ask for ENOSYS itself.
        let answersUnknown = !FilterRule.passes(defaultAction) && defaultAction != FilterRule.error | 38
        return architectures.map { architecture in
            var table = CallTable(architecture: architecture)
            var newest: UInt32 = 0
            for rule in rules {
                for name in rule.names {
                    if let number = libraryNumber(name, architecture) {
                        newest = max(newest, number)
                    } else if let number = RecentCalls.number(name, architecture) {
                        newest = max(newest, number)
                        if rule.action != defaultAction { table.recent[number, default: []].append(rule) }
                    }
                }
            }
            // A profile that names nothing of this table says nothing about what is new in it.
            if answersUnknown, newest > 0 { table.newest = newest }
            return table
        }
    }

    /// libseccomp's number of a call; nil where the architecture lacks it or the library does not know it.
    private static func libraryNumber(_ name: String, _ architecture: SeccompArchitecture) -> UInt32? {
        // A failure here (an architecture that the library does not know) is reported when the architecture is added.
        guard let token = try? architecture.token else { return nil }
        return UInt32(exactly: seccomp_syscall_resolve_name_arch(token, name))
    }

    private static func libraryProgram(
        _ rules: [FilterRule], _ architectures: [SeccompArchitecture], defaultAction: UInt32
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
        let own = seccomp_arch_native()
        if !wanted.contains(where: { $0.token == own }) { try check(seccomp_arch_remove(context, own), "remove the native architecture") }
        // One that repeats the default action changes nothing, and libseccomp refuses it.
        for rule in rules where rule.action != defaultAction {
            for name in rule.names {
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
