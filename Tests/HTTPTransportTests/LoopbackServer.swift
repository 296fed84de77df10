import AsyncIO
import HTTP
import HTTPTransport
import Linux
import Synchronization
import Testing
import Values

/// A server on a free port of 127.0.0.1 for as long as a test runs.
struct LoopbackServer: Sendable {
    let port: UInt16

    func url(_ path: String, _ scheme: URL.Scheme = .http, host: String = "127.0.0.1") throws -> URL {
        try URL(URL.Origin(scheme, host, port), path: path)
    }

    /// Runs `body` with a server that answers requests by `respond`.
    static func with<Result: Sendable>(
        tls: TLSServer? = nil, limits: HTTPServer.Limits = .init(), _ respond: @escaping @Sendable (Request) async throws -> Response,
        _ body: @escaping @Sendable (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let listener = OpenFile(try InternetSocket.listen(Endpoint(IPAddress(.v4, 0x7f00_0001), 0)))
        let server = HTTPServer(limits: limits) { request in
            do { return try await respond(request) } catch { return Response(500, body: .bytes(Array("\(error)".utf8))) }
        }
        return try await serving(listener, { try await server.serve(listener.descriptor, tls: tls) }, body)
    }

    /// Runs `body` with a server that is `talk` on each connection, one after the other, and closes them then.
    static func raw<Result: Sendable>(
        _ talk: @escaping @Sendable (AsyncConnection) async throws -> Void, _ body: @escaping @Sendable (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let listener = OpenFile(try InternetSocket.listen(Endpoint(IPAddress(.v4, 0x7f00_0001), 0)))
        return try await serving(
            listener,
            {
                while true {
                    try await AsyncIO.readable(listener.descriptor)
                    guard let file = try UnixSocket.accept(listener.descriptor) else { continue }
                    let connection = try AsyncConnection(file)
                    // A client that breaks off is what some tests are about.
                    try? await talk(connection)
                    connection.close()
                }
            }, body)
    }

    private static func serving<Result: Sendable>(
        _ listener: OpenFile, _ serve: @escaping @Sendable () async throws -> Void,
        _ body: @escaping @Sendable (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let endpoint = listener.descriptor.localEndpoint()
        let port = try #require(endpoint).port
        return try await AsyncIO.withDeadline(.seconds(20)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await serve() } catch is CancellationError {}
                }
                defer { group.cancelAll() }
                return try await body(LoopbackServer(port: port))
            }
        }
    }
}

/// Reads a request's head and a short body off a connection, roughly.
func readRequest(_ connection: AsyncConnection) async throws -> String {
    var text = ""
    while !text.contains("\r\n\r\n") {
        let bytes = try await connection.read()
        if bytes.isEmpty { break }
        text += String(decoding: bytes, as: UTF8.self)
    }
    return text
}

/// Counts things from several tasks.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1; return $0
        }
    }
    var count: Int { value.withLock { $0 } }
}
