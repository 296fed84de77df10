package import AsyncIO
package import HTTP2
package import Protobuf
internal import Values

/// gRPC on one connection, from either end: calls of the peer's services, or services for the peer to call.
package struct RPCConnection: Sendable {
    private let connection: HTTP2Connection

    package init(_ connection: AsyncConnection, _ role: HTTP2Connection.Role) throws { self.connection = try HTTP2Connection(connection, role) }

    /// Carries bytes until the connection ends. `serve` answers each call of the peer; what it throws is the call's status. Its task is
    /// cancelled when the peer cancels the call.
    package func run(_ serve: @escaping @Sendable (RPCCall) async throws -> Void = { throw RPCStatus(.unimplemented, "unknown service \($0.path)") }) async throws {
        try await connection.run { stream in
            do {
                guard case .head(let fields) = try await stream.read() else { return stream.reset() }
                let call = RPCCall(stream, head: fields)
                guard call.isWellFormed else {
                    try stream.respond([HTTP2Field(":status", "415")])
                    return try stream.finish()
                }
                try stream.respond([HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")])
                var status = RPCStatus(.ok, "")
                do { try await serve(call) } catch let error as RPCStatus { status = error } catch is CancellationError {
                    status = RPCStatus(.canceled, "context canceled")
                } catch { status = RPCStatus(.unknown, "\(error)") }
                try stream.finish(Self.trailers(status))
            } catch {
                // The peer has gone or given the call up: nobody listens.
                stream.reset()
            }
        }
    }

    package func end() { connection.end() }

    /// Begins a call.
    package func call(_ path: String, metadata: [HTTP2Field] = []) throws -> RPCCall {
        let head = [
            HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", path), HTTP2Field(":authority", "localhost"),
            HTTP2Field("content-type", "application/grpc"), HTTP2Field("te", "trailers"),
        ]
        return RPCCall(try connection.open(head + metadata), path: path)
    }

    /// Calls with one message and gives the one that answers. Throws `RPCStatus`.
    package func call<Answer: ProtobufMessage>(_ path: String, _ message: some ProtobufMessage, metadata: [HTTP2Field] = [], as answer: Answer.Type = Answer.self) async throws
        -> Answer
    {
        let call = try call(path, metadata: metadata)
        return try await withTaskCancellationHandler {
            try await call.send(message)
            try call.finish()
            guard let answer = try await call.receive(Answer.self) else { throw RPCStatus(.internal, "\(path): no answer") }
            // What follows is the status.
            while try await call.receive() != nil {}
            return answer
        } onCancel: {
            call.cancel()
        }
    }

    private static func trailers(_ status: RPCStatus) -> [HTTP2Field] {
        var fields = [HTTP2Field("grpc-status", "\(status.code.rawValue)"), HTTP2Field("grpc-message", HeaderText.encode(String(status.message.prefix(8 << 10))))]
        if !status.details.isEmpty { fields.append(HTTP2Field("grpc-status-details-bin", Base64.encode(status.encoded))) }
        return fields
    }
}
