import AsyncIO
import HTTP2
import Testing

/// Lets `client` talk to a server that does `serve` on each stream.
private func conversation(_ serve: @escaping @Sendable (HTTP2Stream) async -> Void, _ client: @escaping @Sendable (HTTP2Connection) async throws -> Void) async throws {
    let (near, far) = try AsyncConnection.pair()
    let server = try HTTP2Connection(far, .server), connection = try HTTP2Connection(near, .client)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run(serve) }
        group.addTask { try await connection.run() }
        try await client(connection)
        connection.end()
        try await group.waitForAll()
    }
}

private let head = [HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/a"), HTTP2Field(":authority", "x")]

extension HTTP2Stream {
    /// The heads and the body to its end.
    fileprivate func readAll() async throws -> (heads: [[HTTP2Field]], body: [UInt8]) {
        var heads: [[HTTP2Field]] = [], body: [UInt8] = []
        while let piece = try await read() {
            switch piece {
            case .head(let fields): heads.append(fields)
            case .data(let bytes): body += bytes
            }
        }
        return (heads, body)
    }
}

/// Sends back what comes.
private let echo: @Sendable (HTTP2Stream) async -> Void = { stream in
    // Who breaks the conversation off sees it.
    try? stream.respond([HTTP2Field(":status", "200")])
    while let piece = try? await stream.read() { if case .data(let bytes) = piece { try? await stream.write(bytes) } }
    try? stream.finish([HTTP2Field("sum", "1")])
}

@Suite("HTTP/2") struct HTTP2Tests {
    @Test("a request, a body beyond all windows, trailers") func exchange() async throws {
        try await conversation(echo) { client in
            let stream = try client.open(head), bytes = (0..<40).map { [UInt8](repeating: UInt8($0), count: 100_000) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for piece in bytes { try await stream.write(piece) }
                    try stream.finish()
                }
                let (heads, body) = try await stream.readAll()
                #expect(heads == [[HTTP2Field(":status", "200")], [HTTP2Field("sum", "1")]])
                #expect(body == Array(bytes.joined()))
                try await group.waitForAll()
            }
        }
    }

    @Test("many streams at once") func many() async throws {
        try await conversation(echo) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let stream = try client.open(head)
                        try await stream.write([UInt8(number)])
                        try stream.finish()
                        #expect(try await stream.readAll().body == [UInt8(number)])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a stream that the client breaks off cancels who serves it") func reset() async throws {
        let (ended, end) = AsyncStream.makeStream(of: Bool.self)
        try await conversation { stream in
            try? stream.respond([HTTP2Field(":status", "200")])
            do { while try await stream.read() != nil {} } catch {}
            // Cancelled or told so: either way it ends.
            end.yield(true)
            end.finish()
        } _: { client in
            let stream = try client.open(head)
            #expect(try await stream.read() != nil)
            stream.reset()
            for await isOver in ended { #expect(isOver) }
        }
    }

    @Test("a connection that ends fails its streams") func ends() async throws {
        try await conversation({ stream in while (try? await stream.read()) != nil {} }) { client in
            let stream = try client.open(head)
            client.end()
            await #expect(throws: HTTP2Error.self) { while try await stream.read() != nil {} }
            #expect(throws: HTTP2Error.self) { try client.open(head) }
        }
    }

    @Test("what is no HTTP/2 ends the connection with an error") func noise() async throws {
        let (near, far) = try AsyncConnection.pair()
        let server = try HTTP2Connection(far, .server)
        try await near.writeAll(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        await #expect(throws: HTTP2Error.self) { try await server.run() }
    }
}
