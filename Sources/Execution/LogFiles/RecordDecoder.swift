internal import Values

/// Reads one record of a log: a JSON object with `log`, `stream`, `attrs` and `time`, and whatever else later versions may add.
///
/// It takes what any JSON writer may have written, in any order; files that Docker wrote are read as well.
struct RecordDecoder {
    /// How deep values may be nested that nobody reads.
    static let depthLimit = 16

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    /// What the line says; nil when it is not a record. It is without its newline.
    static func decode(_ line: ArraySlice<UInt8>) -> LogEntry? {
        var decoder = RecordDecoder(bytes: line, index: line.startIndex)
        return decoder.record()
    }

    private mutating func record() -> LogEntry? {
        var text: [UInt8] = []
        var stream: LogStream?
        var time: Timestamp?
        var attributes: [String: String] = [:]
        guard take("{") else { return nil }
        if !take("}") {
            repeat {
                guard let key = string(), take(":") else { return nil }
                // Compared as bytes: this runs for each line of the log.
                if key.elementsEqual("log".utf8) {
                    guard let value = string() else { return nil }
                    text = Array(value)
                } else if key.elementsEqual("stream".utf8) {
                    guard let value = string() else { return nil }
                    stream = LogStream.allCases.first { $0.rawValue.utf8.elementsEqual(value) }
                } else if key.elementsEqual("time".utf8) {
                    guard let value = string() else { return nil }
                    time = RecordDecoder.time(value)
                } else if key.elementsEqual("attrs".utf8) {
                    // What other writers may have put there counts when it is text.
                    let start = index
                    if let value = strings() {
                        attributes = value
                    } else {
                        index = start
                        guard skipValue(depth: 0) else { return nil }
                    }
                } else {
                    guard skipValue(depth: 0) else { return nil }
                }
            } while take(",")
            guard take("}") else { return nil }
        }
        skipSpace()
        guard index == bytes.endIndex, let stream, let time else { return nil }
        return LogEntry(stream: stream, time: time, bytes: text, attributes: attributes)
    }

    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { index += 1 }
    }

    /// Skips white space and then the character, if it is the next.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard let byte = current, byte == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// The bytes that a JSON string stands for.
    private mutating func string() -> ArraySlice<UInt8>? {
        guard take("\"") else { return nil }
        let start = index
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { index += 1 }
        if current == UInt8(ascii: "\"") {
            defer { index += 1 }
            return bytes[start..<index]
        }
        var text = Array(bytes[start..<index])
        while let byte = current {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return text[...]
            case UInt8(ascii: "\\"): guard escape(into: &text) else { return nil }
            default: text.append(byte)
            }
        }
        return nil
    }

    /// An object of strings.
    private mutating func strings() -> [String: String]? {
        var result: [String: String] = [:]
        guard take("{") else { return nil }
        if take("}") { return result }
        repeat {
            guard let key = string(), take(":"), let value = string() else { return nil }
            result[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        } while take(",")
        return take("}") ? result : nil
    }

    /// What stands after a backslash.
    private mutating func escape(into text: inout [UInt8]) -> Bool {
        guard let byte = current else { return false }
        index += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return false }
            var value = unit
            if 0xD800..<0xDC00 ~= unit {
                // The other half must follow; a half alone is no character.
                let back = index
                if current == UInt8(ascii: "\\"), bytes[index...].dropFirst().first == UInt8(ascii: "u") {
                    index += 2
                    guard let low = codeUnit() else { return false }
                    if 0xDC00..<0xE000 ~= low { value = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00) } else { index = back }
                }
            }
            text += UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
        default: return false
        }
        return true
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { return nil }
            index += 1
            switch byte {
            case 48...57: value = value << 4 | UInt32(byte - 48)
            case 97...102: value = value << 4 | UInt32(byte - 87)
            case 65...70: value = value << 4 | UInt32(byte - 55)
            default: return nil
            }
        }
        return value
    }

    private mutating func skipValue(depth: Int) -> Bool {
        guard depth < RecordDecoder.depthLimit else { return false }
        skipSpace()
        switch current {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "{"):
            index += 1
            if take("}") { return true }
            repeat {
                guard string() != nil, take(":"), skipValue(depth: depth + 1) else { return false }
            } while take(",")
            return take("}")
        case UInt8(ascii: "["):
            index += 1
            if take("]") { return true }
            repeat { guard skipValue(depth: depth + 1) else { return false } } while take(",")
            return take("]")
        default:
            // A number, true, false or null; which of them does not matter.
            let start = index
            while let byte = current, byte >= 43, byte <= 57 && byte != 44 || byte >= 65 && byte <= 122 && byte != 93 && byte != 91 && byte != 92 {
                index += 1
            }
            return index > start
        }
    }

    /// RFC 3339. The form that the writer gives it, UTC, is read without making a string.
    static func time(_ text: ArraySlice<UInt8>) -> Timestamp? {
        let time = utc(text) ?? Timestamp(String(decoding: text, as: UTF8.self))
        // Year 1 stands for "no time" elsewhere; nothing was ever logged then.
        return time == .never ? nil : time
    }

    private static func utc(_ text: ArraySlice<UInt8>) -> Timestamp? {
        // 2006-01-02T15:04:05Z, with up to nine digits of a fraction.
        guard text.count >= 20, text.count <= 30, text.last == UInt8(ascii: "Z") else { return nil }
        let start = text.startIndex
        func number(_ offset: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in text[(start + offset)..<(start + offset + count)] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        for (offset, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] as [(Int, Unicode.Scalar)]
        where text[start + offset] != UInt8(ascii: mark) { return nil }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2),
            let second = number(17, 2), (1678...2261).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        let digits = text.count - 21
        if digits >= 0 {
            guard digits > 0, text[start + 19] == UInt8(ascii: "."), let value = number(20, digits) else { return nil }
            fraction = value
            for _ in digits..<9 { fraction *= 10 }
        }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        return Timestamp(seconds: days * 86400 + hour * 3600 + minute * 60 + second, nanoseconds: fraction)
    }
}
