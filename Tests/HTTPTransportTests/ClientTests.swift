import AsyncIO
import HTTP
import HTTPTransport
import Linux
import Synchronization
import Testing
import Values

/// The client against servers on loopback, well-behaved ones and others.
@Suite struct ClientTests {
    let client = HTTPClient()

    static func text(_ response: ClientResponse) async throws -> String {
        String(decoding: try await response.body.collect(limit: 1 << 20), as: UTF8.self)
    }

    @Test func anAnswerWithItsHeadersAndBody() async throws {
        let client = client
        try await LoopbackServer.with({ request in
            Response(
                201, headers: ["X-Path": request.path, "X-Agent": request.headers["User-Agent"] ?? "", "X-Host": request.headers["Host"] ?? ""],
                body: .bytes(Array("hello \(request.query["a"] ?? "")".utf8)))
        }) { server in
            let response = try await client.send(ClientRequest(.get, server.url("/x%20y?a=b")))
            #expect(response.status == 201)
            #expect(response.headers["X-Path"] == "/x y")
            #expect(response.headers["X-Agent"] == "davit")
            #expect(response.headers["X-Host"] == "127.0.0.1:\(server.port)")
            #expect(response.body.length == 7)
            #expect(try await Self.text(response) == "hello b")
        }
    }

    @Test func connectionsAreUsedAgainOnceTheBodyIsRead() async throws {
        let client = client
        let peers = Mutex<Set<UInt16>>([])
        let seen = Box(peers)
        try await LoopbackServer.with({ request in
            seen.value.withLock { _ = $0.insert(request.peer?.port ?? 0) }
            return Response(body: .bytes(Array(repeating: 1, count: 100_000)))
        }) { server in
            for _ in 0..<5 {
                let bytes = try await client.send(ClientRequest(.get, server.url("/"))).body.collect(limit: 1 << 20)
                #expect(bytes.count == 100_000)
            }
            _ = try await client.send(ClientRequest(.head, server.url("/")))
            #expect(seen.value.withLock { $0.count } == 1)
            // One that is dropped unread takes its connection along.
            do { _ = try await client.send(ClientRequest(.get, server.url("/"))) }
            _ = try await client.send(ClientRequest(.get, server.url("/"))).body.collect(limit: 1 << 20)
            #expect(seen.value.withLock { $0.count } == 2)
        }
    }

    final class Box<Value>: Sendable where Value: Sendable {
        let value: Mutex<Value>
        init(_ value: consuming Mutex<Value>) { self.value = value }
    }

    @Test func aConnectionThatTheServerClosedIsReplaced() async throws {
        let client = client
        let connections = Counter()
        try await LoopbackServer.raw({ connection in
            _ = connections.next()
            _ = try await readRequest(connection)
            try await connection.writeAll(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
        }) { server in
            let url = try server.url("/")
            for _ in 0..<3 {
                let text = try await Self.text(client.send(ClientRequest(.put, url, body: .bytes([1]))))
                #expect(text == "ok")
            }
            #expect(connections.count == 3)
        }
    }

    @Test func bodiesOfAllKinds() async throws {
        let client = client
        let file = OpenFile(try FileDescriptor.memoryFile("body"))
        let content = Array((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        try file.descriptor.writeAll(content)
        try await LoopbackServer.with({ request in
            let bytes = try await request.body.collect(limit: 10 << 20)
            return Response(headers: ["X-Length": request.headers["Content-Length"] ?? "chunked"], body: .bytes(bytes))
        }) { server in
            let url = try server.url("/")
            func echo(_ body: RequestBody, awaitsContinue: Bool = false) async throws -> (String?, [UInt8]) {
                var request = ClientRequest(.post, url, body: body)
                request.awaitsContinue = awaitsContinue
                let response = try await client.send(request)
                return (response.headers["X-Length"], try await response.body.collect(limit: 10 << 20))
            }
            for waits in [false, true] {
                let part = try await echo(.file(file, offset: 10, length: 2_999_000), awaitsContinue: waits)
                #expect(part.0 == "2999000")
                #expect(part.1 == Array(content[10..<2_999_010]))
                let whole = try await echo(.bytes(content), awaitsContinue: waits)
                #expect(whole.1 == content)
                let pieces = SendablePieces([[1, 2], [3], [], [4, 5, 6]])
                let chunked = try await echo(RequestBody { pieces.next() }, awaitsContinue: waits)
                #expect(chunked.0 == "chunked")
                #expect(chunked.1 == [1, 2, 3, 4, 5, 6])
            }
            let empty = try await echo(.empty)
            #expect(empty.0 == "0")
            #expect(empty.1 == [])
        }
    }

    final class SendablePieces: Sendable {
        private let rest: Mutex<[[UInt8]]>
        init(_ pieces: [[UInt8]]) { rest = Mutex(pieces) }
        func next() -> [UInt8]? { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    @Test func aRefusedBodyIsNotSent() async throws {
        let client = client
        let asked = Counter()
        try await LoopbackServer.with({ _ in Response(401, headers: ["Www-Authenticate": "Basic"]) }) { server in
            var request = ClientRequest(
                .put, try server.url("/"),
                body: RequestBody(length: 1 << 30) {
                    _ = asked.next()
                    return [UInt8](repeating: 0, count: 1 << 20)
                })
            request.awaitsContinue = true
            #expect(try await client.send(request).status == 401)
            #expect(asked.count == 0)
        }
    }

    @Test func filesAreServed() async throws {
        let client = client
        let file = OpenFile(try FileDescriptor.memoryFile("blob"))
        let content = Array((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 / 11) })
        try file.descriptor.writeAll(content)
        try await LoopbackServer.with({ request in
            Response(body: .file(file, offset: request.path == "/short" ? 4_999_000 : 5, length: 4_999_000))
        }) { server in
            let response = try await client.send(ClientRequest(.get, server.url("/")))
            #expect(response.body.length == 4_999_000)
            #expect(try await response.body.collect(limit: 5_000_000) == Array(content[5..<4_999_005]))
            let head = try await client.send(ClientRequest(.head, server.url("/")))
            #expect(head.headers["Content-Length"] == "4999000")
            // A file that is shorter than promised cuts the connection.
            let cut = try await client.send(ClientRequest(.get, server.url("/short")))
            await #expect(throws: ClientError.self) { try await cut.body.collect(limit: 5_000_000) }
        }
    }

    @Test func requestsBeyondTheLimitWait() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectionsPerHost = 2
        let client = HTTPClient(configuration)
        let peers = Box(Mutex<Set<UInt16>>([]))
        try await LoopbackServer.with({ request in
            peers.value.withLock { _ = $0.insert(request.peer?.port ?? 0) }
            return Response(body: .bytes([1]))
        }) { server in
            let url = try server.url("/")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await client.send(ClientRequest(.get, url)).body.collect(limit: 10) }
                }
                try await group.waitForAll()
            }
            #expect(peers.value.withLock { $0.count } <= 2)
        }
    }

    @Test func cancellationEndsTheWait() async throws {
        let client = client
        try await LoopbackServer.raw({ connection in
            _ = try await connection.readToEnd(limit: 1 << 20)
        }) { server in
            let url = try server.url("/")
            let task = AsyncIO.begin { _ = try await client.send(ClientRequest(.get, url)) }
            try await AsyncIO.sleep(.milliseconds(20))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
