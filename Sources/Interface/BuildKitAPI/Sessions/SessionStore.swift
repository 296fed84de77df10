internal import AsyncIO
internal import Builder
internal import Diagnostics
internal import HTTP2
internal import Linux
internal import OCI
internal import Protobuf
internal import RPC

/// A content store of the client, by containerd's service for such: what a directory holds that is an image layout.
struct SessionStore: CacheStore {
    private static let service = "/containerd.services.content.v1.Content"
    private static let pieceBytes = 1 << 20

    let session: ClientSession
    /// The client's name for the store.
    let id: String
    /// What reading begins with.
    let top: Digest?

    private var metadata: [HTTP2Field] { ClientSession.metadata("buildkit-attachable-store-id", [id]) }

    func manifest(_ digest: Digest?) async throws -> [UInt8] {
        guard let digest = digest ?? top else { throw Fault(.notFound, "no manifest in \(id)") }
        return try await document(digest)
    }

    func read(_ blob: Digest, _ each: ([UInt8]) async throws -> Void) async throws {
        let call = try session.call("\(Self.service)/Read", metadata)
        defer { call.cancel() }
        try await call.send(ReadRequest(digest: "\(blob)"))
        try call.finish()
        while let piece = try await call.receive(ReadPiece.self) { try await each(piece.data) }
    }

    func write(_ blob: Descriptor, from path: String) async throws {
        let file = OpenFile(try FileDescriptor.open(path))
        try await write(blob) { try await AsyncIO.offload { try file.descriptor.read(upTo: Self.pieceBytes) } }
    }

    func put(_ manifest: [UInt8], as descriptor: Descriptor) async throws {
        var rest = [manifest]
        try await write(descriptor) { rest.popLast() ?? [] }
    }

    private func write(_ blob: Descriptor, _ next: () async throws -> [UInt8]) async throws {
        let call = try session.call("\(Self.service)/Write", metadata)
        defer { call.cancel() }
        var message = WriteMessage()
        (message.ref, message.total, message.expected) = ("davit-\(blob.digest)", Int(blob.size), "\(blob.digest)")
        do {
            while case let bytes = try await next(), !bytes.isEmpty {
                (message.action, message.data) = (WriteMessage.write, bytes)
                try await call.send(message)
                guard try await call.receive(WriteReply.self) != nil else { throw Fault(.unavailable, "the client took no more of \(blob.digest)") }
                message.offset += bytes.count
            }
            (message.action, message.data) = (WriteMessage.commit, [])
            try await call.send(message)
            try call.finish()
            while try await call.receive(WriteReply.self) != nil {}
        } catch let status as RPCStatus where status.code == .alreadyExists {}
    }
}

/// `ReadContentRequest`.
private struct ReadRequest: ProtobufMessage {
    var digest = ""

    init() {}
    init(digest: String) { self.digest = digest }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &digest) }
}

/// `ReadContentResponse`.
private struct ReadPiece: ProtobufMessage {
    var data: [UInt8] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(2, &data) }
}

/// `WriteContentRequest`.
private struct WriteMessage: ProtobufMessage {
    static let write = 1
    static let commit = 2

    var action = 0
    var ref = ""
    var total = 0
    var expected = ""
    var offset = 0
    var data: [UInt8] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &action)
        try f(2, &ref)
        try f(3, &total)
        try f(4, &expected)
        try f(5, &offset)
        try f(6, &data)
    }
}

/// `WriteContentResponse`.
private struct WriteReply: ProtobufMessage {
    var offset = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(4, &offset) }
}
