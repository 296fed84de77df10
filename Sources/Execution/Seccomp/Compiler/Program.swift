/// A program made from its end to its beginning, since jumps go forward only: each instruction is added before those it leads to.
/// What leads on the same way is there once.
struct Program {
    /// Where an instruction stands, counted from the end: it stays so whatever is added before.
    typealias Place = Int

    private var reversed: [Instruction] = []
    private var places: [Step: Place] = [:]
    /// For places that were out of a branch's reach, the latest that leads there.
    private var nearer: [Place: Place] = [:]

    /// In the kernel's order.
    var instructions: ReversedCollection<[Instruction]> { reversed.reversed() }

    /// An instruction and where it leads.
    private struct Step: Hashable {
        var instruction: Instruction
        var next: [Place] = []
    }

    mutating func `return`(_ action: UInt32) -> Place {
        place(of: Step(instruction: .return(action))) { _ in .return(action) }
    }

    /// Compares a word of `struct seccomp_data`.
    mutating func compare(word offset: UInt32, mask: UInt32 = .max, _ test: Instruction.Test, _ operand: UInt32, yes: Place, no: Place)
        -> Place
    {
        let branch = branch(test, operand, yes: yes, no: no)
        return load(offset, then: mask == .max ? branch : follow(.and(mask), with: branch))
    }

    /// Loads a word into the accumulator.
    mutating func load(_ offset: UInt32, then next: Place) -> Place { follow(.load(offset), with: next) }

    /// Compares the accumulator.
    mutating func branch(_ test: Instruction.Test, _ operand: UInt32, yes: Place, no: Place) -> Place {
        if yes == no { return yes }
        let step = Step(instruction: .branch(test, operand, ifTrue: 0, ifFalse: 0), next: [yes, no])
        return place(of: step) { program in
            let yes = program.reachable(yes), no = program.reachable(no)
            let count = program.reversed.count
            // Both fit: see reach.
            return .branch(test, operand, ifTrue: UInt8(count - yes), ifFalse: UInt8(count - no))
        }
    }

    /// An instruction that does not jump.
    private mutating func follow(_ instruction: Instruction, with next: Place) -> Place {
        place(of: Step(instruction: instruction, next: [next])) { program in
            if program.reversed.count != next { program.reversed.append(.jump(program.reversed.count - next)) }
            return instruction
        }
    }

    private mutating func place(of step: Step, orAdd make: (inout Program) -> Instruction) -> Place {
        if let known = places[step] { return known }
        let instruction = make(&self)
        reversed.append(instruction)
        places[step] = reversed.count
        return reversed.count
    }

    /// The longest jump of a branch, less one: making the second of its targets reachable may move the first.
    private static let reach = 254

    private mutating func reachable(_ place: Place) -> Place {
        let nearest = nearer[place] ?? place
        if reversed.count - nearest <= Self.reach { return nearest }
        let target = reversed[place - 1]
        reversed.append(target.isReturn ? target : .jump(reversed.count - place))
        nearer[place] = reversed.count
        return reversed.count
    }
}
