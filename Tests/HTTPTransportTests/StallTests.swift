import AsyncIO
import HTTP
import HTTPTransport
import Linux
import Testing
import Values

/// Long bodies to and from slow peers go on as long as something moves, and not a moment longer.
@Suite struct StallTests {
    /// More than the kernel buffers, and read at a pace that takes longer than any limit here.
    private static let length = 48 << 20
    private static let patience = Duration.seconds(1)

    private static func file() throws -> OpenFile {
        let file = try FileDescriptor.memoryFile("long")
        try file.setSize(Int64(length))
        return OpenFile(file)
    }

    /// Reads to the end, slowly, or but a little.
    @discardableResult
    private static func sip(_ connection: AsyncConnection, upTo limit: Int = .max) async throws -> Int {
        var count = 0, pause = 0
        while count < min(length, limit) {
            let bytes = try await connection.read(upTo: 1 << 20)
            if bytes.isEmpty { break }
            count += bytes.count
            if count - pause >= 1 << 20 {
                pause = count
                try await AsyncIO.sleep(.milliseconds(30))
            }
        }
        return count
    }

    private static func upload(_ body: RequestBody, readTo limit: Int) async throws -> Int {
        var configuration = HTTPClient.Configuration()
        configuration.responseTimeout = patience
        let client = HTTPClient(configuration)
        return try await LoopbackServer.raw({ connection in
            try await sip(connection, upTo: limit)
            if limit < length { return try await AsyncIO.sleep(.seconds(10)) }
            try await connection.writeAll(Array("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".utf8))
        }) { server in
            try await client.send(ClientRequest(.put, server.url("/"), body: body)).status
        }
    }

    private static func pieces() -> RequestBody {
        let left = Counter()
        return RequestBody(length: UInt64(length)) { left.next() > 3 ? nil : [UInt8](repeating: 0, count: length / 3) }
    }

    @Test(arguments: [true, false])
    func anUploadIsCutOnlyWhenNothingMoves(_ ofFile: Bool) async throws {
        func body() throws -> RequestBody { ofFile ? .file(try Self.file(), length: UInt64(Self.length)) : Self.pieces() }
        #expect(try await Self.upload(body(), readTo: .max) == 201)
        let error = await #expect(throws: ClientError.self) { try await Self.upload(body(), readTo: 1000) }
        #expect(error?.kind == .timeout)
    }

    @Test(arguments: ["/file", "/bytes"])
    func aDownloadIsCutOnlyWhenNothingMoves(_ path: String) async throws {
        var limits = HTTPServer.Limits()
        limits.response = Self.patience
        let file = try Self.file()
        try await LoopbackServer.with(
            limits: limits,
            { request in
                Response(
                    body: request.path == "/file"
                        ? .file(file, offset: 0, length: UInt64(Self.length)) : .bytes([UInt8](repeating: 0, count: Self.length)))
            }
        ) { server in
            func ask() async throws -> AsyncConnection {
                let connection = try await AsyncConnection.connect(tcp: Endpoint(IPAddress(.v4, 0x7f00_0001), server.port))
                try await connection.writeAll(Array("GET \(path) HTTP/1.0\r\n\r\n".utf8))
                return connection
            }
            let patient = try await ask()
            #expect(try await Self.sip(patient) >= Self.length)
            patient.close()
            let stuck = try await ask()
            try await AsyncIO.sleep(Self.patience * 2)
            var count = 0
            // The end may come as a reset.
            while let bytes = try? await stuck.read(upTo: 1 << 20), !bytes.isEmpty { count += bytes.count }
            #expect(count < Self.length)
            stuck.close()
        }
    }

    @Test func whoReadsAResponseMayTakeHisTime() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.stallTimeout = Self.patience
        let client = HTTPClient(configuration), file = try Self.file()
        try await LoopbackServer.with({ _ in Response(body: .file(file, offset: 0, length: UInt64(Self.length))) }) { server in
            let response = try await client.send(ClientRequest(.get, server.url("/")))
            try await AsyncIO.sleep(Self.patience + .milliseconds(100))
            _ = try await response.body.next()
            try await AsyncIO.sleep(Self.patience + .milliseconds(100))
            #expect(try await response.body.collect(limit: Self.length).count > 0)
        }
    }
}
