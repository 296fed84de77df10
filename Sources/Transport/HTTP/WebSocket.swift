internal import Values

/// What a server agrees to when a client asks for a web socket: RFC 6455 §4.2.
package enum WebSocket {
    /// The answer's headers, to be sent with status 101. Throws 400 for a request that asks for something else.
    package static func acceptance(_ request: HeaderFields) throws(HTTPError) -> HeaderFields {
        guard request["Upgrade"]?.lowercased() == "websocket", request.tokens("Connection").contains("upgrade") else {
            throw HTTPError(400, "not websocket protocol")
        }
        guard request["Sec-WebSocket-Version"] == "13" else { throw HTTPError(400, "missing or bad WebSocket Version") }
        guard let key = request["Sec-WebSocket-Key"], Base64.decode(key)?.count == 16 else { throw HTTPError(400, "mismatch challenge/response") }
        let hash = SHA1.hash(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return [acceptHeader: Base64.encode(hash)]
    }

    /// The header by which an answer agrees.
    package static let acceptHeader = "Sec-WebSocket-Accept"
}

/// FIPS 180-4, for the key of a web socket and nothing that has to be secure.
private enum SHA1 {
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var bytes = message + [0x80]
        bytes += Array(repeating: 0, count: (120 - bytes.count % 64) % 64)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for start in stride(from: 0, to: bytes.count, by: 64) {
            var words = (0..<16).map { word in bytes[(start + 4 * word)..<(start + 4 * word + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
            for index in 16..<80 { words.append(rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)) }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for (index, word) in words.enumerated() {
                let (mixed, constant): (UInt32, UInt32) =
                    switch index / 20 {
                    case 0: (b & c | ~b & d, 0x5A82_7999)
                    case 1: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                (a, b, c, d, e) = (rotated(a, 5) &+ mixed &+ e &+ constant &+ word, a, rotated(b, 30), c, d)
            }
            for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
        }
        return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
