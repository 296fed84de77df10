import HTTP
import Testing

@Suite struct HeadParserTests {
    func request(_ text: String) throws -> RequestHead? {
        var buffer = InputBuffer(), parser = HeadParser()
        buffer.append(Array(text.utf8))
        return try parser.request(&buffer)
    }

    @Test func aRequestByteByByte() throws {
        let text = "\r\nPOST /v1.43/containers/create?name=a%20b+c&x HTTP/1.1\r\nHost: docker\r\nX-One:  two \r\nx-one: three\r\n\r\nrest"
        var buffer = InputBuffer(), parser = HeadParser()
        var head: RequestHead?
        for byte in text.utf8 {
            buffer.append([byte])
            if head == nil { head = try parser.request(&buffer) }
        }
        let found = try #require(head)
        #expect(found.method == .post)
        #expect(found.headers.all("X-ONE") == ["two", "three"])
        let (path, query) = try found.location()
        #expect(path == "/v1.43/containers/create")
        #expect(query["name"] == "a b c")
        #expect(query["x"] == "")
        #expect(buffer.take(100) == Array("rest".utf8))
    }

    @Test func headsInARowAndWhatIsSentIsRead() throws {
        let head = RequestHead(.get, "/a?b=c", headers: ["Host": "h", "Accept": "x"])
        var buffer = InputBuffer(), parser = HeadParser()
        buffer.append(head.bytes + head.bytes)
        #expect(try parser.request(&buffer) == head)
        #expect(try parser.request(&buffer) == head)
        #expect(try parser.request(&buffer) == nil)
        let response = ResponseHead(404, headers: ["Content-Length": "3"])
        buffer.append(response.bytes)
        #expect(try parser.response(&buffer)?.reason == "Not Found")
    }

    @Test(arguments: [
        "GET /\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n", "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n",
        " / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "\n\nGET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\n",
    ])
    func refused(_ text: String) {
        #expect(throws: HTTPError.self) { try request(text) }
    }

    @Test func limits() {
        func status(_ text: String) -> Int? {
            do {
                _ = try request(text)
                return nil
            } catch { return (error as? HTTPError)?.status }
        }
        #expect(status("GET /\(String(repeating: "a", count: 70_000)) HTTP/1.1\r\nHost: a\r\n\r\n") == 414)
        #expect(status("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 300) + "\r\n") == 431)
        #expect(status("GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 300_000)) == 431)
        #expect(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\n") == nil)
    }

    @Test(arguments: ["/%", "/%4", "/%zz", "/%ff", "/a?b=%", "/%00", "nonsense", "/a?b=%fe%ff", "/a?b=%00", "/a?%00=b"])
    func badTargets(_ target: String) {
        #expect(throws: HTTPError.self) { try RequestHead(.get, target).location() }
    }

    @Test func targets() throws {
        #expect(try RequestHead(.get, "http://host/a/b?c=d").location().path == "/a/b")
        #expect(try RequestHead(.get, "/images/a%2Fb%3Ac/json").location().path == "/images/a/b:c/json")
        let query = try Query(parsing: "a=1&a=2&b=0&c=false&d=True&e")
        #expect(query.all("a") == ["1", "2"])
        #expect(
            [query.flag("b"), query.flag("c"), query.flag("d"), query.flag("e"), query.flag("f", default: true)] == [
                false, false, true, false, true,
            ])
        #expect(Query(dictionaryLiteral: ("k", "a b/ü")).encoded == "k=a%20b%2F%C3%BC")
    }

    @Test func aHeaderCannotEndALine() {
        let bytes = ResponseHead(200, headers: ["X": "a\r\nEvil: b"]).bytes
        #expect(!String(decoding: bytes, as: UTF8.self).contains("\r\nEvil"))
    }
}
