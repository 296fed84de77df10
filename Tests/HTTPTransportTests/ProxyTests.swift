import AsyncIO
import HTTP
import Linux
import Synchronization
import TLS
import Testing
import Values

@testable import HTTPTransport

/// Requests through proxies, and those that go past them.
@Suite struct ProxyTests {
    @Test(arguments: [
        ("", "http://a.example/", true), ("", "http://localhost/", false), ("", "http://127.0.0.1:5000/", false), ("", "http://[::1]/", false),
        ("*", "http://a.example/", false), ("a.example", "http://a.example/", false), ("example", "http://a.example/", false),
        ("xample", "http://a.example/", true), ("a.example", "http://ba.example/", true), (".example", "http://a.example/", false),
        (".a.example", "http://a.example/", true), ("*.example", "http://a.example/", false), (" A.Example , b", "http://a.example/", false),
        ("a.example:80", "http://a.example/", false), ("a.example:81", "http://a.example/", true), ("a.example:81", "http://a.example:81/", false),
        ("192.0.2.0/24", "http://192.0.2.7/", false), ("192.0.2.0/24", "http://192.0.3.7/", true), ("192.0.2.7", "http://192.0.2.7/", false),
        ("192.0.2.7:80", "http://192.0.2.7:81/", true), ("2001:db8::/32", "http://[2001:db8::1]/", false), ("2001:db8::1", "http://[2001:db8::1]/", false),
        ("[2001:db8::1]:80", "http://[2001:db8::1]/", false), ("192.0.2.0/24", "http://a.example/", true), (",,/,:", "http://a.example/", true),
    ])
    func exceptions(_ none: String, _ url: String, _ usesProxy: Bool) throws {
        let settings = try ProxySettings(http: "http://proxy.example:3128", https: nil, none: none)
        #expect((settings.proxy(for: try URL(url).origin) != nil) == usesProxy)
        #expect(settings.proxy(for: try URL("https://a.example/").origin) == nil)
    }

    @Test(arguments: ["socks5://a", "http://", "http://a:99999", "http://a b", "http://u:%zz@a"])
    func proxiesThatAreNone(_ text: String) {
        #expect(throws: HTTPError.self) { try ProxyServer(text) }
    }

    @Test func proxiesInAllForms() throws {
        #expect(try ProxyServer("proxy:3128").origin.hostAndPort == "proxy:3128")
        #expect(try ProxyServer("https://proxy/").origin.hostAndPort == "proxy:443")
        #expect(try ProxyServer("http://me:p%40ss@proxy:1").authorization == "Basic " + Base64.encode(Array("me:p@ss".utf8)))
    }

    private final class Seen: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        var all: [String] { list.withLock { $0 } }
    }

    private func client(_ proxy: LoopbackServer, _ credentials: String = "me:secret@", _ tls: TLSClientSettings = TLSClientSettings()) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        let address = "http://\(credentials)127.0.0.1:\(proxy.port)"
        configuration.proxies = try ProxySettings(http: address, https: address, none: nil)
        configuration.tls = { _ in tls }
        return HTTPClient(configuration)
    }

    @Test func requestsWithoutTLSAreHandedOverWhole() async throws {
        let seen = Seen()
        try await LoopbackServer.raw({ connection in
            seen.add(try await readRequest(connection))
            try await connection.writeAll(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
        }) { proxy in
            let response = try await client(proxy).send(ClientRequest(.get, URL("http://a.example/b?c=d")))
            #expect(try await response.body.collect(limit: 10) == Array("ok".utf8))
        }
        let request = try #require(seen.all.first)
        #expect(request.hasPrefix("GET http://a.example/b?c=d HTTP/1.1\r\n"))
        #expect(request.contains("Host: a.example\r\n"))
        #expect(request.contains("Proxy-Authorization: Basic \(Base64.encode(Array("me:secret".utf8)))\r\n"))
    }

    @Test func tunnelsCarryTLSAndTheProxyLearnsNothingButTheHost() async throws {
        let seen = Seen(), authority = try Authority.shared.get()
        let tls = try TLSServer(TLSServerSettings(identity: authority.identity("DNS:a.example")))
        try await LoopbackServer.with(
            tls: tls,
            { request in
                Response(body: .bytes(Array("\(request.headers["Proxy-Authorization"] ?? "-") \(request.headers["Authorization"] ?? "-")".utf8)))
            }
        ) { server in
            try await LoopbackServer.raw({ connection in
                seen.add(try await readRequest(connection))
                let onward = try await AsyncConnection.connect(tcp: Endpoint(IPAddress(.v4, 0x7f00_0001), server.port))
                try await connection.writeAll(Array("HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n".utf8))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await AsyncIO.pass(from: connection, to: onward) }
                    group.addTask { try await AsyncIO.pass(from: onward, to: connection) }
                    _ = try await group.next()
                    group.cancelAll()
                }
                onward.close()
            }) { proxy in
                let client = try client(proxy, "me:secret@", TLSClientSettings(trust: TLSTrust(system: false, extra: [authority.certificate])))
                let request = ClientRequest(.get, try URL("https://a.example/secret"), headers: ["Authorization": "Bearer x"])
                let response = try await client.send(request)
                #expect(String(decoding: try await response.body.collect(limit: 100), as: UTF8.self) == "- Bearer x")
                client.close()
            }
        }
        let asked = try #require(seen.all.first)
        #expect(asked.hasPrefix("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"))
        #expect(asked.contains("Proxy-Authorization: Basic "))
        #expect(!asked.contains("secret") && !asked.contains("Bearer"))
    }

    @Test func aProxyThatWillNot() async throws {
        try await LoopbackServer.raw({ connection in
            _ = try await readRequest(connection)
            try await connection.writeAll(Array("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".utf8))
        }) { proxy in
            let error = await #expect(throws: ClientError.self) { try await client(proxy, "").send(ClientRequest(.get, URL("https://a.example/"))) }
            #expect(error?.kind == .proxy)
            #expect(error?.description == "Get \"https://a.example/\": Proxy Authentication Required")
        }
        let gone = try await LoopbackServer.raw({ _ in }) { $0 }
        let error = await #expect(throws: ClientError.self) { try await client(gone).send(ClientRequest(.get, URL("https://a.example/"))) }
        #expect(error?.message.hasPrefix("proxyconnect tcp: dial tcp 127.0.0.1:\(gone.port): connect: ") == true)
    }
}
