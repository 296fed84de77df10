/// A pattern of letters, `*`, `?`, `[a-z]` and, in paths, `**`; a backslash stands before what means itself.
///
/// In a path `*` and `?` do not cross a slash, as in Go's `filepath.Match`; `**` does, as moby's patterns have it. Matching takes time of the
/// pattern's length times the text's.
package struct Glob: Sendable, Hashable {
    /// Bytes of a text in which a part is looked for: that takes time of the text's length squared.
    static let limit = 4096

    private enum Part: Hashable {
        case literal(Unicode.Scalar)
        /// `?`; `true` where it crosses slashes.
        case one(Bool)
        /// `*` and `**`, the same.
        case any(Bool)
        /// `**/`: nothing, or directories.
        case directories
        case set([ClosedRange<UInt32>], negated: Bool)
    }

    private var parts: [Part] = []

    /// The pattern of a shell's `${x#…}`: without sets, and there are no directories.
    init(shell text: String) {
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                parts.append(.literal(scalar))
                isEscaped = false
            case "\\": isEscaped = true
            // Several in a row are as good as one.
            case "*": if parts.last != .any(true) { parts.append(.any(true)) }
            case "?": parts.append(.one(true))
            default: parts.append(.literal(scalar))
            }
        }
    }

    /// The pattern of a path; nil when it is none, such as one with a set that does not end.
    package init?(path text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*":
                guard rest.first == "*" else {
                    parts.append(.any(false))
                    continue
                }
                while rest.first == "*" { rest.removeFirst() }
                if rest.first == "/" {
                    rest.removeFirst()
                    parts.append(.directories)
                } else {
                    parts.append(.any(true))
                }
            case "?": parts.append(.one(false))
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                parts.append(.literal(next))
            case "[":
                guard let set = Self.set(&rest) else { return nil }
                parts.append(set)
            default: parts.append(.literal(scalar))
            }
        }
    }

    /// Whether it is more than a name.
    package static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

    private static func set(_ rest: inout Substring.UnicodeScalarView) -> Part? {
        var ranges: [ClosedRange<UInt32>] = []
        let negated = rest.first == "^"
        if negated { rest.removeFirst() }
        func letter() -> Unicode.Scalar? {
            guard let scalar = rest.popFirst() else { return nil }
            return scalar == "\\" ? rest.popFirst() : scalar
        }
        while rest.first != "]" || ranges.isEmpty {
            guard let low = letter() else { return nil }
            var high = low
            if rest.first == "-" {
                rest.removeFirst()
                guard rest.first != "]", let end = letter() else { return nil }
                high = end
            }
            // One that runs backwards holds nothing; NUL is in no name.
            ranges.append(low.value <= high.value ? low.value...high.value : 0...0)
        }
        rest.removeFirst()
        return .set(ranges, negated: negated)
    }

    /// Whether all of `text` is one of those that are meant.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        return ends(in: scalars[...]).last == scalars.count
    }

    // MARK: Parts of a text

    /// Where matches that begin at the front of `text` may end, the shortest first.
    private func ends(in text: ArraySlice<Unicode.Scalar>) -> [Int] {
        let start = text.startIndex, count = text.count
        var places = [Bool](repeating: false, count: count + 1)
        places[0] = true
        for part in parts {
            var next = [Bool](repeating: false, count: count + 1)
            var isOpen = false, isReached = false
            for place in 0...count {
                let before = place > 0 ? text[start + place - 1] : nil
                switch part {
                case .any(let crosses):
                    if before == "/", !crosses { isOpen = false }
                    isOpen = isOpen || places[place]
                    next[place] = isOpen
                case .directories:
                    next[place] = places[place] || (before == "/" && isReached)
                    isReached = isReached || places[place]
                case .literal(let scalar): next[place] = place > 0 && places[place - 1] && before == scalar
                case .one(let crosses): next[place] = place > 0 && places[place - 1] && (crosses || before != "/")
                case .set(let ranges, let negated):
                    guard let before, before != "/", places[place - 1] else { continue }
                    next[place] = ranges.contains { $0.contains(before.value) } != negated
                }
            }
            places = next
        }
        return places.indices.filter { places[$0] }.map { start + $0 }
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    func removingPrefix(of text: String, longest: Bool) -> String {
        let scalars = Array(text.unicodeScalars), ends = ends(in: scalars[...])
        guard let end = longest ? ends.last : ends.first else { return text }
        return Self.text(scalars[end...])
    }

    func removingSuffix(of text: String, longest: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        let starts = (0...scalars.count).filter { ends(in: scalars[$0...]).last == scalars.count }
        guard let start = longest ? starts.first : starts.last else { return text }
        return Self.text(scalars[..<start])
    }

    /// Each match is as long as it can be, as in a shell.
    func replacing(in text: String, with replacement: String, all: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        var result: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            if let end = ends(in: scalars[index...]).last, end > index {
                result += replacement.unicodeScalars
                index = end
                if !all { break }
            } else {
                result.append(scalars[index])
                index += 1
            }
        }
        return Self.text(result + scalars[index...])
    }
}
