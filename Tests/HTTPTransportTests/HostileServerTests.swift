import AsyncIO
import HTTP
import HTTPTransport
import HostNames
import Linux
import Synchronization
import Testing
import Values

/// Servers that break the rules, hang, or lead astray.
@Suite struct HostileServerTests {
    /// What comes of a request that is answered by these very bytes.
    func outcome(_ answer: String, _ configuration: HTTPClient.Configuration = .init(), thenWaits: Bool = false) async throws -> Result<String, ClientError> {
        try await LoopbackServer.raw({ connection in
            _ = try await readRequest(connection)
            try await connection.writeAll(Array(answer.utf8))
            if thenWaits { _ = try await connection.readToEnd(limit: 1 << 20) }
        }) { server in
            do {
                let response = try await HTTPClient(configuration).send(ClientRequest(.get, server.url("/")))
                return .success(String(decoding: try await response.body.collect(limit: 1 << 20), as: UTF8.self))
            } catch let error as ClientError { return .failure(error) }
        }
    }

    private func kind(_ result: Result<String, ClientError>) -> ClientError.Kind? {
        if case .failure(let error) = result { error.kind } else { nil }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "HTTP/1.1 2 OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 1000) + "\r\n",
        "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 300_000) + "\r\n\r\n",
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 100) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ])
    func malformedAnswersAreRefused(_ answer: String) async throws {
        #expect(kind(try await outcome(answer)) == .malformed)
    }

    @Test func cutsAreNoticed() async throws {
        #expect(kind(try await outcome("")) == .cut)
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        ] {
            let result = try await outcome(answer)
            #expect(kind(result) == .cut)
            if case .failure(let error) = result { #expect(error.message == "unexpected EOF") }
        }
    }

    @Test func bodiesHaveALimit() async throws {
        let long = String(repeating: "x", count: 2 << 20)
        #expect(kind(try await outcome("HTTP/1.1 200 OK\r\n\r\n" + long)) == .tooLarge)
        #expect(kind(try await outcome("HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n" + long)) == .tooLarge)
    }

    @Test func serversThatHangOrTrickleAreLeft() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.responseTimeout = .milliseconds(50)
        configuration.stallTimeout = .milliseconds(50)
        for answer in ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"] {
            #expect(kind(try await outcome(answer, configuration, thenWaits: true)) == .timeout)
        }
        // Head bytes that trickle do not buy time.
        let slow = configuration
        let result = try await LoopbackServer.raw({ connection in
            for byte in "HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy".utf8 {
                try await connection.writeAll([byte])
                try await AsyncIO.sleep(.milliseconds(5))
            }
        }) { server in
            await #expect(throws: ClientError.self) { try await HTTPClient(slow).send(ClientRequest(.get, server.url("/"))) }
        }
        #expect(result?.kind == .timeout)
        var hasty = HTTPClient.Configuration()
        hasty.handshakeTimeout = .milliseconds(50)
        let handshake = hasty
        let error = try await LoopbackServer.raw({ _ = try await $0.readToEnd(limit: 1 << 20) }) { server in
            await #expect(throws: ClientError.self) { try await HTTPClient(handshake).send(ClientRequest(.get, server.url("/", .https))) }
        }
        #expect(error?.message == "net/http: TLS handshake timeout")
    }

    @Test func nobodyThere() async throws {
        let port = try await LoopbackServer.with({ _ in Response() }) { $0.port }
        let error = await #expect(throws: ClientError.self) {
            try await HTTPClient().send(ClientRequest(.get, try URL("https://127.0.0.1:\(port)/v2/")))
        }
        #expect(error?.description == "Get \"https://127.0.0.1:\(port)/v2/\": dial tcp 127.0.0.1:\(port): connect: connection refused")
        var configuration = HTTPClient.Configuration()
        configuration.names = HostNames(hosts: "/dev/null") { ResolverConfiguration(servers: []) }
        let unknown = HTTPClient(configuration)
        let lookup = await #expect(throws: ClientError.self) { try await unknown.send(ClientRequest(.head, try URL("http://x.onion/"))) }
        #expect(lookup?.description == "Head \"http://x.onion/\": dial tcp: lookup x.onion: no such host")
    }

    // MARK: Redirects

    @Test func credentialsStayWithTheirOrigin() async throws {
        let seen = Log()
        try await LoopbackServer.with({ request in
            seen.add("\(request.headers["Authorization"] ?? "-") \(request.headers["Cookie"] ?? "-") \(request.headers["Accept"] ?? "-")")
            return Response(body: .bytes([1]))
        }) { other in
            try await LoopbackServer.with({ request in
                if request.path == "/same" { return Response(302, headers: ["Location": "b/../end"]) }
                if request.path == "/end" {
                    seen.add("\(request.headers["Authorization"] ?? "-") here")
                    return Response()
                }
                return Response(307, headers: ["Location": "http://127.0.0.1:\(other.port)/x?sig=1"])
            }) { server in
                var request = ClientRequest(
                    .get, try server.url("/away"), headers: ["Authorization": "Bearer x", "cookie": "c", "Accept": "a/b"])
                let response = try await HTTPClient().send(request)
                #expect(response.url.port == other.port)
                #expect(seen.take() == ["- - a/b"])
                request.url = try server.url("/same")
                _ = try await HTTPClient().send(request)
                #expect(seen.take() == ["Bearer x here"])
                request.redirects = .returned
                let returned = try await HTTPClient().send(request)
                #expect(returned.status == 302)
                var post = ClientRequest(.post, try server.url("/away"), body: .bytes([1]))
                post.headers["Authorization"] = "x"
                let posted = try await HTTPClient().send(post)
                #expect(posted.status == 307)
                #expect(seen.take().isEmpty)
            }
        }
    }

    @Test func redirectsEnd() async throws {
        try await LoopbackServer.with({ request in
            switch request.path {
            case "/loop": Response(302, headers: ["Location": "/loop"])
            case "/on": Response(302, headers: ["Location": "/on?\((Int(request.query.items.first?.name ?? "") ?? 0) + 1)"])
            case "/bad": Response(302, headers: ["Location": "http://user:pass@127.0.0.1/"])
            case "/file": Response(302, headers: ["Location": "file:///etc/passwd"])
            default: Response(302)
            }
        }) { server in
            for path in ["/loop", "/on", "/bad", "/file", "/none"] {
                let error = await #expect(throws: ClientError.self) { try await HTTPClient().send(ClientRequest(.get, server.url(path))) }
                #expect(error?.kind == .redirect, "\(path)")
            }
        }
    }

    final class Log: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        func take() -> [String] {
            list.withLock { list in
                defer { list = [] }; return list
            }
        }
    }
}
