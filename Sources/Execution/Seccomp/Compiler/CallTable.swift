/// What a filter says about the calls of one architecture.
struct CallTable {
    /// What becomes of a call when all the conditions hold.
    struct Case {
        var conditions: [ArgumentCondition]
        var action: UInt32
    }

    let architecture: SeccompArchitecture
    /// The largest number that the profile names.
    private var newest: UInt32 = 0
    /// By call number, in the order that they are tried.
    private var cases: [UInt32: [Case]] = [:]

    /// Rules that repeat the default action say nothing but that the call is known.
    init(_ architecture: SeccompArchitecture, _ rules: [FilterRule], defaultAction: UInt32) throws(SeccompError) {
        self.architecture = architecture
        let numbers = try CallNumbers(architecture), isWide = try architecture.isWide
        for rule in rules {
            for entry in rule.names.lazy.flatMap(numbers.entries) {
                newest = max(newest, entry.number)
                if rule.action == defaultAction { continue }
                for conditions in rule.alternatives {
                    // A multiplexer has its own argument 0, whatever the profile asks of the call's.
                    let own = entry.selector.map { [ArgumentCondition(index: 0, equal: $0)] + conditions.filter { $0.index != 0 } }
                    let needed = (own ?? conditions).map { isWide ? $0 : $0.narrow }.filter { !$0.alwaysHolds }
                    add(Case(conditions: needed, action: rule.action), to: entry.number)
                }
            }
        }
    }

    /// As in libseccomp: a rule without conditions makes those with conditions moot; later arguments and equality are tried first, then
    /// what is narrowest; and the first of two that are alike wins.
    private mutating func add(_ new: Case, to number: UInt32) {
        var known = cases[number, default: []]
        if known.first?.conditions.isEmpty == true { return }
        if new.conditions.isEmpty { known = [] }
        known.insert(new, at: known.firstIndex { new.precedes($0) } ?? known.endIndex)
        cases[number] = known
    }

    /// The first number of each range of calls that come to the same end. `unknown` is for calls newer than the profile.
    ///
    /// Programs ask for a call, and on `ENOSYS` use an older one: a C library that is newer than the profile must hear `ENOSYS`, not
    /// `EPERM`, which it would report to its caller. The other way round, a call that the profile knows and refuses is `EPERM`.
    func ranges(in program: inout Program, otherwise: Program.Place, unknown: Program.Place) -> CallRanges {
        var ranges = CallRanges(from: architecture == .x32 ? SeccompArchitecture.x32Bit : 0, otherwise)
        for (number, cases) in cases.sorted(by: { $0.key < $1.key }) {
            ranges.append(from: number, program.decide(cases, otherwise: otherwise))
            ranges.append(from: number + 1, otherwise)
        }
        // A profile that names nothing of this table says nothing about what is new in it.
        if newest > 0 { ranges.append(from: newest + 1, unknown) }
        return ranges
    }
}

extension CallTable.Case {
    fileprivate func precedes(_ other: Self) -> Bool {
        conditions.lexicographicallyPrecedes(other.conditions) { $0.rank > $1.rank }
    }
}
