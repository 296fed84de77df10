/// A regular expression in the syntax of Go's `regexp` (RE2), which tells whether a text has a match.
///
/// The time a match takes is the product of both lengths, whatever the expression: all ways through it are followed at once, a
/// character at a time. Named classes of Unicode (`\pL`) are not there.
package struct Pattern: Sendable {
    /// The longest expression in bytes, and the most steps that one may have once repetitions are written out.
    package static let textLimit = 8192, stepLimit = 20_000

    private let steps: [Step]

    package init(_ text: String) throws(PatternError) {
        guard text.utf8.count <= Self.textLimit else { throw PatternError("expression is too long") }
        var parser = PatternParser(text)
        var steps: [Step] = []
        try Self.append(try parser.expression(), to: &steps)
        self.steps = steps + [.match]
    }

    /// One instruction; numbers are indices of others.
    private enum Step {
        case one(CharacterSet)
        case look(PatternNode.Place)
        case jump(Int)
        case split(Int, Int)
        case match
    }

    private static func append(_ node: PatternNode, to steps: inout [Step]) throws(PatternError) {
        guard steps.count < stepLimit else { throw PatternError("expression is too large") }
        switch node {
        case .one(let set): steps.append(.one(set))
        case .look(let place): steps.append(.look(place))
        case .sequence(let nodes): for node in nodes { try append(node, to: &steps) }
        case .either(let nodes):
            var jumps: [Int] = []
            for (index, node) in nodes.enumerated() {
                let split = steps.count
                if index + 1 < nodes.count { steps.append(.jump(0)) }
                try append(node, to: &steps)
                guard index + 1 < nodes.count else { break }
                jumps.append(steps.count)
                steps.append(.jump(0))
                steps[split] = .split(split + 1, steps.count)
            }
            for jump in jumps { steps[jump] = .jump(steps.count) }
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try append(node, to: &steps) }
            guard let most else {
                let split = steps.count
                steps.append(.jump(0))
                try append(node, to: &steps)
                steps.append(.jump(split))
                steps[split] = .split(split + 1, steps.count)
                return
            }
            var splits: [Int] = []
            for _ in least..<max(least, most) {
                splits.append(steps.count)
                steps.append(.jump(0))
                try append(node, to: &steps)
            }
            for split in splits { steps[split] = .split(split + 1, steps.count) }
        }
    }

    /// Whether any part of `text` matches.
    package func matches(_ text: String) -> Bool {
        var current = Places(steps.count), next = Places(steps.count)
        var before: Unicode.Scalar?
        var rest = text.unicodeScalars.makeIterator()
        while true {
            let scalar = rest.next()
            // A match may begin anywhere.
            if follow(0, into: &current, before, scalar) { return true }
            guard let scalar else {
                return false
            }
            for index in 0..<current.reached.count {
                guard case .one(let set) = steps[current.reached[index]], set.contains(scalar) else { continue }
                next.pending.append(current.reached[index] + 1)
            }
            before = scalar
            current.clear()
            swap(&current, &next)
            // What comes after the character decides about the ends that the next steps look for.
            var ahead = rest
            let following = ahead.next()
            let starts = current.pending
            current.pending.removeAll(keepingCapacity: true)
            for start in starts where follow(start, into: &current, before, following) { return true }
        }
    }

    /// Steps that have been reached at one place of the text.
    private struct Places {
        var reached: [Int] = []
        var isReached: [Bool]
        var pending: [Int] = []

        init(_ count: Int) { isReached = Array(repeating: false, count: count) }

        mutating func clear() {
            for step in reached { isReached[step] = false }
            reached.removeAll(keepingCapacity: true)
            pending.removeAll(keepingCapacity: true)
        }
    }

    /// Goes on to all steps that need no character; true when the expression has matched.
    private func follow(_ start: Int, into places: inout Places, _ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
        var open = [start]
        while let index = open.popLast() {
            if places.isReached[index] { continue }
            places.isReached[index] = true
            places.reached.append(index)
            switch steps[index] {
            case .match: return true
            case .one: break
            case .jump(let target): open.append(target)
            case .split(let first, let second): open += [second, first]
            case .look(let place): if place.isBetween(before, after) { open.append(index + 1) }
            }
        }
        return false
    }
}

/// What is wrong with an expression, in Go's words.
package struct PatternError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ reason: String, _ part: String = "") {
        description = "error parsing regexp: \(reason)" + (part.isEmpty ? "" : ": `\(part)`")
    }
}
