/// Takes what a client sends on a web socket apart, whatever pieces it arrives in: RFC 6455 §5. Payload is handed out as it comes, so
/// that nothing but the payload of control frames, 125 bytes at most, is kept.
package struct WebSocketFrames: Sendable {
    package enum Piece: Sendable, Hashable {
        case payload([UInt8])
        case ping([UInt8])
        case close
    }

    private var header: [UInt8] = []
    private var kind = Kind.data
    private var mask: [UInt8] = []
    private var remaining: UInt64 = 0
    /// How much of the frame's payload has come.
    private var position = 0
    private var control: [UInt8] = []

    private enum Kind { case data, close, ping, pong }

    package init() {}

    /// The next pieces in order. Throws 400 for what a client must not send.
    package mutating func decode(_ bytes: [UInt8]) throws(HTTPError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes[...]
        while !rest.isEmpty || !mask.isEmpty && remaining == 0 {
            if mask.isEmpty {
                let missing = headerLength - header.count
                header += rest.prefix(missing)
                rest = rest.dropFirst(missing)
                if header.count == headerLength { try begin() }
                continue
            }
            let taken = rest.prefix(Int(clamping: remaining))
            rest = rest.dropFirst(taken.count)
            remaining -= UInt64(taken.count)
            let payload = taken.enumerated().map { $1 ^ mask[(position + $0) % 4] }
            position = (position + taken.count) % 4
            if kind == .data { if !payload.isEmpty { pieces.append(.payload(payload)) } } else { control += payload }
            if remaining > 0 { continue }
            if kind == .close { pieces.append(.close) } else if kind == .ping { pieces.append(.ping(control)) }
            mask = []
            control = []
        }
        return pieces
    }

    /// The bytes of this frame's header, as far as is known by now.
    private var headerLength: Int {
        guard header.count >= 2 else { return 2 }
        let length: [UInt8: Int] = [126: 2, 127: 8]
        return 2 + (length[header[1] & 0x7F] ?? 0) + 4
    }

    private mutating func begin() throws(HTTPError) {
        // Extensions, which the other bits are for, were not agreed on; and clients must mask.
        guard header[0] & 0x70 == 0, header[1] & 0x80 != 0 else { throw HTTPError(400, "malformed web socket frame") }
        switch header[0] & 0x0F {
        case 0, 1, 2: kind = .data
        case 8: kind = .close
        case 9: kind = .ping
        case 10: kind = .pong
        default: throw HTTPError(400, "unknown web socket frame")
        }
        let length = header[1] & 0x7F
        remaining = length < 126 ? UInt64(length) : header[2..<(header.count - 4)].reduce(0) { $0 << 8 | UInt64($1) }
        guard kind == .data || remaining <= 125 && header[0] & 0x80 != 0, remaining < 1 << 63 else { throw HTTPError(400, "malformed web socket frame") }
        mask = Array(header.suffix(4))
        position = 0
        header = []
    }

    /// A whole frame of a server with binary data.
    package static func binary(_ payload: ArraySlice<UInt8>) -> [UInt8] { frame(0x82, payload) }
    /// The answer to a ping.
    package static func pong(_ payload: [UInt8]) -> [UInt8] { frame(0x8A, payload[...]) }
    /// The last frame: nothing went wrong.
    package static let close = frame(0x88, [0x03, 0xE8])

    private static func frame(_ first: UInt8, _ payload: ArraySlice<UInt8>) -> [UInt8] {
        func bigEndian(_ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: payload.count >> (8 * (bytes - 1 - $0))) } }
        let length: [UInt8] = payload.count < 126 ? bigEndian(1) : payload.count < 65536 ? [126] + bigEndian(2) : [127] + bigEndian(8)
        return [first] + length + payload
    }
}
