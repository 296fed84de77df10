import HTTP
import Testing
import Values

@Suite struct BodyTests {
    @Test(
        arguments: [
            ["Content-Length": "1", "Transfer-Encoding": "chunked"], ["Content-Length": "+1"], ["Content-Length": "-1"],
            ["Content-Length": ""],
            ["Content-Length": "1,1"], ["Content-Length": "0x1"], ["Content-Length": "99999999999999999999"], ["Content-Length": " 1 "],
            ["Transfer-Encoding": "gzip, chunked"], ["Transfer-Encoding": "identity"], ["Transfer-Encoding": "chunked, chunked"],
        ] as [HeaderFields])
    func framingsRefused(_ headers: HeaderFields) {
        #expect(throws: HTTPError.self) { try BodyFraming(RequestHead(.post, "/", headers: headers)) }
    }

    @Test func framings() throws {
        #expect(try BodyFraming(RequestHead(.post, "/")) == .none)
        #expect(try BodyFraming(RequestHead(.post, "/", headers: ["content-length": "12"])) == .length(12))
        #expect(try BodyFraming(RequestHead(.post, "/", headers: ["Transfer-Encoding": "Chunked"])) == .chunked)
        #expect(throws: HTTPError.self) {
            try BodyFraming(RequestHead(.post, "/", version: .http10, headers: ["Transfer-Encoding": "chunked"]))
        }
        var twice = HeaderFields()
        twice.append("Content-Length", "1")
        twice.append("Content-Length", "1")
        #expect(throws: HTTPError.self) { try BodyFraming(RequestHead(.post, "/", headers: twice)) }
        #expect(try BodyFraming(ResponseHead(200), to: .get) == .untilClose)
        #expect(try BodyFraming(ResponseHead(304, headers: ["Content-Length": "5"]), to: .get) == .none)
        #expect(try BodyFraming(ResponseHead(200, headers: ["Content-Length": "5"]), to: .head) == .none)
    }

    func decode(_ text: String, _ framing: BodyFraming = .chunked, step: Int = 1) throws -> (body: String, rest: String, ended: Bool) {
        var decoder = BodyDecoder(framing), buffer = InputBuffer(), body: [UInt8] = []
        var input = Array(text.utf8)[...]
        while true {
            switch try decoder.next(&buffer) {
            case .bytes(let bytes): body += bytes
            case .end: return (String(decoding: body, as: UTF8.self), String(decoding: buffer.unread + input, as: UTF8.self), true)
            case .needsMore:
                if input.isEmpty { return (String(decoding: body, as: UTF8.self), "", false) }
                buffer.append(Array(input.prefix(step)))
                input = input.dropFirst(step)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func chunks(_ step: Int) throws {
        let result = try decode("5;a=b\r\nhello\r\n1 \r\n!\r\n0\r\nTrailer: x\r\n\r\nNEXT", step: step)
        #expect(result == ("hello!", "NEXT", true))
        #expect(try decode("abcdef", .length(4), step: step) == ("abcd", "ef", true))
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "-1\r\n", "5\nhello", "5\r\nhelloX\r\n", "5\r\nhello\n", "0\r\n\n", "1234567890123456\r\n", "5 5\r\n",
        "0x5\r\nhello\r\n",
    ])
    func chunksRefused(_ text: String) {
        #expect(throws: HTTPError.self) { try decode(text) }
    }

    @Test func chunkLinesHaveALimit() {
        #expect(throws: HTTPError.self) { try decode("5;" + String(repeating: "x", count: 5000), step: 100) }
        #expect(throws: HTTPError.self) { try decode("0\r\n" + String(repeating: "x: y\r\n", count: 40_000), step: 1000) }
    }

    @Test func anEarlyEndIsNoticed() throws {
        var decoder = BodyDecoder(.length(4))
        #expect(throws: HTTPError.self) { try decoder.finish() }
        var open = BodyDecoder(.untilClose)
        try open.finish()
        #expect(open.isFinished)
    }

    @Test func encodedChunksDecode() throws {
        let text = ChunkedEncoding.chunk(Array("abc".utf8)) + ChunkedEncoding.chunk([]) + ChunkedEncoding.end
        #expect(try decode(String(decoding: text, as: UTF8.self)) == ("abc", "", true))
    }

    @Test func dates() {
        #expect(HTTPDate.text(Timestamp(seconds: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
