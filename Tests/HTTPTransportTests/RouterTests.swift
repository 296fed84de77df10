import HTTP
import Testing

@testable import HTTPTransport

@Suite struct RouterTests {
    @Test(
        arguments: [
            ("/containers/{id}/start", "/containers/web/start", ["id": "web"]),
            ("/containers/{id}/start", "/containers/web/start/", ["id": "web"]),
            ("/containers/{id}/start", "/containers/a/b/start", nil),
            ("/containers/{id}/start", "/containers/start", nil),
            ("/images/{name:.*}/json", "/images/host:5000/a/b:c/json", ["name": "host:5000/a/b:c"]),
            ("/images/{name:.*}/json", "/images/json", nil),
            ("/images/{name:.*}", "/images/a/b", ["name": "a/b"]),
            ("/_ping", "/_ping", [:]),
            ("/_ping", "/", nil),
        ] as [(String, String, [String: String]?)])
    func patterns(_ pattern: String, _ path: String, _ captures: [String: String]?) {
        let router = Router([Route(.get, pattern) { _ in Response() }])
        #expect(router.find(.get, path)?.captures == captures)
        #expect(router.find(.post, path) == nil)
    }
}
