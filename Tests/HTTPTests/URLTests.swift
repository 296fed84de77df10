import HTTP
import Testing

@Suite struct URLTests {
    @Test(arguments: [
        ("http://Example.ORG", "http://example.org/"),
        ("HTTPS://example.org:443/a?b=c#d", "https://example.org/a?b=c"),
        ("https://example.org:444?x", "https://example.org:444/?x"),
        ("http://[::1]:5000/v2/", "http://[::1]:5000/v2/"),
        ("http://127.0.0.1:80/a/./b/../c", "http://127.0.0.1/a/c"),
        ("http://a/../../x/..", "http://a/"),
        ("http://a/b c/ü", "http://a/b%20c/%C3%BC"),
        ("http://a/b%2Fc//d", "http://a/b%2Fc//d"),
        ("http://a:/x", "http://a/x"),
    ])
    func readsAndWrites(_ text: String, _ expected: String) throws {
        let url = try URL(text)
        #expect(url.description == expected)
    }

    @Test(arguments: [
        "", "example.org", "ftp://a/", "http://", "http:///a", "http://user@a/", "http://user:pass@a/", "http://a:0/", "http://a:65536/",
        "http://a:1x/", "http://a:+1/", "http://a b/", "http://a%41/", "http://[::1/", "http://[fe80::1%25eth0]/", "http://[1.2.3.4]/",
        "http://a\\@b/", "http://a/\\b", "http://a/\r\nHost: b", "http://a/\u{0}", "http://a\u{7f}/", "http://ü/", "http:/a", "http:a",
        "http://a/" + String(repeating: "x", count: 70_000), "http://" + String(repeating: "x", count: 300) + "/",
    ])
    func refuses(_ text: String) {
        #expect(throws: HTTPError.self) { try URL(text) }
    }

    @Test(
        arguments: [
            ("/x?y", "https://h:1/x?y"), ("x", "https://h:1/a/x"), ("../x", "https://h:1/x"), ("../../../x", "https://h:1/x"),
            ("?z", "https://h:1/a/b?z"), ("", "https://h:1/a/b?q"), ("#f", "https://h:1/a/b?q"), ("//other/x", "https://other/x"),
            ("http://other:2/", "http://other:2/"), ("./", "https://h:1/a/"), ("a:b/c", nil), ("javascript:alert(1)", nil),
            ("file:///etc/passwd", nil), ("http://u@other/", nil), ("//other:99999/", nil), ("/a\r\nb", nil), ("x/y:z", "https://h:1/a/x/y:z"),
        ] as [(String, String?)])
    func resolves(_ reference: String, _ expected: String?) throws {
        let base = try URL("https://h:1/a/b?q")
        // Nil stands for a refusal.
        let url = try? base.resolving(reference)
        #expect(url?.description == expected)
    }

    @Test func authorities() throws {
        #expect(try URL.origin(.https, "localhost:5000").authority == "localhost:5000")
        #expect(try URL.origin(.https, "[::1]").authority == "[::1]")
        #expect(try URL.origin(.http, "a").hostAndPort == "a:80")
        var url = try URL("http://a/b")
        url.appendQuery("digest", "sha256:1/2")
        url.appendQuery("n", "1")
        #expect(url.target == "/b?digest=sha256%3A1%2F2&n=1")
    }
}
