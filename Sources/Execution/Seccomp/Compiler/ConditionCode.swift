/// The instructions that decide a rule's conditions.
extension FilterRule {
    /// Returns the rule's action when its conditions hold, and falls through, with another accumulator, when they do not.
    var code: [Instruction] { alternatives.flatMap(code(when:)) }

    private func code(when conditions: [ArgumentCondition]) -> [Instruction] {
        var steps: [Step] = []
        for condition in conditions { steps += condition.steps(from: steps.count) }
        // At most six conditions of six steps, so every jump fits in a byte.
        let end = steps.count + 1
        var code: [Instruction] = []
        for (place, step) in steps.enumerated() {
            func distance(_ target: Step.Target) -> UInt8 {
                switch target {
                case .next: 0
                case .holds(let after): UInt8(after - place - 1)
                case .fails: UInt8(end - place - 1)
                }
            }
            switch step {
            case .plain(let instruction): code.append(instruction)
            case .branch(let test, let operand, let yes, let no):
                code.append(.branch(test, operand, ifTrue: distance(yes), ifFalse: distance(no)))
            }
        }
        return code + [.return(action)]
    }
}

/// An instruction whose jumps are not counted yet.
private enum Step {
    case plain(Instruction)
    case branch(Instruction.Test, UInt32, Target, Target)

    /// Where to go on: with the next step, with the next condition (at that place), or not at all.
    enum Target {
        case next
        case holds(Int)
        case fails
    }
}

extension ArgumentCondition {
    /// Compares the upper word first, then the lower. `start` is the place of the first step in the rule.
    fileprivate func steps(from start: Int) -> [Step] {
        let high = UInt32(truncatingIfNeeded: value >> 32), low = UInt32(truncatingIfNeeded: value)
        let loadHigh = Step.plain(.load(Instruction.highWord(ofArgument: index)))
        let loadLow = Step.plain(.load(Instruction.lowWord(ofArgument: index)))
        switch comparison {
        case .equal:
            return [loadHigh, .branch(.equal, high, .next, .fails), loadLow, .branch(.equal, low, .next, .fails)]
        case .notEqual:
            return [loadHigh, .branch(.equal, high, .next, .holds(start + 4)), loadLow, .branch(.equal, low, .fails, .next)]
        case .equalMasked:
            let wanted = second & value
            return [
                loadHigh, .plain(.and(high)), .branch(.equal, UInt32(truncatingIfNeeded: wanted >> 32), .next, .fails),
                loadLow, .plain(.and(low)), .branch(.equal, UInt32(truncatingIfNeeded: wanted), .next, .fails),
            ]
        case .greater, .greaterOrEqual:
            return [
                loadHigh, .branch(.greater, high, .holds(start + 5), .next), .branch(.equal, high, .next, .fails),
                loadLow, .branch(comparison == .greater ? .greater : .greaterOrEqual, low, .next, .fails),
            ]
        case .less, .lessOrEqual:
            return [
                loadHigh, .branch(.greater, high, .fails, .next), .branch(.equal, high, .next, .holds(start + 5)),
                loadLow, .branch(comparison == .less ? .greaterOrEqual : .greater, low, .fails, .next),
            ]
        }
    }
}
