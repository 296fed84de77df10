package import CLinux

/// Stream sockets with a name in the file system, unix(7). The name is given relative to an open directory, as an address holds
/// only 107 bytes and state directories may lie deep.
package enum UnixSocket {
    /// Makes `name` in `directory` and listens there; an old socket of that name is removed first. The umask takes bits off `mode`. The kernel makes
    /// `backlog` as small as `net.core.somaxconn` has it; clients that may not block, as those in Go, fail when it is full.
    package static func listen(
        _ name: String, in directory: borrowing FileDescriptor, backlog: CInt = 4096, mode: mode_t = 0o777
    ) throws(SyscallError) -> FileDescriptor {
        do throws(SyscallError) { try directory.removeFile(name) } catch  where error.errno == .noEntry {}
        let socket = try stream()
        let number = socket.rawValue
        // bind(2) gives the name the mode that the socket has.
        _ = try retrying("fchmod", name) { fchmod(number, mode) }
        _ = try address("\(directory.procPath)/\(name)", "bind") { clinux_bind(number, $0, $1) }
        if CLinux.listen(number, backlog) != 0 { throw SyscallError("listen", name) }
        return socket
    }

    /// Connects to `name` in `directory`; blocking. Where neither connecting nor a write gets on for so many seconds (the other end does
    /// not accept or read) the call throws `EAGAIN`: socket(7) `SO_SNDTIMEO`.
    package static func connect(
        _ name: String, in directory: borrowing FileDescriptor, sendTimeoutSeconds: Int = 30
    ) throws(SyscallError) -> FileDescriptor {
        let socket = try stream()
        let number = socket.rawValue
        var limit = timeval(tv_sec: sendTimeoutSeconds, tv_usec: 0)
        _ = try retrying("setsockopt", name) { setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) }
        _ = try address("\(directory.procPath)/\(name)", "connect") { clinux_connect(number, $0, $1) }
        return socket
    }

    /// The same by a path of any length.
    package static func connect(path: String) throws(SyscallError) -> FileDescriptor {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return try connect(slash.map { String(path[path.index(after: $0)...]) } ?? path, in: try .open(directory, [.path, .directory]))
    }

    /// accept4(2); the connection is non-blocking. Nil when none waits, for a listener that is non-blocking.
    package static func accept(_ listener: borrowing FileDescriptor) throws(SyscallError) -> FileDescriptor? {
        let number = listener.rawValue
        do throws(SyscallError) {
            return FileDescriptor(
                owning: try retrying("accept", "fd \(number)") {
                    clinux_accept4(number, CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
                })
        } catch  where error.errno == .wouldBlock || error.errno.rawValue == ECONNABORTED { return nil }
    }

    /// The name that a socket was bound to, getsockname(2); nil for what has none and for what is no unix socket.
    package static func name(_ socket: borrowing FileDescriptor) -> String? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard clinux_getsockname(socket.rawValue, &storage, &length) == 0, storage.ss_family == sa_family_t(AF_UNIX) else { return nil }
        return withUnsafeBytes(of: &storage) { String(decoding: $0.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// socketpair(2) of streams.
    package static func pair() throws(SyscallError) -> DescriptorPair {
        var numbers: (CInt, CInt) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &numbers) {
            $0.withMemoryRebound(to: CInt.self, capacity: 2) {
                socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, $0)
            }
        }
        if result != 0 { throw SyscallError("socketpair") }
        return DescriptorPair(first: FileDescriptor(owning: numbers.0), second: FileDescriptor(owning: numbers.1))
    }

    private static func stream() throws(SyscallError) -> FileDescriptor {
        let number = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw SyscallError("socket", "AF_UNIX") }
        return FileDescriptor(owning: number)
    }

    private static func address(
        _ path: String, _ call: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(SyscallError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw SyscallError(call, path, errno: Errno(rawValue: ENAMETOOLONG)) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return try retrying(call, path) {
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
    }
}

/// Two ends of something.
package struct DescriptorPair: ~Copyable, Sendable {
    package let first: FileDescriptor
    package let second: FileDescriptor

    /// Keeps one end and closes the other.
    package consuming func keepFirst() -> FileDescriptor { first }
    package consuming func keepSecond() -> FileDescriptor { second }

    /// Gives both ends to `body`, each to be kept or dropped on its own.
    package consuming func take<Result: ~Copyable, Failure: Error>(
        _ body: (_ first: consuming FileDescriptor, _ second: consuming FileDescriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(first, second)
    }
}

extension FileDescriptor {
    /// shutdown(2) of the sending side: the other end reads an end of file.
    package borrowing func shutdownWrite() throws(SyscallError) {
        let number = rawValue
        if shutdown(number, CInt(SHUT_WR)) != 0 { throw SyscallError("shutdown", "fd \(number)") }
    }

    /// pipe2(2): first the end to read, second the end to write.
    package static func pipe() throws(SyscallError) -> DescriptorPair {
        var numbers: (CInt, CInt) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &numbers) {
            $0.withMemoryRebound(to: CInt.self, capacity: 2) { pipe2($0, O_CLOEXEC) }
        }
        if result != 0 { throw SyscallError("pipe2") }
        return DescriptorPair(first: FileDescriptor(owning: numbers.0), second: FileDescriptor(owning: numbers.1))
    }
}
