import AsyncIO
import HTTP
import HTTPTransport
import Linux
import Synchronization
import Testing

/// A server on one end of a socket pair, spoken to byte by byte or through the client.
@Suite struct ServerTests {
    /// Runs `body` with a connection to a server that answers by `routes`.
    func with(_ routes: [Route], _ body: @escaping @Sendable (AsyncConnection) async throws -> Void) async throws {
        let router = Router(routes)
        let server = HTTPServer { request in
            guard let (action, captures) = router.find(request.method, request.path) else { return Response(404) }
            var request = request
            request.captures = captures
            do { return try await action(request) } catch { return Response(500, body: .bytes(Array("\(error)".utf8))) }
        }
        let (client, end) = try AsyncConnection.pair()
        try await AsyncIO.withDeadline(.seconds(10)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // A test that leaves early breaks the connection.
                    try? await server.serve(end)
                    end.close()
                }
                try await body(client)
                client.close()
                try await group.waitForAll()
            }
        }
    }

    /// What comes back, without the date.
    func talk(_ routes: [Route], _ text: String) async throws -> String {
        let answer = Mutex("")
        let box = Box(answer)
        try await with(routes) { client in
            try await client.writeAll(Array(text.utf8))
            // The server sees the half-close as the end of requests, not of interest.
            try client.shutdownWrite()
            let bytes = try await client.readToEnd(limit: 1 << 20)
            box.value.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        }
        return box.value.withLock { $0 }.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Date:") }
            .joined(separator: "\n")
    }

    final class Box<Value>: Sendable where Value: Sendable {
        let value: Mutex<Value>
        init(_ value: consuming Mutex<Value>) { self.value = value }
    }

    static let echo = Route(.post, "/echo") { request in
        Response(headers: ["X": "y"], body: .bytes(try await request.body.collect(limit: 1 << 20)))
    }

    @Test func keepAliveAndPipelining() async throws {
        let one = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        let two = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nyou\r\n0\r\n\r\n"
        #expect(
            try await talk([Self.echo], one + two + one)
                == "HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nhiHTTP/1.1 200 OK\nX: y\nContent-Length: 3\nConnection: close\n\nyou")
    }

    @Test func streamsAreChunkedAndHeadHasNoBody() async throws {
        let action: Route.Action = { _ in
            Response(
                body: .stream { output in
                    try await output.write(Array("one".utf8))
                    try await output.write(Array("two".utf8))
                })
        }
        let routes = [Route(.get, "/s", action), Route(.head, "/s", action)]
        #expect(
            try await talk(routes, "GET /s HTTP/1.1\r\nHost: a\r\n\r\n")
                == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\none\n3\ntwo\n0\n\n")
        #expect(try await talk(routes, "GET /s HTTP/1.0\r\n\r\n") == "HTTP/1.1 200 OK\nConnection: close\n\nonetwo")
        #expect(try await talk(routes, "HEAD /s HTTP/1.1\r\nHost: a\r\n\r\n") == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
        #expect(try await talk(routes, "GET /none HTTP/1.1\r\nHost: a\r\n\r\n") == "HTTP/1.1 404 Not Found\nContent-Length: 0\n\n")
    }

    @Test func brokenRequestsGetTheirStatusAndTheEnd() async throws {
        #expect(try await talk([], "nonsense\r\n\r\nGET / HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400 Bad Request"))
        let smuggled = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        #expect(try await talk([Self.echo], smuggled).hasPrefix("HTTP/1.1 400 Bad Request"))
    }

    @Test func aBodyThatGoesWrongAfterTheAnswerGetsNoSecondAnswer() async throws {
        let early = Route(.post, "/early") { _ in Response(body: .bytes(Array("early".utf8))) }
        let stream = Route(.post, "/stream") { request in
            Response(
                body: .stream { output in
                    try await output.write(Array("begun".utf8))
                    while let piece = try await request.body.next() { try await output.write(piece) }
                })
        }
        let bad = "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nzzz\r\n"
        #expect(try await talk([early], "POST /early \(bad)") == "HTTP/1.1 200 OK\nContent-Length: 5\n\nearly")
        #expect(
            try await talk([stream], "POST /stream \(bad)") == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nbegun\n1\nx\n")
    }

    @Test func continueIsSentWhenTheBodyIsWanted() async throws {
        try await with([Self.echo]) { client in
            try await client.writeAll(Array("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8))
            #expect(try await client.read() == Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            try await client.writeAll(Array("ok".utf8))
            #expect(String(decoding: try await client.read(), as: UTF8.self).hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func aClientThatLeavesCancelsItsRequest() async throws {
        let cancelled = Box(Mutex(false)), started = try FileDescriptor.event()
        let startedBox = EventHolder(started)
        let route = Route(.get, "/wait") { _ in
            try startedBox.file.signalEvent()
            do { try await AsyncIO.sleep(.seconds(60)) } catch {
                cancelled.value.withLock { $0 = true }
                throw error
            }
            return Response()
        }
        try await with([route]) { client in
            try await client.writeAll(Array("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            try await AsyncIO.readable(startedBox.file)
        }
        #expect(cancelled.value.withLock { $0 })
    }

    final class EventHolder: Sendable {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    /// Answers in capitals once its input has ended, as a container's stream would.
    static func shout(_ upgradeHeaders: HeaderFields) -> Route {
        Route(.post, "/attach") { _ in
            let (mine, theirs) = try AsyncConnection.pair()
            // Stands for the container, which lives apart from the request.
            Task {
                let input = try await mine.readToEnd(limit: 1000)
                try await mine.writeAll(Array(String(decoding: input, as: UTF8.self).uppercased().utf8))
                mine.close()
            }
            return Response(headers: upgradeHeaders, body: .upgrade(theirs))
        }
    }

    @Test(arguments: [true, false])
    func hijackedConnectionsKeepHalfCloses(_ upgrades: Bool) async throws {
        let type: HeaderFields = ["Content-Type": "application/vnd.docker.raw-stream"]
        try await with([Self.shout(type)]) { client in
            let request = Request(.post, "/attach", headers: upgrades ? ["Connection": "Upgrade", "Upgrade": "tcp"] : [:])
            let response = try await EngineTransport.exchange(request, host: "a", over: client)
            #expect(response.status == (upgrades ? 101 : 200))
            guard case .upgrade(let stream) = response.body else {
                Issue.record("no stream")
                return
            }
            try await stream.writeAll(Array("quiet".utf8))
            try stream.shutdownWrite()
            #expect(try await stream.readToEnd(limit: 100) == Array("QUIET".utf8))
        }
    }

    @Test("the head of a hijacked connection comes alone, for clients that read ahead and lose what comes with it") func headComesAlone() async throws {
        let route = Route(.post, "/attach") { _ in
            let (mine, theirs) = try AsyncConnection.pair()
            try await mine.writeAll(Array("at once".utf8))
            mine.close()
            return Response(body: .upgrade(theirs))
        }
        try await with([route]) { client in
            try await client.writeAll(Array("POST /attach HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".utf8))
            try await AsyncIO.sleep(.milliseconds(30))
            #expect(try await String(decoding: client.read(), as: UTF8.self).hasSuffix("\r\n\r\n"))
            #expect(try await client.readToEnd(limit: 100) == Array("at once".utf8))
        }
    }

    @Test func theClientReadsWhatTheServerWrites() async throws {
        let routes = [
            Route(.get, "/images/{name:.*}/json") { request in
                Response(201, body: .bytes(Array("\(request.captures["name"] ?? "") \(request.query["q"] ?? "")".utf8)))
            },
            Route(.post, "/count") { request in
                let count = try await request.body.withDescriptor { (file) in try file.readToEnd(limit: 100 << 20).count }
                return Response(body: .written { (output) in try output.writeAll(Array("\(count)".utf8)) })
            },
        ]
        try await with(routes) { client in
            let response = try await EngineTransport.exchange(
                Request(.get, "/images/a b/ü:c/json", query: ["q": "&=+ "]), host: "a", over: client)
            #expect(response.status == 201)
            #expect(String(decoding: try await response.collect(), as: UTF8.self) == "a b/ü:c &=+ ")
        }
        try await with(routes) { client in
            let left = Box(Mutex(200))
            let body = RequestBody {
                let goesOn = left.value.withLock { left in
                    left -= 1
                    return left >= 0
                }
                return goesOn ? [UInt8](repeating: 1, count: 50_000) : nil
            }
            let response = try await EngineTransport.exchange(Request(.post, "/count", body: body), host: "a", over: client)
            #expect(String(decoding: try await response.collect(), as: UTF8.self) == "10000000")
        }
    }

    @Test func aSynchronousReaderMayStopEarly() async throws {
        let route = Route(.post, "/first") { request in
            let first = try await request.body.withDescriptor { (file) in try file.read(upTo: 1) }
            return Response(body: .bytes(first))
        }
        try await with([route]) { client in
            let body = RequestBody.bytes([UInt8](repeating: 65, count: 4 << 20))
            let response = try await EngineTransport.exchange(Request(.post, "/first", body: body), host: "a", over: client)
            #expect(try await response.collect() == [65])
        }
    }
}
