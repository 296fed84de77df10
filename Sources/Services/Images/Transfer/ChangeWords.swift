internal import Diagnostics
internal import OCI

/// Words of a Dockerfile instruction: quoting, escapes, variables and the JSON form.
enum ChangeWords {
    /// `["a", "b"]`; nil when the text is not a JSON list of strings, which makes it the other form.
    static func json(_ text: String) -> [String]? {
        guard text.first == "[" else { return nil }
        // Not JSON means shell form, as in Docker.
        return try? Document.decode([String].self, from: Array(text.utf8), what: "list")
    }

    /// Splits at white space outside of quotes; quotes and escapes stay, for `expand`.
    static func split(_ text: String) throws(Fault) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var escaped = false
        for character in text {
            if escaped {
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        guard quote == nil else { throw Fault(.invalid, "unexpected end of statement while looking for matching \(quote == "'" ? "single" : "double")-quote") }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Takes quotes and escapes away, and puts variables in: `$x`, `${x}`, `${x:-else}`, `${x:+then}`. Unknown ones are empty.
    static func expand(_ text: String, _ environment: [String]) throws(Fault) -> String {
        var result = ""
        var rest = text[...]
        var quote: Character?
        while let character = rest.popFirst() {
            switch character {
            case "'" where quote == nil: quote = "'"
            case "\"" where quote == nil: quote = "\""
            case let character where character == quote: quote = nil
            case _ where quote == "'": result.append(character)
            case "\\":
                guard let next = rest.popFirst() else { break }
                // Inside double quotes a backslash means something before these only.
                if quote == "\"", !"\"$\\".contains(next) { result.append("\\") }
                result.append(next)
            case "$": result += try variable(&rest, environment)
            default: result.append(character)
            }
        }
        return result
    }

    private static func variable(_ rest: inout Substring, _ environment: [String]) throws(Fault) -> String {
        func isName(_ character: Character) -> Bool { character.isASCII && (character.isLetter || character.isNumber || character == "_") }
        func value(_ name: some StringProtocol) -> String? {
            environment.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        guard rest.first == "{" else {
            let name = rest.prefix(while: isName)
            rest = rest.dropFirst(name.count)
            return name.isEmpty ? "$" : value(name) ?? ""
        }
        guard let end = rest.firstIndex(of: "}") else { throw Fault(.invalid, "syntax error: missing \"}\"") }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let name = inside.prefix(while: isName)
        let modifier = inside.dropFirst(name.count)
        guard !name.isEmpty else { throw Fault(.invalid, "syntax error: bad substitution") }
        let known = value(name)
        switch modifier.prefix(2) {
        case "": return known ?? ""
        case ":-": return known.flatMap { $0.isEmpty ? nil : $0 } ?? String(modifier.dropFirst(2))
        case ":+": return known.map(\.isEmpty) == false ? String(modifier.dropFirst(2)) : ""
        default: throw Fault(.invalid, "unsupported modifier (\(modifier)) in substitution")
        }
    }
}
