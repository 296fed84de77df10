/// Neighbouring call numbers that come to the same end, up to the largest number.
struct CallRanges {
    private(set) var all: [Range]

    struct Range {
        var first: UInt32
        var outcome: Program.Place
        /// Single numbers in it that come to another end.
        var exceptions: [Range] = []
    }

    init(from first: UInt32, _ outcome: Program.Place) { all = [Range(first: first, outcome: outcome)] }

    /// From there on, which is behind where the last began or there: another outcome.
    mutating func append(from first: UInt32, _ outcome: Program.Place) {
        if all.last?.first == first { all.removeLast() }
        if all.last?.outcome != outcome { all.append(Range(first: first, outcome: outcome)) }
    }

    mutating func append(_ other: CallRanges) {
        for range in other.all { append(from: range.first, range.outcome) }
    }

    /// Joins ranges with one number between them, which becomes an exception: that takes one comparison, and two in a tree.
    fileprivate var joined: [Range] {
        var joined: [Range] = [], rest = all[...]
        while let range = rest.popFirst() {
            if let last = joined.last, let next = rest.first, next.first == range.first + 1, next.outcome == last.outcome,
                last.exceptions.count < 3
            {
                joined[joined.count - 1].exceptions.append(range)
                rest.removeFirst()
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}

extension Program {
    /// Goes to the outcome of the range that the accumulator is in: a binary tree.
    mutating func search(_ ranges: CallRanges) -> Place { search(ranges.joined[...]) }

    private mutating func search(_ ranges: ArraySlice<CallRanges.Range>) -> Place {
        let middle = ranges.startIndex + ranges.count / 2, range = ranges[middle]
        if ranges.count > 1 {
            let yes = search(ranges[middle...]), no = search(ranges[..<middle])
            return branch(.greaterOrEqual, range.first, yes: yes, no: no)
        }
        return range.exceptions.reversed().reduce(into: range.outcome) { no, exception in
            no = branch(.equal, exception.first, yes: exception.outcome, no: no)
        }
    }
}
