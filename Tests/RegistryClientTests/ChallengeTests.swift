import RegistryClient
import Testing

@Suite("WWW-Authenticate")
struct ChallengeTests {
    @Test("Docker Hub's, a scheme alone, several in one field and in several")
    func usual() {
        let hub = Challenge.parse([#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull""#])
        #expect(hub.count == 1)
        #expect(hub[0].scheme == "bearer")
        #expect(hub[0].parameters["realm"] == "https://auth.docker.io/token")
        #expect(hub[0].parameters["scope"] == "repository:library/x:pull")
        #expect(Challenge.parse(["Negotiate"]).map(\.scheme) == ["negotiate"])
        let mixed = Challenge.parse([#"Negotiate, Basic realm="a, b", charset=UTF-8, Bearer  realm = "c\"d" , error="x""#, "Digest realm=q"])
        #expect(mixed.map(\.scheme) == ["negotiate", "basic", "bearer", "digest"])
        #expect(mixed[1].parameters == ["realm": "a, b", "charset": "UTF-8"])
        #expect(mixed[2].parameters == ["realm": "c\"d", "error": "x"])
    }

    @Test(
        "what is malformed gives nothing that was not there",
        arguments: [
            "", ",", ", ,", "=", "Bearer realm", "Bearer realm=", "Bearer realm=\"x", "Bearer realm=\"x\\", "\"Bearer\"", "Bearer\u{e9} x", "Basic abc==",
        ])
    func malformed(text: String) {
        #expect(Challenge.parse([text]).allSatisfy { $0.parameters.isEmpty })
    }

    @Test("the first of two parameters counts, and there are limits")
    func limits() {
        #expect(Challenge.parse(["Bearer realm=a, realm=b"])[0].parameters == ["realm": "a"])
        #expect(Challenge.parse([String](repeating: "Basic realm=x", count: 1000)).count == 32)
        let many = Challenge.parse(["Basic " + (0..<1000).map { "a\($0)=b" }.joined(separator: ",")])
        #expect(many.count == 1)
        #expect(many[0].parameters.count == 32)
        #expect(Challenge.parse([String](repeating: "Basic realm=" + String(repeating: "x", count: 1 << 20), count: 2)).count == 2)
    }
}
