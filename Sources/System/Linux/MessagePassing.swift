internal import CLinux

/// A pair of connected sockets on which each message arrives whole, for a parent and its child. See unix(7), `SOCK_SEQPACKET`.
package struct MessagePair: ~Copyable, Sendable {
    package let parent: FileDescriptor
    package let child: FileDescriptor

    /// socketpair(2).
    package init() throws(SyscallError) {
        var numbers: (CInt, CInt) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &numbers) {
            $0.withMemoryRebound(to: CInt.self, capacity: 2) {
                socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, $0)
            }
        }
        if result != 0 { throw SyscallError("socketpair") }
        parent = FileDescriptor(owning: numbers.0)
        child = FileDescriptor(owning: numbers.1)
    }

    /// Keeps one end and closes the other.
    package consuming func keepParent() -> FileDescriptor { parent }
    package consuming func keepChild() -> FileDescriptor { child }
}

extension FileDescriptor {
    /// sendmsg(2): one message. At most 64 KiB.
    package borrowing func send(_ bytes: [UInt8]) throws(SyscallError) { try send(bytes, number: -1) }

    /// sendmsg(2): one message, and a descriptor for the receiver to have too.
    package borrowing func send(_ bytes: [UInt8], passing file: borrowing FileDescriptor) throws(SyscallError) {
        try send(bytes, number: file.rawValue)
    }

    private borrowing func send(_ bytes: [UInt8], number: CInt) throws(SyscallError) {
        let socket = rawValue
        var bytes = bytes.isEmpty ? [0] : bytes
        var control = [UInt8](repeating: 0, count: clinux_cmsg_space(4))
        let result = bytes.withUnsafeMutableBytes { bytes in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    if number >= 0 {
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        if let header = clinux_cmsg_firsthdr(&message) {
                            header.pointee.cmsg_level = SOL_SOCKET
                            header.pointee.cmsg_type = CInt(SCM_RIGHTS)
                            header.pointee.cmsg_len = clinux_cmsg_len(4)
                            clinux_cmsg_data(header).withMemoryRebound(to: CInt.self, capacity: 1) { $0.pointee = number }
                        }
                    }
                    while true {
                        let sent = sendmsg(socket, &message, CInt(MSG_NOSIGNAL))
                        if sent >= 0 || Errno.current != .interrupted { return sent }
                    }
                }
            }
        }
        if result < 0 { throw SyscallError("sendmsg", "fd \(socket)") }
    }

    /// recvmsg(2): the next message, cut at `limit` bytes, and the descriptor that came with it. Nil when the other end is closed.
    package borrowing func receive(limit: Int = 64 << 10) throws(SyscallError) -> ReceivedMessage? {
        let socket = rawValue
        var bytes = [UInt8](repeating: 0, count: limit)
        var control = [UInt8](repeating: 0, count: clinux_cmsg_space(4))
        var file: CInt = -1
        let count = bytes.withUnsafeMutableBytes { bytes in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    while true {
                        let count = recvmsg(socket, &message, CInt(MSG_CMSG_CLOEXEC))
                        if count < 0 {
                            if Errno.current == .interrupted { continue }
                            return count
                        }
                        if let header = clinux_cmsg_firsthdr(&message), header.pointee.cmsg_level == SOL_SOCKET,
                            header.pointee.cmsg_type == CInt(SCM_RIGHTS), header.pointee.cmsg_len >= clinux_cmsg_len(4)
                        {
                            file = clinux_cmsg_data(header).withMemoryRebound(to: CInt.self, capacity: 1) { $0.pointee }
                        }
                        return count
                    }
                }
            }
        }
        if count < 0 {
            if Errno.current == .connectionReset { return nil }
            throw SyscallError("recvmsg", "fd \(socket)")
        }
        if count == 0, file < 0 { return nil }
        bytes.removeLast(bytes.count - count)
        return file < 0 ? ReceivedMessage(bytes: bytes, file: nil) : ReceivedMessage(bytes: bytes, file: FileDescriptor(owning: file))
    }
}

/// What `receive` gives.
package struct ReceivedMessage: ~Copyable {
    package let bytes: [UInt8]
    package var file: FileDescriptor?

    init(bytes: [UInt8], file: consuming FileDescriptor?) {
        self.bytes = bytes
        self.file = file
    }
}
