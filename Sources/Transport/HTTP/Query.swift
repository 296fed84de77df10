/// The part of a target after `?`: names and values in order, decoded.
package struct Query: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Item: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package var items: [Item] = []

    package init() {}
    package init(dictionaryLiteral elements: (String, String)...) { items = elements.map { Item(name: $0.0, value: $0.1) } }

    /// Reads `application/x-www-form-urlencoded`: `%xx` and `+` for space. Throws 400 on a broken escape.
    package init(parsing text: some StringProtocol) throws(HTTPError) {
        guard text.utf8.count <= HeadLimits.targetBytes else { throw HTTPError(414, "query too long") }
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = try PercentEncoding.decode(pair[..<equals], plusIsSpace: true)
            let value = equals == pair.endIndex ? "" : try PercentEncoding.decode(pair[pair.index(after: equals)...], plusIsSpace: true)
            items.append(Item(name: name, value: value))
        }
    }

    /// The first value of a name.
    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Every value of a name.
    package func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    package mutating func append(_ name: String, _ value: String) { items.append(Item(name: name, value: value)) }

    /// A flag as Docker's API reads it: absent, empty, `0`, `no`, `false` and `none` are false, anything else is true.
    package func flag(_ name: String, default absent: Bool = false) -> Bool {
        guard let value = self[name] else { return absent }
        return !["", "0", "no", "false", "none"].contains(value.lowercased())
    }

    /// As it goes into a target, without the `?`.
    package var encoded: String {
        items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}

/// RFC 3986 §2.1.
package enum PercentEncoding {
    /// Everything but unreserved characters and those in `keeping` as `%XX`.
    package static func encode(_ text: String, keeping: String = "") -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            case _ where keeping.utf8.contains(byte): result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Throws 400 for an escape that is none, for bytes that are not UTF-8, and for a zero byte, which ends a name for whoever is given one in C.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) throws(HTTPError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(hexDigit), let low = iterator.next().flatMap(hexDigit) else {
                    throw HTTPError(400, "invalid URL escape")
                }
                guard high | low != 0 else { throw HTTPError(400, "URL contains a zero byte") }
                bytes.append(UInt8(high << 4 | low))
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard let result = String(validating: bytes, as: UTF8.self) else { throw HTTPError(400, "URL is not UTF-8") }
        return result
    }
}

/// The value of a hexadecimal digit.
func hexDigit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
}
