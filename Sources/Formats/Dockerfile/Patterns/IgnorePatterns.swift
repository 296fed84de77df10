/// The patterns of a `.dockerignore` file, or of `--exclude`: the last one that matches a path, or a directory that it is in, decides.
/// By the rules of moby's patternmatcher.
package struct IgnorePatterns: Sendable, Hashable {
    /// Patterns at most.
    private static let limit = 10_000

    private struct Pattern: Hashable {
        /// Cleaned, with the mark of an exception.
        var text: String
        var glob: Glob
        var isException: Bool
    }

    private var patterns: [Pattern] = []

    package static let none = IgnorePatterns()

    private init() {}

    /// The lines of a file. Throws Docker's words for one that is no pattern.
    package init(file bytes: [UInt8]) throws(DockerfileError) {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = String(decoding: bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...], as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        try self.init(lines.filter { $0.first != "#" }.map(String.init))
    }

    /// Throws Docker's words for one that is no pattern.
    package init(_ texts: [String]) throws(DockerfileError) {
        guard texts.count <= Self.limit else { throw DockerfileError("more than \(Self.limit) patterns") }
        for text in texts {
            var text = Words.trimmed(text[...])
            if text.isEmpty { continue }
            let isException = text.first == "!"
            if isException { text = Words.trimmed(text.dropFirst()) }
            if isException, text.isEmpty { throw DockerfileError("illegal exclusion pattern: \"!\"") }
            let path = Self.clean(text)
            guard let glob = Glob(path: path) else { throw DockerfileError("error parsing pattern \(Words.quoted(text)): syntax error in pattern") }
            patterns.append(Pattern(text: (isException ? "!" : "") + path, glob: glob, isException: isException))
        }
    }

    /// The patterns as they were cleaned, for whoever matches them elsewhere.
    package var texts: [String] { patterns.map(\.text) }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether something below an ignored directory may be taken in again.
    package var hasExceptions: Bool { patterns.contains(where: \.isException) }

    /// Whether a path, without a slash at either end, is left out.
    package func matches(_ path: String) -> Bool {
        if patterns.isEmpty { return false }
        var prefixes: [String] = []
        for index in path.indices where path[index] == "/" { prefixes.append(String(path[..<index])) }
        prefixes.append(path)
        var isIgnored = false
        for pattern in patterns where pattern.isException == isIgnored {
            if prefixes.contains(where: { pattern.glob.matches($0) }) { isIgnored.toggle() }
        }
        return isIgnored
    }

    /// The pattern without empty parts, `.`, `..` where that can be told, and slashes at either end.
    private static func clean(_ text: String) -> String {
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
