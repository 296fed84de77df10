package import JSON

/// JSON values as YAML text, laid out as Go's yaml.v3 does with an indent of two.
package enum YAMLText {
    package static func render(_ value: JSONValue) -> String {
        var text = ""
        write(value, depth: 0, to: &text)
        return text
    }

    private static func write(_ value: JSONValue, depth: Int, to text: inout String) {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            for (index, member) in object.members.enumerated() {
                if index > 0 || text.last == "\n" { indent(depth, &text) }
                text += (member.name.contains("\n") ? quoted(member.name) : scalar(member.name, depth: depth + 1)) + ":"
                nested(member.value, depth: depth + 1, to: &text)
            }
        case .array(let items) where !items.isEmpty:
            for (index, item) in items.enumerated() {
                if index > 0 || text.last == "\n" { indent(depth, &text) }
                text += "-"
                if case .array(let inner) = item, !inner.isEmpty {
                    text += " "
                } else if case .object(let inner) = item, !inner.members.isEmpty {
                    text += " "
                } else {
                    text += " \(leaf(item, depth: depth + 1))\n"
                    continue
                }
                write(item, depth: depth + 1, to: &text)
            }
        default: text += leaf(value, depth: depth) + "\n"
        }
    }

    /// What stands after a key.
    private static func nested(_ value: JSONValue, depth: Int, to text: inout String) {
        let isBlock = (value.object.map { !$0.members.isEmpty } ?? false) || (value.array.map { !$0.isEmpty } ?? false)
        text += isBlock ? "\n" : " \(leaf(value, depth: depth))\n"
        if isBlock { write(value, depth: depth, to: &text) }
    }

    private static func indent(_ depth: Int, _ text: inout String) { text += String(repeating: "  ", count: depth) }

    private static func leaf(_ value: JSONValue, depth: Int) -> String {
        switch value {
        case .string(let text): scalar(text, depth: depth)
        case .array: "[]"
        case .object: "{}"
        default: value.compactText
        }
    }

    // MARK: Scalars

    private static func scalar(_ text: String, depth: Int) -> String {
        if text.unicodeScalars.contains(where: { !isPrintable($0) }) { return quoted(text) }
        if text.contains("\n") { return literal(text, depth) }
        guard isTextByItself(text) else { return quoted(text) }
        return isPlain(text) ? text : "'\(text.replacing("'", with: "''"))'"
    }

    /// Whether unquoted it would be read as text, by YAML 1.1 readers too.
    private static func isTextByItself(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, case .string = CoreSchema.resolve(.init(anchor: nil, tag: nil, text: text, isPlain: true)) else { return false }
        if ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased()),
            text == text.lowercased() || text == text.uppercased() || text.dropFirst() == text.dropFirst().lowercased()
        {
            return false
        }
        if ["<<", ".inf", "+.inf", "-.inf", ".nan"].contains(text.lowercased()) { return false }
        guard ("0"..."9").contains(first) || first == "+" || first == "-" else { return true }
        // Numbers to the base of 60, and dates.
        return text.wholeMatch(of: #/[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?/#) == nil && text.wholeMatch(of: #/[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?/#) == nil
    }

    private static func isPlain(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, first != " ", scalars.last != " ", !text.hasPrefix("---"), !text.hasPrefix("...") else { return false }
        if "#,[]{}&*!|>'\"%@`".unicodeScalars.contains(first) { return false }
        if "-?:".unicodeScalars.contains(first), scalars.count == 1 || scalars[1] == " " { return false }
        for (index, scalar) in scalars.enumerated() {
            if scalar == ":", index + 1 == scalars.count || scalars[index + 1] == " " || scalars[index + 1] == "\t" { return false }
            if scalar == "#", index > 0, scalars[index - 1] == " " { return false }
        }
        return true
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || (scalar.value >= 32 && scalar.value != 127 && !(128..<160).contains(scalar.value) && scalar.value != 0xFEFF)
    }

    /// A block whose lines stand as they are.
    private static func literal(_ text: String, _ depth: Int) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let mark = !text.hasSuffix("\n") ? "-" : text.hasSuffix("\n\n") || text == "\n" ? "+" : ""
        if text.hasSuffix("\n") { lines.removeLast() }
        // Where the first line begins with space the depth must be said.
        let hint = lines.first.map { $0.first == " " || $0.isEmpty } ?? false ? "2" : ""
        let margin = String(repeating: "  ", count: max(1, depth))
        return "|\(hint)\(mark)\n" + lines.map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\0": result += "\\0"
            case "\u{1B}": result += "\\e"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let hex = String(scalar.value, radix: 16, uppercase: true)
                let width = scalar.value < 256 ? 2 : scalar.value < 65536 ? 4 : 8
                result += "\\" + ["x", "u", "U"][width == 2 ? 0 : width == 4 ? 1 : 2] + String(repeating: "0", count: width - hex.count) + hex
            }
        }
        return result + "\""
    }
}
