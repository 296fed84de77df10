/// Where a message's body ends: RFC 9112 §6.3. Whatever two readers might understand differently is refused.
package enum BodyFraming: Sendable, Hashable {
    case none
    case length(UInt64)
    case chunked
    case untilClose

    /// Of a request: nothing said means no body.
    package init(_ head: RequestHead) throws(HTTPError) {
        self = try Self.declared(head.headers, head.version, status: 400) ?? .none
    }

    /// Of a response to `method`; nothing said means until the connection ends.
    package init(_ head: ResponseHead, to method: Method) throws(HTTPError) {
        if method == .head || head.status < 200 || head.status == 204 || head.status == 304 {
            self = .none
        } else {
            self = try Self.declared(head.headers, head.version, status: 502) ?? .untilClose
        }
    }

    private static func declared(_ headers: HeaderFields, _ version: Version, status: Int) throws(HTTPError) -> BodyFraming? {
        let lengths = headers.all("Content-Length"), encodings = headers.all("Transfer-Encoding")
        if !encodings.isEmpty {
            guard lengths.isEmpty else { throw HTTPError(status, "both Transfer-Encoding and Content-Length") }
            guard version == .http11 else { throw HTTPError(status, "Transfer-Encoding in HTTP/1.0") }
            guard encodings.count == 1, lowered(encodings[0]) == "chunked" else {
                throw HTTPError(status == 400 ? 501 : status, "unsupported transfer encoding")
            }
            return .chunked
        }
        if lengths.isEmpty { return nil }
        guard lengths.count == 1, (1...18).contains(lengths[0].utf8.count),
            lengths[0].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let length = UInt64(lengths[0])
        else { throw HTTPError(status, "bad Content-Length") }
        return length == 0 ? BodyFraming.none : .length(length)
    }
}

/// Takes the pieces of one body out of a buffer.
package struct BodyDecoder: Sendable {
    package enum Piece: Sendable, Hashable {
        case bytes([UInt8])
        /// The buffer holds too little.
        case needsMore
        case end
    }

    private enum State: Hashable {
        case data(UInt64)
        case untilClose
        case chunkSize
        case chunkData(UInt64)
        case chunkEnd
        case trailers
        case finished
    }

    private static let chunkLineBytes = 4096
    private static let trailerBytes = 64 << 10
    private static let pieceBytes = 1 << 20

    private var state: State
    private var trailers = 0

    package init(_ framing: BodyFraming) {
        state =
            switch framing {
            case .none: .finished
            case .length(let length): .data(length)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    package var isFinished: Bool { state == .finished }

    /// The next piece; what follows the body stays in the buffer.
    package mutating func next(_ buffer: inout InputBuffer) throws(HTTPError) -> Piece {
        while true {
            switch state {
            case .finished: return .end
            case .untilClose: return buffer.isEmpty ? .needsMore : .bytes(buffer.take(Self.pieceBytes))
            case .data(let left):
                if buffer.isEmpty { return .needsMore }
                let bytes = buffer.take(Int(min(left, UInt64(Self.pieceBytes))))
                state = left == UInt64(bytes.count) ? .finished : .data(left - UInt64(bytes.count))
                return .bytes(bytes)
            case .chunkSize:
                guard let line = try line(&buffer) else { return .needsMore }
                let digits = line.prefix { hexDigit($0) != nil }
                let rest = line[digits.endIndex...].drop { $0 == 32 || $0 == 9 }
                guard (1...15).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";"), rest.allSatisfy(isFieldByte) else {
                    throw HTTPError(400, "malformed chunk size")
                }
                let size = digits.reduce(UInt64(0)) { $0 << 4 | UInt64(hexDigit($1) ?? 0) }
                state = size == 0 ? .trailers : .chunkData(size)
            case .chunkData(let left):
                if buffer.isEmpty { return .needsMore }
                let bytes = buffer.take(Int(min(left, UInt64(Self.pieceBytes))))
                state = left == UInt64(bytes.count) ? .chunkEnd : .chunkData(left - UInt64(bytes.count))
                return .bytes(bytes)
            case .chunkEnd:
                if buffer.isEmpty || (buffer.count == 1 && buffer[0] == 13) { return .needsMore }
                guard buffer[0] == 13, buffer.count > 1, buffer[1] == 10 else { throw HTTPError(400, "malformed chunk") }
                buffer.skip(2)
                state = .chunkSize
            case .trailers:
                guard let line = try line(&buffer) else { return .needsMore }
                trailers += line.count
                guard trailers <= Self.trailerBytes else { throw HTTPError(431, "trailers too large") }
                // They mean nothing to us, but what is no field may mean something to whoever passed it on.
                if line.isEmpty { state = .finished } else { _ = try HeaderFields.Field(parsing: line) }
            }
        }
    }

    /// The connection is at its end. Throws when the body is not.
    package mutating func finish() throws(HTTPError) {
        guard state == .finished || state == .untilClose else { throw .unexpectedEnd() }
        state = .finished
    }

    private func line(_ buffer: inout InputBuffer) throws(HTTPError) -> ArraySlice<UInt8>? {
        guard let end = buffer.offset(of: 10) else {
            guard buffer.count <= Self.chunkLineBytes else { throw HTTPError(400, "chunk line too long") }
            return nil
        }
        guard end > 0, buffer[end - 1] == 13, end <= Self.chunkLineBytes else { throw HTTPError(400, "malformed chunk line") }
        let line = buffer.slice(0..<(end - 1))
        buffer.skip(end + 1)
        return line
    }
}

/// Writes a body in chunks.
package enum ChunkedEncoding {
    /// One chunk; nothing for no bytes, since an empty chunk is the end.
    package static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.isEmpty { return [] }
        var result = Array(String(bytes.count, radix: 16).utf8)
        result.reserveCapacity(bytes.count + result.count + 4)
        result += [13, 10]
        result += bytes
        result += [13, 10]
        return result
    }

    package static let end = Array("0\r\n\r\n".utf8)
}
