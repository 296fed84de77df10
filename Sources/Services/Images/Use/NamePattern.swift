internal import OCI

/// The pattern of `--filter reference=…`, by the rules of Go's `path.Match`: `*` and `?` do not cross a slash, `[a-z]` is a set.
struct NamePattern {
    private let pattern: [Character]

    init(_ text: String) { pattern = Array(text) }

    /// Matches the name in its short form or in full, with its tag or without.
    func matches(_ reference: Reference) -> Bool {
        matches(reference.familiar) || matches(reference.familiarName) || matches(reference.description) || matches(reference.name)
    }

    func matches(_ text: String) -> Bool {
        let text = Array(text)
        // Where to take up again: after the last star, one character further on.
        var star: (pattern: Int, text: Int)?
        var (p, t) = (0, 0)
        while true {
            if p < pattern.count, pattern[p] == "*" {
                star = (p + 1, t)
                p += 1
                continue
            }
            if t == text.count, p == pattern.count { return true }
            if t < text.count, let next = step(p, text[t]) {
                (p, t) = (next, t + 1)
                continue
            }
            guard let last = star, last.text < text.count, text[last.text] != "/" else { return false }
            star = (last.pattern, last.text + 1)
            (p, t) = (last.pattern, last.text + 1)
        }
    }

    /// The place in the pattern after the part that matches one character; nil when it does not.
    private func step(_ start: Int, _ character: Character) -> Int? {
        guard start < pattern.count else { return nil }
        switch pattern[start] {
        case "?": return character == "/" ? nil : start + 1
        case "\\": return start + 1 < pattern.count && pattern[start + 1] == character ? start + 2 : nil
        case "[": return set(start + 1, character)
        default: return pattern[start] == character ? start + 1 : nil
        }
    }

    private func set(_ start: Int, _ character: Character) -> Int? {
        var index = start
        let negated = index < pattern.count && pattern[index] == "^"
        if negated { index += 1 }
        var found = false
        while index < pattern.count, pattern[index] != "]" {
            if pattern[index] == "\\" { index += 1 }
            guard index < pattern.count else { return nil }
            let low = pattern[index]
            var high = low
            index += 1
            if index + 1 < pattern.count, pattern[index] == "-", pattern[index + 1] != "]" {
                high = pattern[index + 1]
                index += 2
            }
            if low <= character, character <= high { found = true }
        }
        guard index < pattern.count else { return nil }
        return found != negated ? index + 1 : nil
    }
}
