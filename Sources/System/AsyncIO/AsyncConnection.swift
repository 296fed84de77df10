internal import CLinux
package import Linux
internal import Synchronization

/// An open file read and written without blocking: a socket, pipe, terminal, or regular file (which is always ready).
///
/// One task may read and another write at the same time. Closed by `close`, or with its last owner.
package final class AsyncConnection: Sendable {
    private let watched: WatchedDescriptor
    private let kind: Kind
    private let unread = Mutex<[UInt8]>([])

    private enum Kind {
        /// Calls carry MSG_DONTWAIT, so the descriptor's own mode is left alone.
        case socket
        /// O_NONBLOCK is set.
        case nonBlocking
        /// Shared with other processes, whose view of it O_NONBLOCK would change: waits before each call instead.
        case inherited
    }

    private let name: String?

    /// How much a pipe takes without blocking once it is writable: pipe(7) `PIPE_BUF`.
    private static let pipeBuffer = 4096

    /// Takes a file that no other process reads or writes through the same open(2).
    package init(_ file: consuming FileDescriptor) throws(SyscallError) {
        if try file.status().kind == .socket {
            kind = .socket
        } else {
            try file.setNonBlocking()
            kind = .nonBlocking
        }
        name = nil
        watched = WatchedDescriptor(file)
    }

    /// Takes a file that the process was born with and shares with others, such as standard input: its mode is not changed.
    /// `name` is what errors call it.
    package init(inherited file: consuming FileDescriptor, name: String? = nil) throws(SyscallError) {
        self.name = name
        kind = try file.status().kind == .socket ? .socket : .inherited
        watched = WatchedDescriptor(file)
    }

    /// Standard input (0), output (1) or error (2); closing the connection leaves the number itself open.
    package static func standard(_ number: CInt) throws(SyscallError) -> AsyncConnection {
        let names = ["/dev/stdin", "/dev/stdout", "/dev/stderr"]
        return try AsyncConnection(inherited: FileDescriptor.standard(number), name: names.indices.contains(Int(number)) ? names[Int(number)] : nil)
    }

    /// Two connected ends.
    package static func pair() throws(SyscallError) -> (AsyncConnection, AsyncConnection) {
        try UnixSocket.pair().take { first, second throws(SyscallError) in (try AsyncConnection(first), try AsyncConnection(second)) }
    }

    /// Connects to the unix socket at `path`.
    package static func connect(unix path: String) async throws -> AsyncConnection {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[...$0]) } ?? ".",
            name = String(path[(slash.map { path.index(after: $0) } ?? path.startIndex)...])
        // connect(2) waits while the listener's queue is full.
        return try await AsyncIO.offload {
            try AsyncConnection(UnixSocket.connect(name, in: FileDescriptor.open(directory, [.path, .directory])))
        }
    }

    // MARK: Reading

    /// Up to `limit` bytes, at least one; empty at the end.
    package func read(upTo limit: Int = 64 << 10) async throws -> [UInt8] {
        let pending = unread.withLock { unread in
            let piece = Array(unread.prefix(limit))
            unread.removeFirst(piece.count)
            return piece
        }
        if !pending.isEmpty { return pending }
        if kind == .inherited { try await watched.wait(.read) }
        while true {
            if let bytes = try readNow(limit) { return bytes }
            try await watched.wait(.read)
        }
    }

    /// Nil when nothing is there yet.
    private func readNow(_ limit: Int) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try watched.use { (file) throws(SyscallError) in
                if kind != .socket { return try file.read(upTo: limit) }
                var failure: SyscallError?
                let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                    do throws(SyscallError) {
                        count = try file.receiveNow(into: UnsafeMutableRawBufferPointer(buffer))
                    } catch { failure = error }
                }
                if let failure { throw failure }
                return bytes
            }
        } catch {
            if error.errno == .wouldBlock { return nil }
            // A terminal whose other side is closed says EIO: its end.
            if error.errno == .inputOutput, kind != .socket { return [] }
            throw error
        }
    }

    /// Puts bytes back in front of what the next `read` gives.
    package func unread(_ bytes: [UInt8]) {
        if !bytes.isEmpty { unread.withLock { $0 = bytes + $0 } }
    }

    /// Everything to the end; throws `EFBIG` when that is more than `limit` bytes.
    package func readToEnd(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try await read()
            if piece.isEmpty { return bytes }
            bytes += piece
            if bytes.count > limit { throw SyscallError("read", "", errno: Errno(rawValue: EFBIG)) }
        }
    }

    // MARK: Writing

    /// Writes every byte. Throws `EPIPE` when the reader is gone.
    package func writeAll(_ bytes: [UInt8]) async throws { try await writeAll(bytes[...]) }

    /// Writes every byte. Throws `EPIPE` when the reader is gone.
    package func writeAll(_ bytes: ArraySlice<UInt8>) async throws {
        var rest = bytes
        while !rest.isEmpty {
            if kind == .inherited { try await watched.wait(.write) }
            let piece = kind == .inherited ? rest.prefix(Self.pipeBuffer) : rest
            let count = try writeNow(piece)
            if count == 0 { try await watched.wait(.write) }
            rest = rest.dropFirst(count)
        }
    }

    /// How many bytes were taken: 0 when none fits now.
    private func writeNow(_ bytes: ArraySlice<UInt8>) throws(SyscallError) -> Int {
        try watched.use { (file) throws(SyscallError) in
            var failure: SyscallError?
            let count = bytes.withUnsafeBytes { buffer in
                do throws(SyscallError) {
                    return kind == .socket ? try file.sendNow(buffer) : try file.write(buffer)
                } catch {
                    if error.errno != .wouldBlock { failure = error }
                    return 0
                }
            }
            if let failure { throw name.map { SyscallError(failure.call, $0, errno: failure.errno) } ?? failure }
            return count
        }
    }

    // MARK: Ending

    /// Tells the peer that nothing more comes, and goes on reading. On anything but a socket this is `close`.
    package func shutdownWrite() throws(SyscallError) {
        if kind != .socket { return watched.close() }
        do throws(SyscallError) {
            try watched.use { (file) throws(SyscallError) in try file.shutdownWrite() }
        } catch  where error.errno.rawValue == ENOTCONN {
            // The peer went first.
        }
    }

    /// Closes it now. Tasks that wait on it get CancellationError.
    package func close() { watched.close() }

    /// Gives the open file away; nil when it is closed. Nothing may have been put back by `unread`.
    package func takeDescriptor() -> FileDescriptor? { watched.take() }

    /// Lends the open file for one short call that does not block.
    package func withDescriptor<Result>(
        _ body: (borrowing FileDescriptor) throws(SyscallError) -> Result
    ) throws(SyscallError) -> Result {
        try watched.use(body)
    }

    /// A blocking descriptor of the same socket for synchronous code, which must read nothing before what was `unread`.
    package func duplicate() throws(SyscallError) -> FileDescriptor {
        // A switch over the borrowed file cannot return a new one through `use`, whose result is copyable.
        let number = try watched.use { (file) throws(SyscallError) in try file.duplicate().release() }
        return FileDescriptor(owning: number)
    }

    /// Returns when the peer is gone: closed on both halves, or with `orHalf` when it will write no more.
    package func waitForHangUp(orHalf: Bool = false) async throws {
        try await watched.wait(orHalf ? .readHangUp : .hangUp)
    }

    /// Waits until something can be written, or writing has become pointless.
    package func waitUntilWritable() async throws { try await watched.wait(.write) }

    /// Waits until the peer has read what was written to this socket (over a network: until its machine has it), at most `limit`.
    package func waitUntilTaken(atMost limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        // It is mostly under way on another processor, and a timer's least pause is longer than that takes.
        var yields = 50
        while try watched.use({ (file) throws(SyscallError) in try file.outstanding() }) > 0, .now < deadline {
            yields -= 1
            if yields > 0 { sched_yield() } else { try await AsyncIO.sleep(.milliseconds(1)) }
        }
    }

    /// Waits until there is something to read, or the end.
    package func waitUntilReadable() async throws {
        if unread.withLock({ $0.isEmpty }) { try await watched.wait(.read) }
    }
}

extension AsyncIO {
    /// Copies both ways until both directions have ended; the end of one is passed on as a half-close. When either side
    /// breaks, both directions end. Returns without throwing in all those cases; throws CancellationError when cancelled.
    package static func relay(_ a: AsyncConnection, _ b: AsyncConnection) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await copy(from: a, to: b) }
            group.addTask { try await copy(from: b, to: a) }
            do {
                try await group.waitForAll()
            } catch let error as SyscallError {
                group.cancelAll()
                // A reset or a closed pipe is one way for a conversation to end.
                _ = error
            }
        }
        try Task.checkCancellation()
    }

    /// Copies until `source` ends, then half-closes `target`.
    package static func copy(from source: AsyncConnection, to target: AsyncConnection) async throws {
        while true {
            let bytes = try await source.read()
            if bytes.isEmpty { break }
            try await target.writeAll(bytes)
        }
        try target.shutdownWrite()
    }
}
