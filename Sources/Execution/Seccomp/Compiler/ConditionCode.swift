/// The instructions that decide rules by a call's arguments.
extension Program {
    /// Decides a call by the first of the cases that holds.
    mutating func decide(_ cases: [CallTable.Case], otherwise: Place) -> Place {
        var no = otherwise
        for next in cases.reversed() {
            var yes = `return`(next.action)
            for condition in next.conditions.reversed() { yes = test(condition, yes: yes, no: no) }
            no = yes
        }
        return no
    }

    /// Compares the upper word first, then the lower.
    private mutating func test(_ condition: ArgumentCondition, yes: Place, no: Place) -> Place {
        switch condition.comparison {
        case .equal: testEqual(condition, mask: .max, wanted: condition.value, yes: yes, no: no)
        case .notEqual: testEqual(condition, mask: .max, wanted: condition.value, yes: no, no: yes)
        case .equalMasked: testEqual(condition, mask: condition.value, wanted: condition.second & condition.value, yes: yes, no: no)
        case .greater: testOrder(condition, .greater, yes: yes, no: no)
        case .lessOrEqual: testOrder(condition, .greater, yes: no, no: yes)
        case .greaterOrEqual: testOrder(condition, .greaterOrEqual, yes: yes, no: no)
        case .less: testOrder(condition, .greaterOrEqual, yes: no, no: yes)
        }
    }

    private mutating func testEqual(_ condition: ArgumentCondition, mask: UInt64, wanted: UInt64, yes: Place, no: Place) -> Place {
        var next = yes
        if mask.low != 0 { next = compare(word: condition.lowWord, mask: mask.low, .equal, wanted.low, yes: next, no: no) }
        if condition.isWide, mask.high != 0 {
            next = compare(word: condition.highWord, mask: mask.high, .equal, wanted.high, yes: next, no: no)
        }
        return next
    }

    private mutating func testOrder(_ condition: ArgumentCondition, _ test: Instruction.Test, yes: Place, no: Place) -> Place {
        let low = compare(word: condition.lowWord, test, condition.value.low, yes: yes, no: no)
        guard condition.isWide else { return low }
        let equal = branch(.equal, condition.value.high, yes: low, no: no)
        return compare(word: condition.highWord, .greater, condition.value.high, yes: yes, no: equal)
    }
}

extension ArgumentCondition {
    fileprivate var lowWord: UInt32 { Instruction.lowWord(ofArgument: index) }
    fileprivate var highWord: UInt32 { Instruction.highWord(ofArgument: index) }
}

extension UInt64 {
    fileprivate var high: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
    fileprivate var low: UInt32 { UInt32(truncatingIfNeeded: self) }
}
