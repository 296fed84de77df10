package import Linux
package import Values

extension AsyncConnection {
    /// A TCP connection to `endpoint`, without delay for small writes. Waits as long as the kernel does, some two minutes: give it
    /// a deadline. Throws SyscallError from `connect`.
    package static func connect(tcp endpoint: Endpoint) async throws -> AsyncConnection {
        let connection = try AsyncConnection(InternetSocket.beginConnecting(endpoint))
        do {
            try await connection.waitUntilWritable()
            try connection.withDescriptor { (file) throws(SyscallError) in
                if let errno = file.pendingError() { throw SyscallError("connect", "\(endpoint)", errno: errno) }
                try file.setNoDelay()
                try file.setKeepAlive()
            }
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// Sends `count` bytes of `file` from `offset` on, straight from the page cache where this is a socket. Throws `ENODATA` when
    /// the file is shorter. `progress` is called whenever some of it has gone out.
    ///
    /// The disk may have to be waited for, so each batch runs on a thread apart.
    package func sendFile(
        _ file: OpenFile, at offset: UInt64, count: UInt64, progress: @Sendable () -> Void
    ) async throws {
        var sent: UInt64 = 0
        while sent < count {
            guard let position = Int64(exactly: offset + sent) else { throw SyscallError("sendfile", "offset", errno: .invalid) }
            let wanted = Int(min(count - sent, Self.sendFileBatch))
            let number = try await AsyncIO.offload { try self.sendFileNow(file, position, wanted) }
            switch number {
            case nil: try await waitUntilWritable()
            case 0: throw SyscallError("sendfile", "file", errno: .noData)
            case .some(let number):
                sent += UInt64(number)
                progress()
            }
        }
    }

    /// This is TCP.
    package var isInternet: Bool {
        // A closed one is nothing any more.
        (try? withDescriptor { (file) throws(SyscallError) in file.localEndpoint() != nil }) ?? false
    }

    private static var sendFileBatch: UInt64 { 4 << 20 }

    /// Nil when nothing fits now.
    private func sendFileNow(_ file: OpenFile, _ offset: Int64, _ count: Int) throws(SyscallError) -> Int? {
        do throws(SyscallError) {
            return try withDescriptor { (socket) throws(SyscallError) in try socket.sendFile(file.descriptor, at: offset, count: count) }
        } catch {
            if error.errno == .wouldBlock { return nil }
            throw error
        }
    }
}
