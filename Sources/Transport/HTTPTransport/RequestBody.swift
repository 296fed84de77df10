package import AsyncIO
internal import HTTP
internal import JSON
package import Linux
internal import Synchronization

/// The body of a request, pulled piece by piece, so that the sender goes no faster than the reader. Can be read once.
package struct RequestBody: Sendable {
    /// Bytes in all; nil when that is not known before the end.
    package let length: UInt64?
    private let pull: @Sendable () async throws -> [UInt8]?
    /// Where the bytes come from when nothing but that stands behind `pull`.
    private let source: AsyncConnection?
    /// The value that the bytes are the JSON of, for a server in the same process.
    package let document: (any Sendable)?
    /// The part of a file that the body is, which can be sent without reading it.
    let filePart: FilePart?
    /// Makes the same body again, unread; nil when that cannot be.
    private let again: (@Sendable () -> RequestBody)?

    /// From a closure that gives the pieces and, at the end, nil.
    package init(length: UInt64? = nil, _ pull: @escaping @Sendable () async throws -> [UInt8]?) {
        self.init(length: length, again: nil, pull)
    }

    private init(
        length: UInt64?, filePart: FilePart? = nil, again: (@Sendable () -> RequestBody)?,
        _ pull: @escaping @Sendable () async throws -> [UInt8]?
    ) {
        self.length = length
        self.pull = pull
        self.filePart = filePart
        self.again = again
        source = nil
        document = nil
    }

    /// Everything that `source` gives up to its end.
    package init(reading source: AsyncConnection) {
        length = nil
        self.source = source
        document = nil
        filePart = nil
        again = nil
        pull = {
            let bytes = try await source.read()
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// A value as JSON, made only when it must leave this process.
    package init(document value: some Encodable & Sendable) throws {
        document = value
        length = nil
        source = nil
        filePart = nil
        again = nil
        let isWritten = SendableBox(false)
        pull = {
            let first = isWritten.value.withLock { written in
                defer { written = true }
                return !written
            }
            return first ? try JSON.encode(value) : nil
        }
    }

    package static var empty: RequestBody { RequestBody(length: 0, again: { .empty }) { nil } }

    package static func bytes(_ bytes: [UInt8]) -> RequestBody {
        let rest = SendableBox<[UInt8]?>(bytes.isEmpty ? nil : bytes)
        return RequestBody(length: UInt64(bytes.count), again: { .bytes(bytes) }) { rest.value.withLock { $0.take() } }
    }

    /// `length` bytes of `file` from `offset` on. It fails with `ENODATA` while it is sent when the file is shorter.
    package static func file(_ file: OpenFile, offset: UInt64 = 0, length: UInt64) -> RequestBody {
        let part = FilePart(file: file, offset: offset, length: length)
        let done = SendableBox<UInt64>(0)
        return RequestBody(length: length, filePart: part, again: { .file(file, offset: offset, length: length) }) {
            let start = done.value.withLock { $0 }
            let bytes = try await part.read(from: start)
            done.value.withLock { $0 += UInt64(bytes.count) }
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// The same body from its beginning, for sending a request again; nil when the bytes cannot be had twice.
    package var rewound: RequestBody? { again?() }

    /// The next piece, never empty; nil at the end.
    package func next() async throws -> [UInt8]? {
        while let bytes = try await pull() {
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }

    /// Everything; throws 413 when that is more than `limit` bytes.
    package func collect(limit: Int) async throws -> [UInt8] {
        if let length, length > UInt64(limit) { throw HTTPError(413, "request body too large") }
        var all: [UInt8] = []
        while let bytes = try await next() {
            all += bytes
            if all.count > limit { throw HTTPError(413, "request body too large") }
        }
        return all
    }

    /// Gives the body as a descriptor to synchronous code, which may block and may stop reading before the end.
    package func withDescriptor<Result: Sendable>(
        _ body: @escaping @Sendable (consuming FileDescriptor) throws -> Result
    ) async throws -> Result {
        if let source {
            // Straight from the source, without a pump between.
            let file = try source.duplicate()
            try file.setNonBlocking(false)
            let box = DescriptorBox(file)
            return try await AsyncIO.offload { try body(try box.take()) }
        }
        let (box, writer) = try FileDescriptor.pipe().take { reader, writer throws(SyscallError) in
            (DescriptorBox(reader), try AsyncConnection(writer))
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { writer.close() }
                do {
                    while let bytes = try await next() { try await writer.writeAll(bytes) }
                } catch let error as SyscallError where error.errno == .brokenPipe {
                    // The reader has seen enough.
                }
            }
            // When the sender breaks off the reader sees an early end, and its complaint would hide the cause.
            async let result = AsyncIO.offload { try body(try box.take()) }
            do {
                let value = try await result
                group.cancelAll()
                return value
            } catch {
                group.cancelAll()
                do { try await group.waitForAll() } catch let cause as HTTPError { throw cause } catch {}
                throw error
            }
        }
    }
}

/// A piece of a file.
struct FilePart: Sendable {
    let file: OpenFile
    let offset: UInt64
    let length: UInt64

    private static let pieceBytes: UInt64 = 256 << 10

    /// The next bytes from `start` bytes into the part; empty at its end. Throws `ENODATA` when the file is shorter.
    func read(from start: UInt64) async throws -> [UInt8] {
        let wanted = Int(min(length - min(start, length), Self.pieceBytes))
        if wanted == 0 { return [] }
        guard let position = Int64(exactly: offset + start) else { throw SyscallError("pread", "offset", errno: .invalid) }
        let bytes = try await AsyncIO.offload { try file.descriptor.read(upTo: wanted, at: position) }
        if bytes.isEmpty { throw SyscallError("pread", "file", errno: .noData) }
        return bytes
    }
}

/// Carries a descriptor through closures that can only copy.
package final class DescriptorBox: Sendable {
    private let file: Mutex<FileDescriptor?>

    package init(_ file: consuming FileDescriptor) { self.file = Mutex(file) }

    /// Once; throws `EBADF` then.
    package func take() throws(SyscallError) -> FileDescriptor {
        guard let file = file.withLock({ $0.take() }) else { throw SyscallError("take", "descriptor", errno: Errno(rawValue: 9)) }
        return file
    }
}

/// A value that several closures change.
final class SendableBox<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
}
