import AsyncIO
import HTTP
import HTTPTransport
import Linux
import TLS
import Testing
import Values

/// Who is believed and who is not, and in which words.
@Suite struct TLSTests {
    /// What a request over TLS to `localhost` comes to: the body, or the error's words after the URL.
    func outcome(
        server identity: TLSIdentity, clients: TLSServerSettings.ClientAuthentication = .none, host: String = "localhost", _ settings: TLSClientSettings
    ) async throws -> String {
        let tls = try TLSServer(TLSServerSettings(identity: identity, clients: clients))
        return try await LoopbackServer.with(tls: tls, { Response(body: .bytes(Array("encrypted: \($0.isEncrypted)".utf8))) }) { server in
            try await Self.get(server.url("/", .https, host: host), settings)
        }
    }

    static func get(_ url: URL, _ settings: TLSClientSettings) async throws -> String {
        var request = ClientRequest(.get, url)
        request.tls = settings
        do {
            let response = try await HTTPClient().send(request)
            return String(decoding: try await response.body.collect(limit: 1 << 20), as: UTF8.self)
        } catch let error as ClientError {
            return error.message
        }
    }

    private func trusting(_ authorities: [UInt8]..., identity: TLSIdentity? = nil) -> TLSClientSettings {
        TLSClientSettings(trust: TLSTrust(system: false, extra: authorities), identity: identity)
    }

    @Test(arguments: [("DNS:localhost", "localhost"), ("IP:127.0.0.1", "127.0.0.1"), ("DNS:*.a.localhost", "b.a.localhost")])
    func theRightNameAndAuthority(_ names: String, _ host: String) async throws {
        let authority = try Authority.shared.get()
        let text = try await outcome(server: authority.identity(names), host: host, trusting(authority.certificate))
        #expect(text == "encrypted: true")
    }

    @Test func theWrongNameOrAuthority() async throws {
        let authority = try Authority.shared.get(), other = try Authority.other.get()
        let named = try authority.identity("DNS:example.org,DNS:*.example.net,IP:192.0.2.1")
        let prefix = "tls: failed to verify certificate: x509: "
        let trusted = trusting(authority.certificate)
        var text = try await outcome(server: named, trusted)
        #expect(text == prefix + "certificate is valid for example.org, *.example.net, not localhost")
        text = try await outcome(server: named, host: "127.0.0.1", trusted)
        #expect(text == prefix + "certificate is valid for 192.0.2.1, not 127.0.0.1")
        text = try await outcome(server: authority.identity("DNS:localhost"), host: "127.0.0.1", trusted)
        #expect(text == prefix + "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs")
        text = try await outcome(server: authority.identity(nil), trusted)
        #expect(text == prefix + "certificate relies on legacy Common Name field, use SANs instead")
        text = try await outcome(server: authority.identity("DNS:localhost"), trusting(other.certificate))
        #expect(text == prefix + "certificate signed by unknown authority")
        text = try await outcome(server: authority.identity("DNS:localhost"), TLSClientSettings())
        #expect(text == prefix + "certificate signed by unknown authority")
        text = try await outcome(server: authority.identity("DNS:localhost", expired: true), trusted)
        #expect(text.hasPrefix(prefix + "certificate has expired or is not yet valid: current time 2"), "\(text)")
        #expect(text.contains("Z is after 2"), "\(text)")
        text = try await outcome(server: authority.identity("DNS:localhost", usage: "clientAuth"), trusted)
        #expect(text == prefix + "certificate specifies an incompatible key usage")
    }

    @Test func whoAsksForNoVerificationGetsNone() async throws {
        let authority = try Authority.shared.get()
        let text = try await outcome(server: authority.identity("DNS:example.org"), TLSClientSettings(verifies: false))
        #expect(text == "encrypted: true")
    }

    @Test func aCertificateThatIsNoAuthorityIsBelievedForItself() async throws {
        let authority = try Authority.shared.get()
        let identity = try authority.identity("DNS:localhost")
        let text = try await outcome(server: identity, trusting(identity.certificates))
        #expect(text == "encrypted: true")
    }

    @Test func clientsShowWhoTheyAre() async throws {
        let authority = try Authority.shared.get(), other = try Authority.other.get()
        let server = try authority.identity("DNS:localhost")
        let required = TLSServerSettings.ClientAuthentication.verified(by: [authority.certificate])
        var text = try await outcome(
            server: server, clients: required, trusting(authority.certificate, identity: try authority.identity(nil)))
        #expect(text == "encrypted: true")
        text = try await outcome(server: server, clients: required, trusting(authority.certificate))
        #expect(text == "remote error: tls: certificate required")
        text = try await outcome(server: server, clients: required, trusting(authority.certificate, identity: try other.identity(nil)))
        #expect(text == "remote error: tls: unknown certificate authority")
    }

    @Test func bothSidesThatSpeakNoTLSAreToldSo() async throws {
        let authority = try Authority.shared.get()
        let text = try await LoopbackServer.with({ _ in Response() }) { server in try await Self.get(server.url("/", .https), TLSClientSettings()) }
        #expect(text == "http: server gave HTTP response to HTTPS client")
        let tls = try TLSServer(TLSServerSettings(identity: authority.identity("DNS:localhost")))
        try await LoopbackServer.with(tls: tls, { _ in Response() }) { server in
            let response = try await HTTPClient().send(ClientRequest(.get, server.url("/")))
            #expect(response.status == 400)
            #expect(try await ClientTests.text(response) == "Client sent an HTTP request to an HTTPS server.\n")
        }
        let garbage = try await LoopbackServer.raw({ connection in
            _ = try await connection.read()
            try await connection.writeAll([1, 2, 3, 4, 5, 6, 7, 8])
        }) { server in try await Self.get(server.url("/", .https), TLSClientSettings()) }
        #expect(garbage == "tls: first record does not look like a TLS handshake")
        let closed = try await LoopbackServer.raw({ _ = try await $0.read() }) { server in try await Self.get(server.url("/", .https), TLSClientSettings()) }
        #expect(closed == "EOF")
    }

    @Test func settingsThatCannotBeUsed() async throws {
        let authority = try Authority.shared.get()
        let one = try authority.identity("DNS:localhost"), two = try authority.identity("DNS:localhost")
        for identity in [
            TLSIdentity(certificates: one.certificates, key: two.key), TLSIdentity(certificates: [], key: one.key),
            TLSIdentity(certificates: one.certificates, key: Array("nothing".utf8)), TLSIdentity(certificates: one.key, key: one.key),
        ] {
            let error = #expect(throws: TLSError.self) { try TLSServer(TLSServerSettings(identity: identity)) }
            #expect(error?.kind == .badSettings)
        }
        let text = try await outcome(server: one, trusting(Array("no certificate".utf8)))
        #expect(text == "no certificate found in CA bundle")
    }

    @Test func muchDataBothWaysAndConnectionsKept() async throws {
        let authority = try Authority.shared.get()
        let tls = try TLSServer(TLSServerSettings(identity: authority.identity("DNS:localhost")))
        let trusted = trusting(authority.certificate)
        var configuration = HTTPClient.Configuration()
        configuration.tls = { _ in trusted }
        let client = HTTPClient(configuration)
        let content = Array((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let file = OpenFile(try FileDescriptor.memoryFile("blob"))
        try file.descriptor.writeAll(content)
        try await LoopbackServer.with(
            tls: tls,
            { request in
                if request.method == .get { return Response(headers: ["Port": "\(request.peer?.port ?? 0)"], body: .file(file, offset: 0, length: 3_000_000)) }
                return Response(headers: ["Port": "\(request.peer?.port ?? 0)"], body: .bytes(try await request.body.collect(limit: 10 << 20)))
            }
        ) { server in
            let url = try server.url("/", .https, host: "localhost")
            var ports: Set<String> = []
            for request in [
                ClientRequest(.post, url, body: .bytes(content)), ClientRequest(.get, url), ClientRequest(.put, url, body: .file(file, length: 3_000_000)),
            ] {
                let response = try await client.send(request)
                ports.insert(response.headers["Port"] ?? "")
                let bytes = try await response.body.collect(limit: 10 << 20)
                #expect(bytes == content)
            }
            #expect(ports.count == 1)
        }
    }
}
