/// `.env` files: `NAME=value` a line, with quotes, comments, escapes and interpolation, as docker compose reads them.
package enum EnvironmentFile {
    /// The longest file, in bytes.
    package static let sizeLimit = 4 << 20

    /// What stands in a file. A name alone has the value that `lookup` gives, and is left out when it gives none; in values `lookup` counts
    /// before what stands further up.
    package static func parse(_ text: String, lookup: @escaping @Sendable (String) -> String?) throws(ComposeFileError) -> [String: String] {
        var reader = Reader(text)
        var values: [String: String] = [:]
        while try reader.next(&values, lookup) {}
        return values
    }

    /// Lines taken as they stand, as `format: raw` and the command line have it.
    package static func parseRaw(_ text: String, lookup: (String) -> String?) throws(ComposeFileError) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0.isWhitespace }
            if line.isEmpty || line.first == "#" { continue }
            let name = line.prefix { $0 != "=" }
            if name.isEmpty || name.contains(where: \.isWhitespace) { throw ComposeFileError("variable '\(name)' contains whitespaces") }
            if name.endIndex < line.endIndex {
                values[String(name)] = String(line[line.index(after: name.endIndex)...])
            } else if let value = lookup(String(name)) {
                values[String(name)] = value
            }
        }
        return values
    }

    private struct Reader {
        private var rest: Substring.UnicodeScalarView
        private var line = 1

        init(_ text: String) {
            rest = Substring(text.replacing("\r\n", with: "\n")).unicodeScalars
            if rest.first == "\u{FEFF}" { rest.removeFirst() }
        }

        /// Reads one statement; false at the end.
        mutating func next(_ values: inout [String: String], _ lookup: @escaping @Sendable (String) -> String?) throws(ComposeFileError) -> Bool {
            skipToStatement()
            guard !rest.isEmpty else { return false }
            if rest.starts(with: "export".unicodeScalars), let after = rest.dropFirst(6).first, Self.isSpace(after) {
                rest = rest.dropFirst(6).drop(while: Self.isSpace)
            }
            let statement = rest.prefix { $0 != "\n" }
            let key = rest.prefix { $0 != "=" && $0 != ":" && $0 != "\n" }
            for scalar in key where !Self.isSpace(scalar) && !Self.isOfName(scalar) {
                throw ComposeFileError("line \(line): unexpected character \(String(scalar).debugDescription) in variable name \(String(statement).debugDescription)")
            }
            let name = Self.trimmed(key)
            if name.contains(" ") { throw ComposeFileError("line \(line): key cannot contain a space") }
            rest = rest[key.endIndex...]
            guard let mark = rest.popFirst(), mark != "\n" else {
                line += 1
                if let value = lookup(name) { values[name] = value }
                return true
            }
            rest = rest.drop(while: Self.isSpace)
            let before = values
            let interpolation = Interpolation { lookup($0) ?? before[$0] }
            let (raw, interpolates) = try value()
            do throws(Interpolation.Failure) {
                let value = interpolates ? try interpolation.substitute(raw) : raw
                // A name that begins with a digit is none.
                if !(name.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? true) { values[name] = value }
            } catch { throw ComposeFileError("\(error)") }
            return true
        }

        private mutating func skipToStatement() {
            while let scalar = rest.first {
                if scalar == "#" {
                    rest = rest.drop { $0 != "\n" }
                } else if scalar.properties.isWhitespace {
                    if scalar == "\n" { line += 1 }
                    rest.removeFirst()
                } else {
                    return
                }
            }
        }

        private mutating func value() throws(ComposeFileError) -> (String, interpolates: Bool) {
            guard let quote = rest.first, quote == "\"" || quote == "'" else {
                let text = rest.prefix { $0 != "\n" }
                rest = rest[text.endIndex...].dropFirst()
                line += 1
                var end = text.startIndex
                // A comment needs a space before it.
                while end < text.endIndex {
                    if text[end] == " ", text[text.index(after: end)...].first == "#" { break }
                    end = text.index(after: end)
                }
                return (Self.trimmed(text[..<end]), true)
            }
            let start = rest.prefix { $0 != "\n" }
            rest.removeFirst()
            var inside = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                if scalar == "\n" { line += 1 }
                if scalar == quote { return quote == "\"" ? (Self.unescaped(inside), true) : (String(inside), false) }
                guard scalar == "\\", let next = rest.first else {
                    inside.append(scalar)
                    continue
                }
                rest.removeFirst()
                if next != quote { inside.append("\\") }
                inside.append(next)
            }
            throw ComposeFileError("line \(line): unterminated quoted value \(String(start))")
        }

        /// Go's escapes, and `\$` for a dollar that begins nothing.
        private static func unescaped(_ text: String.UnicodeScalarView) -> String {
            var result = String.UnicodeScalarView()
            var rest = text[...]
            while let scalar = rest.popFirst() {
                guard scalar == "\\", let next = rest.first else {
                    result.append(scalar)
                    continue
                }
                let simple: [Unicode.Scalar: Unicode.Scalar] = [
                    "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "\"": "\"", "\\": "\\",
                ]
                if next == "$" {
                    result.append(contentsOf: "$$".unicodeScalars)
                    rest.removeFirst()
                } else if let plain = simple[next] {
                    result.append(plain)
                    rest.removeFirst()
                } else {
                    result.append(scalar)
                }
            }
            return String(result)
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar != "\n" && scalar.properties.isWhitespace }

        private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_.-[]".unicodeScalars.contains(scalar)
        }

        private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
            var text = text
            while let last = text.last, last.properties.isWhitespace { text.removeLast() }
            return String(text)
        }
    }
}
