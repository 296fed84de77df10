internal import AsyncIO
internal import DockerAPI
internal import HTTP
package import HTTPTransport
internal import JSON
internal import Linux
internal import Synchronization
internal import TLS

/// Docker's Engine API as functions. All throw `APIError` when the server refuses and `ConnectionFailure` when it cannot be reached.
///
/// Containers are named by name, id or a prefix of it; images by reference or id.
package struct Client: Sendable {
    private let transport: any Transport
    /// Where the server is, as messages name it, such as `unix:///var/run/docker.sock`.
    package let address: String

    package init(_ transport: any Transport, address: String) {
        self.transport = transport
        self.address = address
    }

    /// A server behind the unix socket at `path`.
    package init(unix path: String) {
        self.init(EngineTransport(unix: path), address: "unix://\(path)")
    }

    // MARK: What all calls are made of

    /// Sends a request and gives the response's head and its body, still to be read. Throws APIError for a status from 400 on.
    package func send(_ request: Request) async throws -> Response {
        let response: Response
        do {
            response = try await transport.respond(to: request)
        } catch let error as SyscallError {
            throw failure(error)
        } catch let error as HTTPError {
            throw ConnectionFailure("error during connect: \(error.message)")
        } catch let error as ClientError {
            throw failure(error)
        } catch let error as TLSError {
            throw failure(ClientError(.tls(error.kind), error.message))
        }
        if response.status < 400 { return response }
        let bytes = try await response.collect(limit: 1 << 20)
        // A server that is not Docker's may answer with plain text, which then is the message.
        let message = (try? JSON.decode(ErrorResponse.self, from: bytes))?.message ?? ""
        throw APIError(status: response.status, message: message.isEmpty ? Self.plainText(bytes, response.status) : message)
    }

    private static func plainText(_ bytes: [UInt8], _ status: Int) -> String {
        let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
        return text.allSatisfy(\.isWhitespace) ? "request returned \(ResponseHead.reason(status))" : text
    }

    private func failure(_ error: ClientError) -> ConnectionFailure {
        switch error.kind {
        case .connect, .lookup:
            ConnectionFailure("Cannot connect to the Docker daemon at \(address). Is the docker daemon running?")
        case .tls(.refusedByPeer):
            ConnectionFailure(
                "The server probably has client authentication (--tlsverify) enabled; check your TLS client certification: \(error.message)")
        default: ConnectionFailure("error during connect: \(error.message)")
        }
    }

    private func failure(_ error: SyscallError) -> ConnectionFailure {
        switch (error.call, error.errno) {
        case ("connect", .access), ("open", .access), ("connect", .notPermitted):
            ConnectionFailure(
                "permission denied while trying to connect to the Docker daemon socket at \(address): dial: \(error.call): \(error.errno)")
        case ("connect", _), ("open", _), ("socket", _):
            ConnectionFailure("Cannot connect to the Docker daemon at \(address). Is the docker daemon running?")
        default: ConnectionFailure("error during connect: \(error)")
        }
    }

    func get(_ path: String, _ query: Query = [:]) async throws -> Response { try await send(Request(.get, path, query: query)) }

    func get<Value: Decodable>(_ path: String, _ query: Query = [:]) async throws -> Value { try await Self.decode(get(path, query)) }

    /// A request whose answer is empty or of no interest.
    @discardableResult
    func post(_ path: String, _ query: Query = [:]) async throws -> Int {
        let response = try await send(Request(.post, path, query: query))
        _ = try await response.collect(limit: 1 << 20)
        return response.status
    }

    func post<Value: Decodable>(_ path: String, _ query: Query = [:]) async throws -> Value {
        try await Self.decode(send(Request(.post, path, query: query)))
    }

    func post(_ path: String, _ query: Query = [:], json body: some Encodable & Sendable) async throws -> Response {
        try await send(
            Request(.post, path, query: query, headers: ["Content-Type": "application/json"], body: RequestBody(document: body)))
    }

    func delete(_ path: String, _ query: Query = [:]) async throws -> Response { try await send(Request(.delete, path, query: query)) }

    static func decode<Value: Decodable>(_ response: Response) async throws -> Value {
        if case .document(let value) = response.body, let value = value as? Value { return value }
        let bytes = try await response.collect()
        do {
            return try JSON.decode(Value.self, from: bytes)
        } catch {
            throw ConnectionFailure("error reading the server's answer: \(error)")
        }
    }

    /// Gives each of a response's newline-separated messages to `each`; a message that reports an error is thrown.
    static func messages(
        _ response: Response, _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        try await lines(response) { (message: JSONMessage) in
            if let detail = message.errorDetail { throw APIError(status: detail.code, message: detail.message, isOfStream: true) }
            if !message.error.isEmpty { throw APIError(status: 0, message: message.error, isOfStream: true) }
            try await each(message)
        }
    }

    static func lines<Value: Decodable & Sendable>(
        _ response: Response, _ each: @escaping @Sendable (Value) async throws -> Void
    ) async throws {
        let pending = Pending()
        try await response.forEachPiece { piece in
            for line in try pending.add(piece) { try await each(JSON.decode(Value.self, from: line)) }
        }
        let rest = pending.rest
        if !rest.isEmpty { try await each(JSON.decode(Value.self, from: rest)) }
    }

    /// Cuts pieces into lines.
    private final class Pending: Sendable {
        private static let lineBytes = 16 << 20
        private let bytes = Mutex<[UInt8]>([])

        func add(_ piece: [UInt8]) throws -> [[UInt8]] {
            try bytes.withLock { bytes in
                bytes += piece
                var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
                let rest = lines.removeLast()
                guard rest.count <= Self.lineBytes else { throw ConnectionFailure("a message of the server is too long") }
                let complete = lines.map(Array.init)
                bytes = Array(rest)
                return complete.filter { $0.contains { $0 > 32 } }
            }
        }

        var rest: [UInt8] { bytes.withLock { $0.contains { $0 > 32 } ? $0 : [] } }
    }
}
