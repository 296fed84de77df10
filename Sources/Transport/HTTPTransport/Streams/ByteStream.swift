package import AsyncIO
package import Linux

/// A connection that bytes go through both ways, plain or encrypted. One task may read and another write at the same time.
package protocol ByteStream: Sendable {
    /// Up to `limit` bytes, at least one; empty at the end.
    func read(upTo limit: Int) async throws -> [UInt8]

    /// Puts bytes back in front of what the next `read` gives.
    func unread(_ bytes: [UInt8])

    /// Writes every byte. Throws when the reader is gone.
    func writeAll(_ bytes: ArraySlice<UInt8>) async throws

    /// Writes `count` bytes of `file` from `offset` on; throws `ENODATA` when it is shorter. `progress` is called
    /// whenever some of it has gone out.
    func sendFile(_ file: OpenFile, at offset: UInt64, count: UInt64, progress: @Sendable () -> Void) async throws

    /// Tells the peer that nothing more comes, and goes on reading.
    func endWriting() async throws

    /// Closes it now. Tasks that wait on it get CancellationError.
    func close()

    /// Nothing has come unasked, and the peer is still there: the connection may carry another request.
    var isQuiet: Bool { get }

    /// The socket at the bottom of it, to be waited on and asked for its addresses; not to be read or written.
    var socket: AsyncConnection { get }
}

extension ByteStream {
    /// Writes every byte. Throws when the reader is gone.
    package func writeAll(_ bytes: [UInt8]) async throws { try await writeAll(bytes[...]) }

    /// Writes every byte, and tells `watchdog` whenever some have gone out.
    func writeAll(_ bytes: [UInt8], watchedBy watchdog: Watchdog) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await writeAll(rest.prefix(watchedPieceBytes))
            watchdog.touch()
            rest = rest.dropFirst(watchedPieceBytes)
        }
    }
}

/// What a peer must take within the time that it has.
private let watchedPieceBytes = 256 << 10

extension AsyncConnection: ByteStream {
    package func endWriting() async throws { try shutdownWrite() }

    package var isQuiet: Bool {
        // A closed connection is certainly of no more use.
        (try? withDescriptor { (file) throws(SyscallError) in file.isQuiet() }) ?? false
    }

    package var socket: AsyncConnection { self }
}

extension AsyncIO {
    /// Copies until `source` ends, then ends the writing side of `target`.
    package static func pass(from source: any ByteStream, to target: any ByteStream) async throws {
        while true {
            let bytes = try await source.read(upTo: 64 << 10)
            if bytes.isEmpty { break }
            try await target.writeAll(bytes)
        }
        try await target.endWriting()
    }
}
