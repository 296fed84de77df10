/// What goes before libseccomp's program for one architecture: an answer to calls newer than the profile, and the rules for calls that
/// libseccomp has no names for or would take too long over.
struct CallTable {
    var architecture: SeccompArchitecture
    /// The largest number that the profile names. Calls above get `ENOSYS`; nil to let them through to the filter.
    var newest: UInt32?
    /// Rules by call number.
    var rules: [UInt32: [FilterRule]] = [:]

    /// The code for all tables. Falls through to the instruction behind it, with any accumulator, for whatever it has no answer to.
    ///
    /// Programs ask for a call, and on `ENOSYS` use an older one: a C library that is newer than the profile must hear `ENOSYS`, not
    /// `EPERM`, which it would report to its caller. The other way round, a call that the profile knows and refuses is `EPERM`.
    static func code(_ tables: [CallTable]) throws(SeccompError) -> [Instruction] {
        var code: [Instruction] = []
        var groups: [(audit: UInt32, tables: [CallTable])] = []
        for table in tables where table.newest != nil || !table.rules.isEmpty {
            let audit = try table.architecture.auditArchitecture
            if let place = groups.firstIndex(where: { $0.audit == audit }) {
                groups[place].tables.append(table)
            } else {
                groups.append((audit, [table]))
            }
        }
        // Backwards, since each part must know how far it is to the end.
        for (audit, tables) in groups.reversed() {
            let section = section(tables, after: code.count)
            code = [.branch(.equal, audit, ifTrue: 1, ifFalse: 0), .jump(section.count)] + section + code
        }
        return code.isEmpty ? [] : [.load(Instruction.architecture)] + code
    }

    /// The code for the tables that share one value of `seccomp_data.arch`: one, or x86_64 and x32.
    private static func section(_ tables: [CallTable], after: Int) -> [Instruction] {
        let x32 = tables.first { $0.architecture == .x32 }
        let other = tables.first { $0.architecture != .x32 }
        guard x32 != nil || other?.architecture == .x86_64 else { return [.load(Instruction.number)] + (other?.body(after: after) ?? []) }
        let high = x32?.body(after: after) ?? [.jump(after)]
        let low = other?.body(after: after + high.count) ?? [.jump(after + high.count)]
        // Jumps over the lower table may be longer than a branch reaches.
        return [
            .load(Instruction.number), .branch(.greaterOrEqual, SeccompArchitecture.x32Bit, ifTrue: 0, ifFalse: 1), .jump(low.count),
        ] + low + high
    }

    /// With the call's number in the accumulator. Ends by jumping over the `after` instructions behind it.
    private func body(after: Int) -> [Instruction] {
        var code: [Instruction] = []
        if let newest {
            code += [.branch(.greater, newest, ifTrue: 0, ifFalse: 1), .return(FilterRule.error | 38 /* ENOSYS */)]
        }
        var decisions: [Instruction] = []
        for (number, rulesOfCall) in rules.sorted(by: { $0.key < $1.key }) {
            // As in libseccomp, a rule without conditions makes those with conditions moot.
            let decisive = rulesOfCall.first { $0.alternatives.contains(where: \.isEmpty) }.map { [$0] } ?? rulesOfCall
            let decision = decisive.flatMap(\.code) + [.load(Instruction.number)]
            decisions += [.branch(.equal, number, ifTrue: 1, ifFalse: 0), .jump(decision.count)] + decision
        }
        if let least = rules.keys.min() {
            // Nearly every call is older than these.
            code += [.branch(.greaterOrEqual, least, ifTrue: 1, ifFalse: 0), .jump(decisions.count + after + 1)] + decisions
        }
        return code + [.jump(after)]
    }
}
