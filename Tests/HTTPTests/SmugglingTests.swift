import HTTP
import Testing

/// What two readers of one connection might take for different requests: RFC 9112 §11.2.
@Suite struct SmugglingTests {
    private func request(_ lines: String...) throws -> (head: RequestHead, rest: InputBuffer)? {
        var buffer = InputBuffer(), parser = HeadParser()
        buffer.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        return try parser.request(&buffer).map { ($0, buffer) }
    }

    private func framing(_ fields: String..., version: String = "HTTP/1.1") throws -> BodyFraming {
        let text = (["POST / \(version)", "Host: a"] + fields).joined(separator: "\r\n")
        return try BodyFraming(#require(try request(text)).head)
    }

    @Test(arguments: [
        "xchunked", "chunked, identity", "identity, chunked", "chunked;q=1", "chunked,", ",chunked", "\"chunked\"", "chun\u{212a}ed", "chunked\u{a0}", "",
        "CHUNKED chunked", "gzip",
    ])
    func codingsThatAreNotExactlyChunked(_ value: String) {
        #expect(throws: HTTPError.self) { try framing("Transfer-Encoding: \(value)") }
    }

    @Test func codingsAndLengthsTogetherOrTwice() {
        #expect(throws: HTTPError.self) { try framing("Content-Length: 3", "Transfer-Encoding: chunked") }
        #expect(throws: HTTPError.self) { try framing("Transfer-Encoding: chunked", "content-length: 0") }
        #expect(throws: HTTPError.self) { try framing("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") }
        #expect(throws: HTTPError.self) { try framing("Transfer-Encoding: chunked", "transfer-encoding: identity") }
        #expect(throws: HTTPError.self) { try framing("Transfer-Encoding: chunked", version: "HTTP/1.0") }
        #expect(throws: HTTPError.self) { try framing("Content-Length: 3", "Content-Length: 4") }
        #expect(throws: HTTPError.self) { try framing("Content-Length: 3", "Content-Length: 3") }
    }

    @Test(arguments: ["3, 3", "+3", "-0", "3 ;", "3.0", "0x3", "٣", "18446744073709551616", "1e3", "3 4", "\u{a0}3"])
    func lengthsThatAreNoNumbers(_ value: String) {
        #expect(throws: HTTPError.self) { try framing("Content-Length: \(value)") }
    }

    @Test func lengthsMayHaveZerosInFrontAsSomeClientsSendThem() throws {
        #expect(try framing("Content-Length: 003") == .length(3))
    }

    @Test(arguments: [
        "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\n x",
        "Transfer-Encoding: chunked\r\n\tx", "Transfer-Encoding:\u{b}chunked", "Transfer-Encoding\u{0}: chunked", "X: a\rTransfer-Encoding: chunked",
        "X: a\nTransfer-Encoding: chunked", "X: a\u{0}b", ": x", "Transfer Encoding: chunked", "X", "Content-Length\u{a0}: 3",
    ])
    func fieldsThatSomeReadOtherwise(_ line: String) {
        #expect(throws: HTTPError.self) { try request("POST / HTTP/1.1", "Host: a", line) }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\rX: y", "GET /\tHTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 GET", "GET /", "GET / HTTP/01.1",
        "GET / HTTP/1.10", "GET / HTTP/9.9", "GET\u{b}/ HTTP/1.1", "GET /\u{0} HTTP/1.1", "G\u{0}T / HTTP/1.1",
    ])
    func firstLinesThatSomeReadOtherwise(_ line: String) {
        #expect(throws: HTTPError.self) { try request(line, "Host: a") }
    }

    @Test(arguments: ["a b", "a/b", "a@b", "a?b", "a#b", "a\\b", "a\"", "ä", "<a>"])
    func hostsThatAreNone(_ host: String) {
        #expect(throws: HTTPError.self) { try request("GET / HTTP/1.1", "Host: \(host)") }
    }

    @Test func hostsOnceOrNever() throws {
        #expect(throws: HTTPError.self) { try request("GET / HTTP/1.1", "Host: a", "host: a") }
        #expect(throws: HTTPError.self) { try request("GET / HTTP/1.1", "X: y") }
        // Whoever sends to a unix socket has no host to name.
        for host in ["", "[::1]:80", "a.example:1", "%2Frun%2Fdavit.sock"] { #expect(try request("GET / HTTP/1.1", "Host: \(host)") != nil) }
        #expect(try request("GET / HTTP/1.0") != nil)
    }

    private func body(_ text: String) throws -> (body: String, rest: String) {
        var decoder = BodyDecoder(.chunked), buffer = InputBuffer(), body: [UInt8] = []
        buffer.append(Array(text.utf8))
        while true {
            switch try decoder.next(&buffer) {
            case .bytes(let bytes): body += bytes
            case .end: return (String(decoding: body, as: UTF8.self), String(decoding: buffer.unread, as: UTF8.self))
            case .needsMore:
                try decoder.finish()
                return ("", "")
            }
        }
    }

    @Test(arguments: [
        "fffffffffffffffff\r\na\r\n0\r\n\r\n", "10000000000000001\r\na\r\n0\r\n\r\n", "+1\r\na\r\n0\r\n\r\n", "-1\r\na\r\n0\r\n\r\n", " 1\r\na\r\n0\r\n\r\n",
        "0x1\r\na\r\n0\r\n\r\n", "1\na\r\n0\r\n\r\n", "1\ra\r\n0\r\n\r\n", "1;\ra\r\na\r\n0\r\n\r\n", "1;a\u{0}\r\na\r\n0\r\n\r\n", "1;a\n\r\na\r\n0\r\n\r\n",
        "1\r\na\n0\r\n\r\n", "1\r\naX0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1\r\na\r\n0\r\nX : y\r\n\r\n", "1\r\na\r\n0\r\n folded\r\n\r\n",
        "1\r\na\r\n0\r\nGET / HTTP/1.1\r\n\r\n", "1\r\na\r\n0\r\nX: y\n\r\n", "1\r\na\r\n0\r\nX: \ry\r\n\r\n", "1\r\na\r\n0\r\n", "1\r\na\r\n0\r\n\n", "g\r\n", "\r\n0\r\n\r\n",
    ])
    func chunksThatSomeReadOtherwise(_ text: String) {
        #expect(throws: HTTPError.self) { try body(text) }
    }

    @Test func trailersGoNowhereAndTheNextRequestIsWhole() throws {
        let result = try body("1;a=\"b\"\r\nx\r\n000\r\nContent-Length: 5\r\nX:\r\n\r\nGET /next")
        #expect(result == ("x", "GET /next"))
    }

    @Test(arguments: [
        "ftp://a/b", "javascript://a/", "a:80", "*", "a/b", "\\a", "http:/a", "http//a", "/a%00b", "/a%0d%0ab", "/%7f", "/%c0%af", "/%2", "?a",
    ])
    func targetsThatAreNone(_ target: String) {
        #expect(throws: HTTPError.self) { try RequestHead(.get, target).location() }
    }

    @Test func targetsThatAreSome() throws {
        // The path is decoded once and never cleaned of dots: what then is no name of a thing is not found.
        #expect(try RequestHead(.get, "/a%2F..%2fb%252f").location().path == "/a/../b%2f")
        #expect(try RequestHead(.get, "HTTP://evil.example:80?x=1").location().path == "/")
        #expect(try RequestHead(.options, "*").location().path == "*")
        #expect(throws: HTTPError.self) { try RequestHead(Method(rawValue: "CONNECT"), "a:443").location() }
    }
}
