import AsyncIO
import HTTP
import HTTPTransport
import Linux
import Testing
import Values

/// What the server does with clients that dawdle, and how it ends.
@Suite struct ServerLimitTests {
    private static func limits(_ change: (inout HTTPServer.Limits) -> Void) -> HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        change(&limits)
        return limits
    }

    private static func connect(_ server: LoopbackServer) async throws -> AsyncConnection {
        try await AsyncConnection.connect(tcp: Endpoint(IPAddress(.v4, 0x7f00_0001), server.port))
    }

    /// What comes back until the server closes; empty when it never does within seconds.
    private static func rest(_ connection: AsyncConnection) async -> String {
        // A reset is an end too.
        String(decoding: (try? await connection.readToEnd(limit: 1 << 20)) ?? [], as: UTF8.self)
    }

    @Test func headsThatTrickleAndConnectionsThatIdleAreClosed() async throws {
        let limits = Self.limits {
            $0.head = .milliseconds(200)
            $0.idle = .milliseconds(200)
        }
        try await LoopbackServer.with(limits: limits, { _ in Response(body: .bytes([65])) }) { server in
            let idle = try await Self.connect(server)
            #expect(await Self.rest(idle) == "")
            let kept = try await Self.connect(server)
            try await kept.writeAll(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(await Self.rest(kept).hasSuffix("\r\n\r\nA"))
            let trickle = try await Self.connect(server)
            let begin = ContinuousClock.now
            do {
                for byte in "GET / HTTP/1.1\r\nX: ".utf8 { try await trickle.writeAll([byte]) }
                while true {
                    try await trickle.writeAll([65])
                    try await AsyncIO.sleep(.milliseconds(20))
                }
            } catch is SyscallError {}
            #expect(ContinuousClock.now - begin < .seconds(5))
        }
    }

    @Test func connectionsThatWaitGiveWayToOthers() async throws {
        try await LoopbackServer.with(limits: Self.limits { $0.connections = 3 }, { _ in Response(body: .bytes([65])) }) { server in
            var silent: [AsyncConnection] = []
            for _ in 0..<20 { silent.append(try await Self.connect(server)) }
            let asking = try await Self.connect(server)
            try await asking.writeAll(Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            #expect(await Self.rest(asking).hasSuffix("\r\n\r\nA"))
            // The first that came has waited longest.
            #expect(await Self.rest(silent[0]) == "")
        }
    }

    @Test func placesThatBecomeFreeGoToThoseWhoWait() async throws {
        let limits = Self.limits { $0.connections = 1 }, started = OpenFile(try .event())
        let respond: @Sendable (Request) async throws -> Response = { request in
            try started.descriptor.signalEvent()
            return Response(body: .bytes(try await request.body.collect(limit: 9)))
        }
        try await LoopbackServer.with(limits: limits, respond) { server in
            let busy = try await Self.connect(server)
            try await busy.writeAll(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n".utf8))
            // Until its request is read it asks for nothing, and would give way.
            try await AsyncIO.readable(started.descriptor)
            let next = try await Self.connect(server)
            try await next.writeAll(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nB".utf8))
            // The first stays connected and asks for nothing more.
            try await busy.writeAll([65])
            #expect(await Self.rest(next).hasSuffix("\r\n\r\nB"))
        }
    }

    @Test func bodiesThatDoNotComeEndTheRequest() async throws {
        let limits = Self.limits { $0.body = .milliseconds(150) }
        try await LoopbackServer.with(limits: limits, { Response(body: .bytes(try await $0.body.collect(limit: 100))) }) { server in
            let connection = try await Self.connect(server)
            try await connection.writeAll(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc".utf8))
            #expect(await !Self.rest(connection).contains("200 OK"))
        }
    }

    @Test func theAnswerArrivesThoughTheBodyIsNotRead() async throws {
        try await LoopbackServer.with({ _ in Response(413, body: .bytes(Array("too much".utf8))) }) { server in
            let connection = try await Self.connect(server)
            try await connection.writeAll(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n".utf8))
            try await connection.writeAll([UInt8](repeating: 65, count: 2_000_000))
            #expect(await Self.rest(connection).contains("too much"))
        }
    }

    @Test func aDrainAnswersWhatIsUnderWayAndNoMore() async throws {
        let listener = OpenFile(try InternetSocket.listen(Endpoint(IPAddress(.v4, 0x7f00_0001), 0)))
        let endpoint = listener.descriptor.localEndpoint()
        let port = try #require(endpoint).port
        let drain = Drain(), started = OpenFile(try .event()), goesOn = OpenFile(try .event())
        let server = HTTPServer { request in
            if request.path == "/fast" { return Response(body: .bytes([65])) }
            do {
                try started.descriptor.signalEvent()
                try await AsyncIO.readable(goesOn.descriptor)
            } catch { return Response(500) }
            return Response(body: .bytes(Array("slow".utf8)))
        }
        try await AsyncIO.withDeadline(.seconds(10)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.serve(listener.descriptor, drain: drain) }
                let there = LoopbackServer(port: port)
                let idle = try await Self.connect(there), busy = try await Self.connect(there)
                try await idle.writeAll(Array("GET /fast HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                _ = try await idle.read()
                try await busy.writeAll(Array("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                try await AsyncIO.readable(started.descriptor)
                drain.begin()
                #expect(await Self.rest(idle) == "")
                try goesOn.descriptor.signalEvent()
                let answer = await Self.rest(busy)
                #expect(answer.contains("Connection: close\r\n") && answer.hasSuffix("slow"), "\(answer)")
                try await group.waitForAll()
            }
        }
    }
}
