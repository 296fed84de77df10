extension JSONValue {
    /// The document without white space, as Go's encoding/json writes it (HTML characters not escaped).
    package var compact: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, indent: nil, depth: 0)
        return bytes
    }

    /// The document with each member on a line, as Go's `json.Indent` lays it out.
    package func indented(by indent: String = "    ") -> [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, indent: Array(indent.utf8), depth: 0)
        return bytes
    }

    package var compactText: String { String(decoding: compact, as: UTF8.self) }

    private func write(to bytes: inout [UInt8], indent: [UInt8]?, depth: Int) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let digits): bytes += digits.utf8
        case .string(let text): JSONValue.writeString(text, to: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.newLine(indent, depth + 1, &bytes)
                item.write(to: &bytes, indent: indent, depth: depth + 1)
            }
            if !items.isEmpty { JSONValue.newLine(indent, depth, &bytes) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.newLine(indent, depth + 1, &bytes)
                JSONValue.writeString(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                if indent != nil { bytes.append(32) }
                member.value.write(to: &bytes, indent: indent, depth: depth + 1)
            }
            if !object.members.isEmpty { JSONValue.newLine(indent, depth, &bytes) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func newLine(_ indent: [UInt8]?, _ depth: Int, _ bytes: inout [UInt8]) {
        guard let indent else { return }
        bytes.append(10)
        for _ in 0..<depth { bytes += indent }
    }

    static func writeString(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 10: bytes += "\\n".utf8
            case 13: bytes += "\\r".utf8
            case 9: bytes += "\\t".utf8
            case 8: bytes += "\\b".utf8
            case 12: bytes += "\\f".utf8
            case 0..<32: bytes += "\\u00\(byte < 16 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
