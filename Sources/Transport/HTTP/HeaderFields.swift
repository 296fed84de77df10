/// The fields of a head in the order they came. Names compare without regard to case.
package struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}
    package init(dictionaryLiteral elements: (String, String)...) { fields = elements.map { Field(name: $0.0, value: $0.1) } }

    /// The first value of a name. Setting replaces all of them; nil removes them.
    package subscript(name: String) -> String? {
        get { fields.first { sameName($0.name, name) }?.value }
        set {
            guard let newValue else { return fields.removeAll { sameName($0.name, name) } }
            if let index = fields.firstIndex(where: { sameName($0.name, name) }) {
                fields[index].value = newValue
                var seen = false
                fields.removeAll { field in
                    guard sameName(field.name, name) else { return false }
                    defer { seen = true }
                    return seen
                }
            } else {
                append(name, newValue)
            }
        }
    }

    package mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Every value of a name.
    package func all(_ name: String) -> [String] { fields.filter { sameName($0.name, name) }.map(\.value) }

    /// The comma-separated elements of all values of a name, in small letters: for `Connection`, `Upgrade`, `Expect` and the like.
    package func tokens(_ name: String) -> [String] {
        all(name).flatMap { $0.split(separator: ",") }.map { element in
            var element = element
            while element.first == " " || element.first == "\t" { element.removeFirst() }
            while element.last == " " || element.last == "\t" { element.removeLast() }
            return lowered(String(element))
        }
    }

    /// As they go onto the wire, each line with its CR LF. What could end a line early is made a space.
    func serialize(into bytes: inout [UInt8]) {
        for field in fields {
            bytes += field.name.utf8.map { isToken($0) ? $0 : UInt8(ascii: "_") }
            bytes += ": ".utf8
            bytes += field.value.utf8.map { $0 == 13 || $0 == 10 || $0 == 0 ? 32 : $0 }
            bytes += "\r\n".utf8
        }
    }
}

private func sameName(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowered($0) == lowered($1) }
}

private func lowered(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 32 : byte }

/// With small letters for the capital ones of ASCII. Unicode's rules make a `k` of the Kelvin sign, and a framing of what is none.
func lowered(_ text: String) -> String { String(decoding: text.utf8.map { lowered($0) }, as: UTF8.self) }

/// May stand in a field's value: RFC 9110 §5.5.
func isFieldByte(_ byte: UInt8) -> Bool { byte == 9 || (byte >= 32 && byte != 127) }

/// May stand in a Host field: RFC 3986 §3.2.2 and a port.
func isHostFieldByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"): false
    case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
        UInt8(ascii: ";"), UInt8(ascii: "="):
        true
    default: isToken(byte)
    }
}

/// RFC 9110 §5.6.2 `tchar`.
func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
        UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
    default: false
    }
}
