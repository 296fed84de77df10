/// How large a head may be. What exceeds it is answered with 414 or 431.
package enum HeadLimits {
    /// Build arguments and labels travel in targets, registry credentials in fields.
    package static let targetBytes = 64 << 10
    package static let headBytes = 256 << 10
    package static let fields = 256
}

/// Finds heads at the start of a buffer.
package struct HeadParser: Sendable {
    /// No line ends before this offset.
    private var scanned = 0

    package init() {}

    /// The request head that the buffer begins with, taken out of it; nil when it is not whole yet.
    package mutating func request(_ buffer: inout InputBuffer) throws(HTTPError) -> RequestHead? {
        // Some clients end a body with a line end too many: RFC 9112 §2.2.
        while buffer.count >= 2, buffer[0] == 13, buffer[1] == 10, scanned == 0 { buffer.skip(2) }
        guard let lines = try lines(&buffer) else { return nil }
        let parts = lines[0].split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].count <= 32, parts[0].allSatisfy(isToken) else {
            throw HTTPError(400, "malformed request line")
        }
        guard parts[1].count <= HeadLimits.targetBytes else { throw HTTPError(414, "request target too long") }
        guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 32 && $0 < 127 }) else { throw HTTPError(400, "malformed request target") }
        let head = RequestHead(
            Method(rawValue: String(decoding: parts[0], as: UTF8.self)), String(decoding: parts[1], as: UTF8.self),
            version: try version(parts[2]), headers: try fields(lines.dropFirst()))
        let hosts = head.headers.all("Host")
        if hosts.count > 1 { throw HTTPError(400, "too many Host headers") }
        if hosts.isEmpty, head.version == .http11 { throw HTTPError(400, "missing required Host header") }
        guard hosts.allSatisfy({ $0.utf8.allSatisfy(isHostFieldByte) }) else { throw HTTPError(400, "malformed Host header") }
        return head
    }

    /// The response head that the buffer begins with, taken out of it; nil when it is not whole yet.
    package mutating func response(_ buffer: inout InputBuffer) throws(HTTPError) -> ResponseHead? {
        guard let lines = try lines(&buffer) else { return nil }
        let parts = lines[0].split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].count == 3, let status = Int(String(decoding: parts[1], as: UTF8.self)), status >= 100 else {
            throw HTTPError(502, "malformed HTTP response")
        }
        return ResponseHead(
            status, reason: parts.count == 3 ? String(decoding: parts[2], as: UTF8.self) : "",
            version: try version(parts[0]), headers: try fields(lines.dropFirst()))
    }

    /// The lines before the first empty one, without their ends.
    private mutating func lines(_ buffer: inout InputBuffer) throws(HTTPError) -> [ArraySlice<UInt8>]? {
        var lineStart = 0, offset = 0
        // Only a whole head is split, so that a head that trickles in is not split again and again.
        guard try isWhole(buffer) else { return nil }
        var lines: [ArraySlice<UInt8>] = []
        while let end = buffer.offset(of: 10, from: offset) {
            guard end > 0, buffer[end - 1] == 13 else { throw HTTPError(400, "line without carriage return") }
            offset = end + 1
            if end - 1 == lineStart {
                guard !lines.isEmpty else { throw HTTPError(400, "empty head") }
                buffer.skip(offset)
                scanned = 0
                return lines
            }
            lines.append(buffer.slice(lineStart..<(end - 1)))
            guard lines.count <= HeadLimits.fields + 1 else { throw HTTPError(431, "too many header fields") }
            lineStart = offset
        }
        return nil
    }

    private mutating func isWhole(_ buffer: InputBuffer) throws(HTTPError) -> Bool {
        while let end = buffer.offset(of: 10, from: scanned) {
            if end >= 3, buffer[end - 1] == 13, buffer[end - 2] == 10 { return true }
            // Refuse at once what no further byte can mend.
            if end == 0 || buffer[end - 1] != 13 { throw HTTPError(400, "line without carriage return") }
            scanned = end + 1
            if scanned > HeadLimits.headBytes { throw HTTPError(431, "header too large") }
        }
        if buffer.count > HeadLimits.headBytes { throw HTTPError(431, "header too large") }
        return false
    }

    private func version(_ text: ArraySlice<UInt8>) throws(HTTPError) -> Version {
        switch String(decoding: text, as: UTF8.self) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        case let text where text.hasPrefix("HTTP/"): throw HTTPError(505, "unsupported protocol version")
        default: throw HTTPError(400, "malformed HTTP version")
        }
    }

    private func fields(_ lines: ArraySlice<ArraySlice<UInt8>>) throws(HTTPError) -> HeaderFields {
        var headers = HeaderFields()
        for line in lines {
            let field = try HeaderFields.Field(parsing: line)
            headers.append(field.name, field.value)
        }
        return headers
    }
}

extension HeaderFields.Field {
    /// A line of a head or of trailers, without its end: RFC 9112 §5.
    init(parsing line: ArraySlice<UInt8>) throws(HTTPError) {
        guard line.first != 32, line.first != 9 else { throw HTTPError(400, "folded header line") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex, line[..<colon].allSatisfy(isToken) else {
            throw HTTPError(400, "malformed header line")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 32 || first == 9 { value = value.dropFirst() }
        while let last = value.last, last == 32 || last == 9 { value = value.dropLast() }
        guard value.allSatisfy(isFieldByte) else { throw HTTPError(400, "control character in header") }
        name = String(decoding: line[..<colon], as: UTF8.self)
        self.value = String(decoding: value, as: UTF8.self)
    }
}
