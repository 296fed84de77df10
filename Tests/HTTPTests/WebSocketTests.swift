import HTTP
import Testing

@Suite struct WebSocketTests {
    private static let asked: HeaderFields = [
        "Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    @Test func aKeyIsAnswered() throws {
        // RFC 6455 §1.3.
        #expect(try WebSocket.acceptance(Self.asked)[WebSocket.acceptHeader] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        ("Upgrade", "tcp"), ("Connection", "close"), ("Sec-WebSocket-Version", "8"), ("Sec-WebSocket-Key", "short"), ("Sec-WebSocket-Key", "%%%"),
    ])
    func whatIsNoWebSocketIsRefused(_ name: String, _ value: String) {
        var headers = Self.asked
        headers[name] = value
        #expect(throws: HTTPError.self) { try WebSocket.acceptance(headers) }
    }

    /// A frame as clients send them.
    private func masked(_ first: UInt8, _ length: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private func pieces(_ bytes: [UInt8], by step: Int) throws -> [WebSocketFrames.Piece] {
        var frames = WebSocketFrames()
        return try stride(from: 0, to: bytes.count, by: step).flatMap { try frames.decode(Array(bytes[$0..<min($0 + step, bytes.count)])) }
    }

    @Test func framesAreTakenApartWhateverPiecesTheyComeIn() throws {
        let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let stream =
            masked(0x01, [0x83], Array("Hel".utf8)) + masked(0x89, [0x82], Array("up".utf8)) + masked(0x80, [0x82], Array("lo".utf8)) + masked(0x82, [0x80], [])
            + masked(0x8A, [0x80], []) + masked(0x82, [0xFE, 1, 0], Array(long[..<256])) + masked(0x82, [0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x70], long)
            + masked(0x88, [0x80], [])
        for step in [1, 3, 1000, stream.count] {
            let found = try pieces(stream, by: step)
            let payload = found.flatMap { piece in if case .payload(let bytes) = piece { bytes } else { [UInt8]() } }
            #expect(payload == Array("Hello".utf8) + long[..<256] + long)
            #expect(found.contains(.ping(Array("up".utf8))) && found.last == .close)
        }
    }

    @Test(
        arguments: [
            [0x82, 0x01, 0x61], [0xC2, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [0x09, 0x80, 0, 0, 0, 0], [0x89, 0xFE, 0, 126, 0, 0, 0, 0],
            [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func framesThatNoClientMaySendAreRefused(_ bytes: [UInt8]) {
        #expect(throws: HTTPError.self) { try pieces(bytes + Array(repeating: 0, count: 20), by: 1) }
    }

    @Test func framesOfAServerAreNotMasked() {
        #expect(WebSocketFrames.binary([1, 2]) == [0x82, 2, 1, 2])
        #expect(WebSocketFrames.binary(Array(repeating: 0, count: 300)[...]).prefix(4) == [0x82, 126, 1, 44])
        #expect(WebSocketFrames.binary(Array(repeating: 0, count: 70_000)[...]).prefix(10) == [0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70])
        #expect(WebSocketFrames.pong([7]) == [0x8A, 1, 7])
    }
}
