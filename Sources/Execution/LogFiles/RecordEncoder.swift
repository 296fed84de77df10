internal import Values

/// Writes records in the form of Docker's `json-file` driver: `{"log":"…\n","stream":"stdout","time":"…Z"}` and a newline,
/// with `"attrs":{…}` before the time where there are attributes.
///
/// What is escaped, and how, is what Go's encoding/json does, so that the file is byte for byte what Docker would have written.
struct RecordEncoder {
    /// The second that `secondText` stands for; times come in order, so most share theirs with the one before.
    private var second: Int64?
    /// `2006-01-02T15:04:05`.
    private var secondText: [UInt8] = []
    /// What stands between the text and the time.
    private let afterStdout: [UInt8], afterStderr: [UInt8]

    init(attributes: [String: String] = [:]) {
        var members: [UInt8] = []
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            members += members.isEmpty ? #","attrs":{""#.utf8 : #",""#.utf8
            RecordEncoder.escape(Array(name.utf8)[...], into: &members)
            members += #"":""#.utf8
            RecordEncoder.escape(Array(value.utf8)[...], into: &members)
            members.append(UInt8(ascii: "\""))
        }
        if !members.isEmpty { members.append(UInt8(ascii: "}")) }
        afterStdout = #"","stream":"stdout""#.utf8 + members + #","time":""#.utf8
        afterStderr = #"","stream":"stderr""#.utf8 + members + #","time":""#.utf8
    }

    /// Appends one record with `content`, and with a newline in it when the line is `complete`.
    mutating func append(_ content: ArraySlice<UInt8>, complete: Bool, _ stream: LogStream, at time: Timestamp, to output: inout [UInt8]) {
        output += #"{"log":""#.utf8
        RecordEncoder.escape(content, into: &output)
        if complete { output += #"\n"#.utf8 }
        switch stream {
        case .stdout: output += afterStdout
        case .stderr: output += afterStderr
        }
        appendTime(time, to: &output)
        output += "\"}\n".utf8
    }

    /// RFC 3339 in UTC, the fraction without trailing zeros.
    private mutating func appendTime(_ time: Timestamp, to output: inout [UInt8]) {
        let whole = time.seconds
        if second != whole {
            secondText = Array(Timestamp(seconds: whole).description.utf8.prefix(19))
            second = whole
        }
        output += secondText
        var fraction = time.nanoseconds - whole * 1_000_000_000
        if fraction > 0 {
            output.append(UInt8(ascii: "."))
            var unit: Int64 = 100_000_000
            while fraction > 0 {
                output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / unit))
                fraction %= unit
                unit /= 10
            }
        }
        output.append(UInt8(ascii: "Z"))
    }

    /// Appends `content` as the inside of a JSON string. Each byte that is not UTF-8 becomes U+FFFD.
    static func escape(_ content: ArraySlice<UInt8>, into output: inout [UInt8]) {
        var start = content.startIndex
        var index = start
        while index < content.endIndex {
            let byte = content[index]
            if byte >= 0x80 {
                let length = UTF8Sequence.length(at: index, of: content)
                // U+2028 and U+2029 end a line in JavaScript.
                let isSeparator = length == 3 && byte == 0xE2 && content[index + 1] == 0x80 && content[index + 2] & 0xFE == 0xA8
                if length > 0 && !isSeparator {
                    index += length
                    continue
                }
                output += content[start..<index]
                if isSeparator {
                    output += content[index + 2] == 0xA8 ? #"\u2028"#.utf8 : #"\u2029"#.utf8
                } else {
                    output += #"\ufffd"#.utf8
                }
                index += max(length, 1)
                start = index
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0..<0x20:
                output += content[start..<index]
                appendEscape(of: byte, to: &output)
                index += 1
                start = index
            default: index += 1
            }
        }
        output += content[start...]
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\\"): output += #"\\"#.utf8
        case UInt8(ascii: "\""): output += #"\""#.utf8
        case UInt8(ascii: "\n"): output += #"\n"#.utf8
        case UInt8(ascii: "\r"): output += #"\r"#.utf8
        default:
            output += #"\u00"#.utf8
            for digit in [byte >> 4, byte & 15] { output.append(digit < 10 ? digit + 48 : digit + 87) }
        }
    }
}
