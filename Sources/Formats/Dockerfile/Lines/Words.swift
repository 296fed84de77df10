internal import JSON

/// The ways in which an instruction's text is cut into words.
package enum Words {
    static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isSpace)
        while let last = text.last, last.isSpace { text.removeLast() }
        return String(text)
    }

    /// At white space, whatever stands between.
    static func plain(_ text: String) -> [String] { text.split(whereSeparator: \.isSpace).map(String.init) }

    /// At white space outside of quotes, which stay, as do escapes.
    package static func shell(_ text: String, escape: Unicode.Scalar) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var quote: Unicode.Scalar?
        var isEscaped = false, isInside = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                isEscaped = false
            } else if scalar == escape, quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar.properties.isWhitespace {
                if isInside { words.append(String(word)) }
                word = String.UnicodeScalarView()
                isInside = false
                continue
            }
            isInside = true
            word.append(scalar)
        }
        if isInside { words.append(String(word)) }
        return words
    }

    /// `["a", "b"]`; nil when the text is not JSON, which makes it the other form. Throws when it is JSON of something else than strings.
    package static func json(_ text: String) throws(DockerfileError) -> [String]? {
        guard text.first == "[" else { return nil }
        // Not JSON means the shell form, as in Docker.
        guard let value = try? JSONValue(parsing: Array(text.utf8)), case .array(let items) = value else { return nil }
        var words: [String] = []
        for item in items {
            guard case .string(let word) = item else {
                throw DockerfileError("When using JSON array syntax, arrays must be comprised of strings only.")
            }
            words.append(word)
        }
        return words
    }

    /// The flags at the beginning, without their quotes and escapes, and what comes after them.
    static func flags(_ text: String, escape: Unicode.Scalar) throws(DockerfileError) -> (flags: [String], rest: String) {
        var flags: [String] = []
        var rest = text[...]
        while rest.hasPrefix("--") {
            let word = shellPrefix(rest, escape: escape)
            rest = rest.dropFirst(word.count).drop(while: \.isSpace)
            if word == "--" { break }
            flags.append(unquoted(word, escape: escape))
        }
        return (flags, String(rest))
    }

    private static func shellPrefix(_ text: Substring, escape: Unicode.Scalar) -> Substring {
        var quote: Character?
        var isEscaped = false
        return text.prefix { character in
            if isEscaped {
                isEscaped = false
            } else if character.unicodeScalars.first == escape {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character.isSpace {
                return false
            }
            return true
        }
    }

    private static func unquoted(_ word: Substring, escape: Unicode.Scalar) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in word {
            if isEscaped {
                isEscaped = false
                result.append(character)
            } else if character.unicodeScalars.first == escape {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else {
                result.append(character)
            }
        }
        return result
    }
}
