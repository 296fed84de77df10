/// Takes quotes and escapes out of words and puts variables in, as BuildKit's shell words do:
/// `$x`, `${x}`, `${x:-else}`, `${x:+then}`, `${x:?why}`, all of these without the colon, `${x#glob}`, `${x##glob}`, `${x%glob}`, `${x%%glob}`,
/// `${x/glob/text}`, `${x//glob/text}`.
package struct Expansion {
    /// Bytes that one word may become.
    private static let limit = 1 << 20
    /// How deep modifiers may be in each other.
    private static let depthLimit = 32

    private let escape: Unicode.Scalar
    private let value: (String) -> String?

    /// `value` gives a variable's value, nil when it is not set.
    package init(escape: Unicode.Scalar = "\\", _ value: @escaping (String) -> String?) {
        self.escape = escape
        self.value = value
    }

    /// The whole text as one word.
    package func word(_ text: String) throws(DockerfileError) -> String {
        do throws(DockerfileError) { return try scan(text, keepsQuotes: false) } catch {
            throw DockerfileError("failed to process \(Words.quoted(text)): \(error.reason)", line: error.line)
        }
    }

    /// The text of a here-document, in which quotes are letters like others.
    package func document(_ text: String) throws(DockerfileError) -> String {
        do throws(DockerfileError) { return try scan(text, keepsQuotes: true) } catch { throw DockerfileError("failed to process heredoc: \(error.reason)", line: error.line) }
    }

    private func scan(_ text: String, keepsQuotes: Bool) throws(DockerfileError) -> String {
        var scanner = Scanner(rest: text.unicodeScalars[...], escape: escape, value: value, keepsQuotes: keepsQuotes)
        let result = try scanner.words(until: nil, depth: 0)
        return String(result)
    }

    private struct Scanner {
        var rest: Substring.UnicodeScalarView
        let escape: Unicode.Scalar
        let value: (String) -> String?
        let keepsQuotes: Bool
        var produced = 0

        mutating func words(until stops: Set<Unicode.Scalar>?, depth: Int) throws(DockerfileError) -> String.UnicodeScalarView {
            guard depth < Expansion.depthLimit else { throw DockerfileError("substitutions are too deep in each other") }
            var result = String.UnicodeScalarView()
            while let scalar = rest.first {
                if stops?.contains(scalar) == true { return result }
                rest.removeFirst()
                switch scalar {
                case "'" where !keepsQuotes: try single(into: &result)
                case "\"" where !keepsQuotes: try double(into: &result, depth)
                case "$": try variable(into: &result, depth)
                case escape:
                    guard let next = rest.popFirst() else { break }
                    if keepsQuotes, !["$", "\n", escape].contains(next) { result.append(escape) }
                    result.append(next)
                default: result.append(scalar)
                }
                guard result.count <= Expansion.limit else { throw DockerfileError("the result is too long") }
            }
            guard stops == nil else { throw DockerfileError("syntax error: missing '}'") }
            return result
        }

        private mutating func single(into result: inout String.UnicodeScalarView) throws(DockerfileError) {
            while let scalar = rest.popFirst() {
                if scalar == "'" { return }
                result.append(scalar)
            }
            throw DockerfileError("unexpected end of statement while looking for matching single-quote")
        }

        private mutating func double(into result: inout String.UnicodeScalarView, _ depth: Int) throws(DockerfileError) {
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return
                case "$": try variable(into: &result, depth)
                case escape:
                    guard let next = rest.popFirst() else { throw Self.noQuote }
                    // It means something before these only.
                    if next != "\"", next != "$", next != escape { result.append(escape) }
                    result.append(next)
                default: result.append(scalar)
                }
            }
            throw Self.noQuote
        }

        private static let noQuote = DockerfileError("unexpected end of statement while looking for matching double-quote")

        private mutating func variable(into result: inout String.UnicodeScalarView, _ depth: Int) throws(DockerfileError) {
            let text: String
            if rest.first == "{" {
                rest.removeFirst()
                text = try braces(depth)
            } else {
                let name = name()
                text = name.isEmpty ? "$" : value(name) ?? ""
            }
            produced += text.unicodeScalars.count
            guard produced <= Expansion.limit else { throw DockerfileError("the result is too long") }
            result.append(contentsOf: text.unicodeScalars)
        }

        private mutating func name() -> String {
            func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || (scalar.isASCII && scalar.properties.isAlphabetic) }
            func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
            guard let first = rest.first else { return "" }
            // Numbers and signs are the shell's own, which have no value here.
            let isOwn = "@*#?-$!".unicodeScalars.contains(first)
            let name = isOwn ? rest.prefix(1) : isDigit(first) ? rest.prefix(while: isDigit) : rest.prefix { isLetter($0) || isDigit($0) }
            rest = rest.dropFirst(name.count)
            return String(name)
        }

        /// Behind `${`.
        private mutating func braces(_ depth: Int) throws(DockerfileError) -> String {
            if rest.first == "}" { throw DockerfileError("syntax error: bad substitution") }
            let name = name()
            guard let modifier = rest.popFirst() else { throw DockerfileError("syntax error: missing '}'") }
            if name.isEmpty { throw DockerfileError("syntax error: bad substitution") }
            let known = value(name)
            if "#%/".unicodeScalars.contains(modifier), known?.utf8.count ?? 0 > Glob.limit { throw DockerfileError("the value of \(name) is too long for a pattern") }
            switch modifier {
            case "}": return known ?? ""
            case ":":
                guard let kind = rest.popFirst() else { throw DockerfileError("syntax error: missing ':' in substitution") }
                guard "+-?".unicodeScalars.contains(kind) else { throw Self.unsupported(":\(kind)") }
                return try conditional(kind, name, known.flatMap { $0.isEmpty ? nil : $0 }, known, depth)
            case "+", "-", "?": return try conditional(modifier, name, known, known, depth)
            case "#", "%":
                let isLongest = rest.first == modifier
                if isLongest { rest.removeFirst() }
                let pattern = Glob(shell: String(try argument(depth)))
                guard let known else { return "" }
                return modifier == "#" ? pattern.removingPrefix(of: known, longest: isLongest) : pattern.removingSuffix(of: known, longest: isLongest)
            case "/":
                let isAll = rest.first == "/"
                if isAll { rest.removeFirst() }
                let pattern = Glob(shell: String(try words(until: ["/", "}"], depth: depth + 1)))
                var replacement = ""
                if rest.popFirst() == "/" { replacement = String(try argument(depth)) }
                return known.map { pattern.replacing(in: $0, with: replacement, all: isAll) } ?? ""
            default: throw Self.unsupported("\(modifier)")
            }
        }

        private static func unsupported(_ modifier: String) -> DockerfileError { DockerfileError("unsupported modifier (\(modifier)) in substitution") }

        private mutating func argument(_ depth: Int) throws(DockerfileError) -> String.UnicodeScalarView {
            let words = try words(until: ["}"], depth: depth + 1)
            rest.removeFirst()
            return words
        }

        /// `present`: the value, when it counts as one.
        private mutating func conditional(_ kind: Unicode.Scalar, _ name: String, _ present: String?, _ known: String?, _ depth: Int) throws(DockerfileError) -> String {
            let word = String(try argument(depth))
            switch kind {
            case "+": return present == nil ? "" : word
            case "-": return present ?? word
            default:
                if let present { return present }
                if word.isEmpty { throw DockerfileError("\(name): is not allowed to be \(known == nil ? "unset" : "empty")") }
                throw DockerfileError("\(name): \(word)")
            }
        }
    }
}
