/// An expression taken apart.
indirect enum PatternNode {
    case one(CharacterSet)
    case look(Place)
    case sequence([PatternNode])
    case either([PatternNode])
    case repeated(PatternNode, Int, Int?)

    /// What is true of a place between two characters.
    enum Place {
        case textStart, textEnd, lineStart, lineEnd, wordEdge, noWordEdge

        func isBetween(_ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
            switch self {
            case .textStart: before == nil
            case .textEnd: after == nil
            case .lineStart: before == nil || before == "\n"
            case .lineEnd: after == nil || after == "\n"
            case .wordEdge: isWord(before) != isWord(after)
            case .noWordEdge: isWord(before) == isWord(after)
            }
        }

        private func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { CharacterSet.word.contains($0) } ?? false }
    }
}

/// The characters that one place of an expression takes.
struct CharacterSet: Sendable {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    var isNegated = false
    /// Those that differ in case only are taken too.
    var ignoresCase = false

    init(_ ranges: [ClosedRange<Unicode.Scalar>], isNegated: Bool = false, ignoresCase: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
        self.ignoresCase = ignoresCase
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { has(scalar) != isNegated }

    private func has(_ scalar: Unicode.Scalar) -> Bool {
        if ranges.contains(where: { $0.contains(scalar) }) { return true }
        guard ignoresCase else { return false }
        let others = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap { text in
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
        return ranges.contains { range in others.contains { range.contains($0) } }
    }

    /// The same characters without negation.
    var plainRanges: [ClosedRange<Unicode.Scalar>] {
        guard isNegated else { return ranges }
        var result: [ClosedRange<Unicode.Scalar>] = []
        var next: UInt32 = 0
        func add(_ first: UInt32, _ last: UInt32) {
            // No range begins or ends among the surrogates, which are no characters.
            let first = (0xD800...0xDFFF).contains(first) ? 0xE000 : first, last = (0xD800...0xDFFF).contains(last) ? 0xD7FF : last
            if first <= last, let low = Unicode.Scalar(first), let high = Unicode.Scalar(last) { result.append(low...high) }
        }
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound.value > next { add(next, range.lowerBound.value - 1) }
            next = max(next, range.upperBound.value + 1)
        }
        add(next, 0x10FFFF)
        return result
    }

    static let digit = CharacterSet(["0"..."9"])
    static let space = CharacterSet(["\t"..."\n", "\u{0C}"..."\r", " "..." "])
    static let word = CharacterSet(["0"..."9", "A"..."Z", "_"..."_", "a"..."z"])
    static let any = CharacterSet(["\u{0}"..."\u{10FFFF}"])
    static let anyButNewline = CharacterSet(["\n"..."\n"], isNegated: true)

    /// `\d` and its kin.
    static func escaped(_ letter: Unicode.Scalar) -> CharacterSet? {
        let named: [Unicode.Scalar: CharacterSet] = ["d": digit, "s": space, "w": word]
        if let set = named[letter] { return set }
        guard let lower = letter.properties.lowercaseMapping.unicodeScalars.first, let set = named[lower] else { return nil }
        return CharacterSet(set.ranges, isNegated: true)
    }

    /// `[:alpha:]` and its kin.
    static let named: [String: CharacterSet] = [
        "alnum": CharacterSet(["0"..."9", "A"..."Z", "a"..."z"]), "alpha": CharacterSet(["A"..."Z", "a"..."z"]), "ascii": CharacterSet(["\u{0}"..."\u{7F}"]),
        "blank": CharacterSet(["\t"..."\t", " "..." "]), "cntrl": CharacterSet(["\u{0}"..."\u{1F}", "\u{7F}"..."\u{7F}"]), "digit": digit,
        "graph": CharacterSet(["!"..."~"]), "lower": CharacterSet(["a"..."z"]), "print": CharacterSet([" "..."~"]),
        "punct": CharacterSet(["!"..."/", ":"..."@", "["..."`", "{"..."~"]), "space": CharacterSet(["\t"..."\r", " "..." "]),
        "upper": CharacterSet(["A"..."Z"]), "word": word, "xdigit": CharacterSet(["0"..."9", "A"..."F", "a"..."f"]),
    ]
}
