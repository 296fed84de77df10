import HTTP
import Testing

@testable import RegistryClient

@Suite("who may see credentials")
struct RealmRuleTests {
    @Test(
        "a registry's own site, over TLS",
        arguments: [
            ("https://registry-1.docker.io", "https://auth.docker.io/token", true), ("https://quay.io", "https://quay.io/v2/auth", true),
            ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth", true), ("https://registry.gitlab.com", "http://gitlab.com/jwt/auth", false),
            ("https://registry.example.co.uk", "https://evil.co.uk/token", false), ("https://a.azurecr.io", "https://b.azurecr.io/token", false),
            ("https://quay.io", "https://evil.io/token", false), ("https://registry-1.docker.io", "https://auth-docker.io/token", false),
            ("https://registry-1.docker.io", "https://docker.io.evil.com/", false), ("https://10.0.0.1", "https://10.0.0.2/", false),
            ("https://10.0.0.1:5000", "https://10.0.0.1:5001/", true), ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", true),
            ("http://127.0.0.1:5000", "http://10.0.0.1/token", false), ("https://127.0.0.1:5000", "http://127.0.0.1:5001/token", false),
            ("http://localhost:5000", "https://evil.example/token", false),
        ])
    func sites(registry: String, realm: String, may: Bool) throws {
        let rule = RealmRule(registry: try URL(registry).origin)
        #expect(rule.maySeeCredentials(try URL(realm).origin) == may)
    }

    @Test("the settings may say more")
    func trusted() throws {
        let rule = RealmRule(registry: try URL("https://registry.example").origin, trusted: ["Tokens.Example.org"])
        #expect(rule.maySeeCredentials(try URL("https://tokens.example.org/").origin))
        #expect(!rule.maySeeCredentials(try URL("http://tokens.example.org/").origin))
        #expect(!rule.maySeeCredentials(try URL("https://x.tokens.example.org/").origin))
    }
}
