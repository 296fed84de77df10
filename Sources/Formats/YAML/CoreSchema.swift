internal import JSON

/// What plain scalars mean: YAML 1.2.2 §10.3.2, with Go's yaml.v3 where it is wider.
enum CoreSchema {
    private static let prefix = "tag:yaml.org,2002:"

    /// A tag of YAML's own, or none.
    static func isStandard(_ tag: String?) -> Bool { tag.map { $0 == "!" || $0.hasPrefix(prefix) } ?? true }

    /// The value of a scalar; nil when it is not what its tag says.
    static func resolve(_ scalar: EventReader.Scalar) -> JSONValue? {
        guard let tag = scalar.tag, tag.hasPrefix(prefix) else {
            // A tag of the file's own says nothing about the text; `!` says that it is text.
            return scalar.isPlain && scalar.tag != "!" ? plain(scalar.text) : .string(scalar.text)
        }
        switch tag.dropFirst(prefix.utf8.count) {
        case "str", "binary", "timestamp": return .string(scalar.text)
        case "null": return isNull(scalar.text) ? .null : nil
        case "bool": return bool(scalar.text).map { .bool($0) }
        case "int": return integer(scalar.text).map { .number($0) }
        case "float": return (integer(scalar.text) ?? float(scalar.text)).map { .number($0) }
        default: return nil
        }
    }

    private static func plain(_ text: String) -> JSONValue {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"): return isNull(text) ? .null : .string(text)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"): return bool(text).map { .bool($0) } ?? .string(text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return (integer(text) ?? float(text)).map { .number($0) } ?? .string(text)
        default: return .string(text)
        }
    }

    private static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// The decimal digits of a whole number: decimal, `0x`, `0o`, `0b`, or octal by a leading zero. Nil past 64 bits in another base.
    private static func integer(_ text: String) -> String? {
        var digits = text.utf8.filter { $0 != UInt8(ascii: "_") }[...]
        var sign = ""
        if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? "-" : ""
            digits = digits.dropFirst()
        }
        guard let first = digits.first, first >= 48, first <= 57, text.utf8.last != UInt8(ascii: "_") else { return nil }
        if first == 48, digits.count > 1 {
            let radix: Int, skipped: Int
            switch digits[digits.startIndex + 1] {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): (radix, skipped) = (16, 2)
            case UInt8(ascii: "o"), UInt8(ascii: "O"): (radix, skipped) = (8, 2)
            case UInt8(ascii: "b"), UInt8(ascii: "B"): (radix, skipped) = (2, 2)
            default: (radix, skipped) = (8, 1)
            }
            let rest = String(decoding: digits.dropFirst(skipped), as: UTF8.self)
            guard let head = rest.utf8.first, head != UInt8(ascii: "+"), head != UInt8(ascii: "-") else { return nil }
            return UInt64(rest, radix: radix).map { $0 == 0 ? "0" : sign + String($0) }
        }
        guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return first == 48 ? "0" : sign + String(decoding: digits, as: UTF8.self)
    }

    /// A number with a fraction or an exponent, spelt as JSON spells it. Infinity and NaN, which JSON lacks, stay text.
    private static func float(_ text: String) -> String? {
        var rest = text.utf8.filter { $0 != UInt8(ascii: "_") }[...]
        var result = ""
        func digits() -> String {
            let run = rest.prefix { $0 >= 48 && $0 <= 57 }
            rest = rest.dropFirst(run.count)
            return String(decoding: run, as: UTF8.self)
        }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
            if rest.first == UInt8(ascii: "-") { result = "-" }
            rest = rest.dropFirst()
        }
        var whole = digits()[...]
        while whole.count > 1, whole.first == "0" { whole = whole.dropFirst() }
        var fraction = ""
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        result += whole.isEmpty ? "0" : whole
        if !fraction.isEmpty { result += ".\(fraction)" }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            result += "e"
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                result += sign == UInt8(ascii: "-") ? "-" : "+"
                rest = rest.dropFirst()
            }
            let exponent = digits()
            guard !exponent.isEmpty else { return nil }
            result += exponent
        }
        guard rest.isEmpty else { return nil }
        // `-0.` is a whole number, of which there is one zero.
        return result == "-0" ? "0" : result
    }
}
