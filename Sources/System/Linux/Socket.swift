internal import CLinux

/// Who is at the other end of a unix socket, as it was when it connected: unix(7) `SO_PEERCRED`.
package struct PeerCredentials: Sendable, Hashable {
    package var process: Int32
    package var user: UInt32
    package var group: UInt32
}

// Connected and listening sockets of any family.
extension FileDescriptor {
    /// recv(2) that never waits, whatever the descriptor's mode; throws `EAGAIN` when nothing is there, gives 0 at the end.
    package borrowing func receiveNow(into buffer: UnsafeMutableRawBufferPointer) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("recv", "fd \(number)") { recv(number, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT)) }
    }

    /// send(2) that never waits and raises no SIGPIPE; throws `EAGAIN` when nothing fits.
    package borrowing func sendNow(_ buffer: UnsafeRawBufferPointer) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("send", "fd \(number)") {
            CLinux.send(number, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
    }

    /// How much of what was sent is still under way: on a unix socket to the peer's hands, on a network to its machine. Not always in
    /// bytes, but 0 is 0: tcp(7) `SIOCOUTQ`.
    package borrowing func outstanding() throws(SyscallError) -> Int {
        var count: CInt = 0
        if clinux_ioctl(rawValue, CLINUX_SIOCOUTQ, &count) != 0 { throw SyscallError("ioctl", "SIOCOUTQ") }
        return Int(count)
    }

    /// Who connected.
    package borrowing func peerCredentials() throws(SyscallError) -> PeerCredentials {
        var credentials = ucred()
        var length = socklen_t(MemoryLayout<ucred>.size)
        let number = rawValue
        _ = try retrying("getsockopt", "SO_PEERCRED") { getsockopt(number, SOL_SOCKET, SO_PEERCRED, &credentials, &length) }
        return PeerCredentials(process: credentials.pid, user: credentials.uid, group: credentials.gid)
    }

    /// Whether this is a socket that listens: socket(7) `SO_ACCEPTCONN`.
    package borrowing func isListening() -> Bool {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(rawValue, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0
    }

    /// What another process finds this descriptor by with `open(shared:)`, as long as this one holds it: process and number.
    package var sharedName: String { "\(Process.id)-\(rawValue)" }

    /// pidfd_getfd(2): another holder's descriptor, which may have become something else meanwhile. Least kernel 5.6; needs what
    /// ptrace(2) needs. Throws `EBADF` for what is no such name.
    package static func open(shared name: some StringProtocol) throws(SyscallError) -> FileDescriptor {
        let words = name.split(separator: "-").compactMap { CInt($0) }
        guard words.count == 2 else { throw SyscallError("pidfd_getfd", String(name), errno: Errno(rawValue: EBADF)) }
        let process = try Process.open(words[0])
        let pidfd = process.rawValue
        return FileDescriptor(owning: try retrying("pidfd_getfd", String(name)) { clinux_pidfd_getfd(pidfd, words[1]) })
    }

    /// Sends one datagram to the unix socket at `path`, where a leading `@` means the abstract name space.
    package static func sendDatagram(_ text: String, unix path: String) throws(SyscallError) {
        let endpoint = FileDescriptor(
            owning: try retrying("socket", path) { socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) })
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SyscallError("sendto", path, errno: .invalid)
        }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name is as long as the address says, so the length must be exact.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let number = endpoint.rawValue
        let bytes = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                clinux_sendto(number, bytes, bytes.count, pointer, length)
            }
        }
        if sent < 0 { throw SyscallError("sendto", path) }
    }
}
