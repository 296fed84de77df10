package import HTTP2
package import Protobuf
internal import Synchronization
internal import Values

/// One call, from either side of it: messages both ways. One task may receive and another send at the same time.
package final class RPCCall: Sendable {
    private let stream: HTTP2Stream
    /// Such as `/moby.buildkit.v1.Control/Solve`.
    package let path: String
    package let metadata: [HTTP2Field]
    private let input = Mutex(MessageFraming())
    /// Whether this side began it, and gets to know how it ended.
    private let isOurs: Bool

    init(_ stream: HTTP2Stream, path: String) {
        self.stream = stream
        self.path = path
        metadata = []
        isOurs = true
    }

    init(_ stream: HTTP2Stream, head: [HTTP2Field]) {
        self.stream = stream
        path = head.first { $0.name == ":path" }?.value ?? ""
        metadata = head
        isOurs = false
    }

    /// A call of gRPC, and not some other request.
    var isWellFormed: Bool {
        metadata.contains(HTTP2Field(":method", "POST")) && metadata.contains { $0.name == "content-type" && $0.value.hasPrefix("application/grpc") }
    }

    /// The values of a field of metadata, whose name is lower case.
    package func values(_ name: String) -> [String] { metadata.filter { $0.name == name }.map(\.value) }

    /// Nil when the peer has sent all. Throws the status with which the peer ended the call.
    package func receive() async throws -> [UInt8]? {
        while true {
            if let message = try input.withLock({ input throws(RPCStatus) in try input.next() }) { return message }
            switch try await stream.read() {
            case .data(let bytes): input.withLock { $0.add(bytes) }
            case .head(let fields): try check(fields)
            case nil:
                if input.withLock({ $0.isBroken }) { throw RPCStatus(.internal, "grpc: the message is cut off") }
                return nil
            }
        }
    }

    /// The same, as a message of a type.
    package func receive<Message: ProtobufMessage>(_ type: Message.Type = Message.self) async throws -> Message? {
        try await receive().map { try Self.decode($0) }
    }

    /// The only message of a call. Throws when there is none.
    package func request<Message: ProtobufMessage>(_ type: Message.Type = Message.self) async throws -> Message {
        guard let message = try await receive(type) else { throw RPCStatus(.invalidArgument, "\(path): no message") }
        return message
    }

    package func send(_ message: some ProtobufMessage) async throws { try await stream.write(MessageFraming.frame(message.protobuf())) }

    /// This side sends no more. For calls that this side began.
    package func finish() throws { try stream.finish() }

    /// Breaks it off.
    package func cancel() { stream.reset() }

    private static func decode<Message: ProtobufMessage>(_ bytes: [UInt8]) throws(RPCStatus) -> Message {
        do { return try Message(protobuf: bytes) } catch { throw RPCStatus(.invalidArgument, "\(error)") }
    }

    /// Throws when they say that the call went wrong.
    private func check(_ fields: [HTTP2Field]) throws {
        guard isOurs else { return }
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        if let status = value(":status"), status != "200" { throw RPCStatus(.unavailable, "unexpected HTTP status \(status)") }
        guard let number = value("grpc-status"), number != "0" else { return }
        if let bytes = value("grpc-status-details-bin").flatMap({ Base64.decode($0) }), let status = try? RPCStatus(encoded: bytes) {
            // What cannot be read is told by the two fields alone.
            throw status
        }
        throw RPCStatus(Int(number).flatMap { RPCStatus.Code(rawValue: $0) } ?? .unknown, HeaderText.decode(value("grpc-message") ?? ""))
    }
}
