/// Reads an expression: re2's syntax page. Whether a repetition is greedy makes no difference to whether there is a match.
struct PatternParser {
    /// How deep groups may be nested, and what a repetition may count to, as in Go.
    private static let depthLimit = 200, repeatLimit = 1000

    private let text: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var flags = Flags()

    private struct Flags {
        var ignoresCase = false, dotTakesNewline = false, isMultiLine = false
    }

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    private var current: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        index += 1
        return true
    }

    private func since(_ start: Int) -> String {
        var part = String.UnicodeScalarView()
        part.append(contentsOf: text[start..<index])
        return String(part)
    }

    /// The whole text.
    mutating func expression() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard current == nil else { throw PatternError("unexpected )", String(String.UnicodeScalarView(text))) }
        return node
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        var all = [try sequence()]
        while take("|") { all.append(try sequence()) }
        return all.count == 1 ? all[0] : .either(all)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        var isRepeated = false
        while let scalar = current, scalar != "|", scalar != ")" {
            let start = index
            if let (least, most) = try repetition() {
                guard let last = nodes.popLast() else { throw PatternError("missing argument to repetition operator", since(start)) }
                guard !isRepeated else { throw PatternError("invalid nested repetition operator", since(start)) }
                nodes.append(.repeated(last, least, most))
                isRepeated = true
            } else {
                nodes.append(try atom())
                isRepeated = false
            }
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// `*`, `+`, `?` or `{n,m}`, greedy or not; nil when something else follows.
    private mutating func repetition() throws(PatternError) -> (Int, Int?)? {
        let start = index
        var result: (Int, Int?)
        switch current {
        case "*": result = (0, nil)
        case "+": result = (1, nil)
        case "?": result = (0, 1)
        case "{":
            index += 1
            guard let least = number() else { return back(to: start) }
            result = (least, least)
            if take(",") { result.1 = current == "}" ? nil : number() ?? -1 }
            guard current == "}", result.1 != -1 else { return back(to: start) }
            if max(least, result.1 ?? 0) > Self.repeatLimit || least > result.1 ?? .max {
                index += 1
                throw PatternError("invalid repeat count", since(start))
            }
        default: return nil
        }
        index += 1
        _ = take("?")
        return result
    }

    /// What looks like a repetition and is none is taken as it stands.
    private mutating func back(to start: Int) -> (Int, Int?)? {
        index = start
        return nil
    }

    private mutating func number() -> Int? {
        let start = index
        while let scalar = current, CharacterSet.digit.contains(scalar), index - start < 6 { index += 1 }
        return Int(since(start))
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = current else { return .sequence([]) }
        index += 1
        switch scalar {
        case "(": return try group()
        case "[": return .one(try bracket())
        case ".": return .one(flags.dotTakesNewline ? .any : .anyButNewline)
        case "^": return .look(flags.isMultiLine ? .lineStart : .textStart)
        case "$": return .look(flags.isMultiLine ? .lineEnd : .textEnd)
        case "\\": return try escape()
        default: return literal(scalar)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode { .one(CharacterSet([scalar...scalar], ignoresCase: flags.ignoresCase)) }

    /// What follows `(`.
    private mutating func group() throws(PatternError) -> PatternNode {
        let outer = flags, start = index - 1
        if take("?") {
            if take("P") || current == "<" {
                guard take("<") else { throw PatternError("invalid or unsupported Perl syntax", since(start)) }
                let name = index
                while let scalar = current, CharacterSet.word.contains(scalar) { index += 1 }
                guard index > name, take(">") else { throw PatternError("invalid named capture", since(start)) }
            } else if try !setFlags(start) {
                return .sequence([])
            }
        }
        depth += 1
        defer {
            depth -= 1
            flags = outer
        }
        guard depth <= Self.depthLimit else { throw PatternError("expression nests too deeply") }
        let node = try alternatives()
        guard take(")") else { throw PatternError("missing closing )", String(String.UnicodeScalarView(text))) }
        return node
    }

    /// The letters of `(?i)`, which hold until the group around them ends (false), or of `(?i:`, which begins one (true).
    private mutating func setFlags(_ start: Int) throws(PatternError) -> Bool {
        var value = true
        while let scalar = current {
            index += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "s": flags.dotTakesNewline = value
            case "m": flags.isMultiLine = value
            case "U": break
            case "-" where value: value = false
            case ":": return true
            case ")": return false
            default: throw PatternError("invalid or unsupported Perl syntax", since(start))
            }
        }
        throw PatternError("missing argument to repetition operator", "?")
    }

    /// What follows a backslash outside of brackets.
    private mutating func escape() throws(PatternError) -> PatternNode {
        let start = index - 1
        switch current {
        case "A": return look(.textStart)
        case "z": return look(.textEnd)
        case "b": return look(.wordEdge)
        case "B": return look(.noWordEdge)
        case "Q":
            index += 1
            var nodes: [PatternNode] = []
            while let scalar = current {
                index += 1
                if scalar == "\\", take("E") { break }
                nodes.append(literal(scalar))
            }
            return .sequence(nodes)
        default: break
        }
        if let scalar = current, let set = CharacterSet.escaped(scalar) {
            index += 1
            return .one(set)
        }
        return literal(try escapedScalar(start))
    }

    private mutating func look(_ place: PatternNode.Place) -> PatternNode {
        index += 1
        return .look(place)
    }

    /// One character, written with a backslash.
    private mutating func escapedScalar(_ start: Int) throws(PatternError) -> Unicode.Scalar {
        guard let scalar = current else { throw PatternError("trailing backslash at end of expression", "") }
        index += 1
        let letters: [Unicode.Scalar: Unicode.Scalar] = ["a": "\u{07}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "0": "\u{0}"]
        if let letter = letters[scalar] { return letter }
        if scalar == "x" {
            let isLong = take("{"), first = index
            while let digit = current, digit.properties.isASCIIHexDigit, index - first < (isLong ? 8 : 2) { index += 1 }
            let value = UInt32(since(first), radix: 16)
            if let value, let result = Unicode.Scalar(value), isLong ? take("}") : index - first == 2 { return result }
        } else if scalar.isASCII, !CharacterSet.word.contains(scalar) || scalar == "_" {
            return scalar
        }
        throw PatternError("invalid escape sequence", since(start))
    }

    /// What follows `[`.
    private mutating func bracket() throws(PatternError) -> CharacterSet {
        let start = index - 1, isNegated = take("^")
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while let scalar = current, isFirst || scalar != "]" {
            isFirst = false
            if scalar == "[", index + 1 < text.count, text[index + 1] == ":" {
                ranges += try namedClass()
                continue
            }
            if scalar == "\\", index + 1 < text.count, let set = CharacterSet.escaped(text[index + 1]) {
                index += 2
                ranges += set.plainRanges
                continue
            }
            let first = index, low = try member(), hasRange = current == "-" && index + 1 < text.count && text[index + 1] != "]"
            if hasRange { index += 1 }
            let high = hasRange ? try member() : low
            guard low <= high else { throw PatternError("invalid character class range", since(first)) }
            ranges.append(low...high)
        }
        guard take("]") else { throw PatternError("missing closing ]", since(start)) }
        return CharacterSet(ranges, isNegated: isNegated, ignoresCase: flags.ignoresCase)
    }

    private mutating func member() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = current else { throw PatternError("missing closing ]", "[") }
        index += 1
        return scalar == "\\" ? try escapedScalar(index - 1) : scalar
    }

    /// `[:name:]` or `[:^name:]`.
    private mutating func namedClass() throws(PatternError) -> [ClosedRange<Unicode.Scalar>] {
        let start = index
        index += 2
        let isNegated = take("^"), first = index
        while let scalar = current, CharacterSet.word.contains(scalar) { index += 1 }
        let name = since(first)
        guard take(":"), take("]"), let set = CharacterSet.named[name] else { throw PatternError("invalid character class range", since(start)) }
        return CharacterSet(set.ranges, isNegated: isNegated).plainRanges
    }
}
