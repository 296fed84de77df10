package import AsyncIO
package import HTTP
package import Linux
internal import JSON
internal import Synchronization

/// A response as routes give it and clients get it, whichever way it goes.
package struct Response: Sendable {
    package var status: Int
    package var headers: HeaderFields
    package var body: Body

    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// A value whose JSON, with the line end that Go's encoder adds, is the body. A client in the same process takes the value itself.
        case document(any Encodable & Sendable)
        /// Written piece by piece by the closure; the head goes out before it begins. What it throws cuts the response off. A route
        /// that says `Content-Length` sees to it that so much is written.
        case stream(@Sendable (BodyWriter) async throws -> Void)
        /// So many bytes of a file from an offset on, sent without reading them where the connection allows that.
        case file(OpenFile, offset: UInt64, length: UInt64)
        /// The connection becomes this stream, half-closes included, until the stream's output ends.
        case upgrade(AsyncConnection)
    }

    package init(_ status: Int = 200, headers: HeaderFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Gives the body to `consume` piece by piece; the producer waits meanwhile. Throws what cut it off.
    package func forEachPiece(_ consume: @escaping @Sendable ([UInt8]) async throws -> Void) async throws {
        switch body {
        case .empty: break
        case .bytes(let bytes): try await consume(bytes)
        case .document(let value): try await consume(try Self.encode(value))
        case .stream(let produce): try await produce(BodyWriter(consume))
        case .file(let file, let offset, let length):
            let part = FilePart(file: file, offset: offset, length: length)
            var done: UInt64 = 0
            while done < length {
                let bytes = try await part.read(from: done)
                try await consume(bytes)
                done += UInt64(bytes.count)
            }
        case .upgrade(let connection):
            while true {
                let bytes = try await connection.read()
                if bytes.isEmpty { break }
                try await consume(bytes)
            }
        }
    }

    static func encode(_ value: any Encodable & Sendable) throws -> [UInt8] { try JSON.encode(value) + [10] }

    /// The whole body; throws when it has more than `limit` bytes.
    package func collect(limit: Int = 64 << 20) async throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .document(let value): return try Self.encode(value)
        default: break
        }
        let all = SendableBox<[UInt8]>([])
        try await forEachPiece { piece in
            try all.value.withLock { all in
                guard all.count + piece.count <= limit else { throw HTTPError(502, "response body too large") }
                all += piece
            }
        }
        return all.value.withLock { $0 }
    }
}

/// Takes a response's body.
package struct BodyWriter: Sendable {
    private let consume: @Sendable ([UInt8]) async throws -> Void

    package init(_ consume: @escaping @Sendable ([UInt8]) async throws -> Void) { self.consume = consume }

    /// Sends it on; returns when the next may come. Throws when the receiver is gone.
    package func write(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await consume(bytes) }
    }
}

extension Response.Body {
    /// What synchronous code writes to a descriptor. When the receiver goes away, the writer gets `EPIPE`.
    package static func written(by produce: @escaping @Sendable (consuming FileDescriptor) throws -> Void) -> Response.Body {
        .stream { output in
            let (reader, box) = try FileDescriptor.pipe().take { reader, writer throws(SyscallError) in
                (try AsyncConnection(reader), DescriptorBox(writer))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await AsyncIO.offload { try produce(try box.take()) } }
                defer { reader.close() }
                while true {
                    let bytes = try await reader.read()
                    if bytes.isEmpty { break }
                    try await output.write(bytes)
                }
                try await group.waitForAll()
            }
        }
    }
}
