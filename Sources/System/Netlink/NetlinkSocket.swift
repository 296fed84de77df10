internal import CLinux
package import Linux

/// A conversation with the kernel of the network namespace that the calling thread is in: netlink(7).
///
/// It stays with that namespace whatever the thread does later. Requests are sent one at a time and each is answered.
package struct NetlinkSocket: ~Copyable {
    private let file: FileDescriptor
    private var sequence: UInt32 = 0

    /// Speaks rtnetlink(7): links, addresses, routes.
    package static func route() throws(SyscallError) -> NetlinkSocket {
        let number = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), CInt(NETLINK_ROUTE))
        if number < 0 { throw SyscallError("socket", "NETLINK_ROUTE") }
        return NetlinkSocket(file: FileDescriptor(owning: number))
    }

    private init(file: consuming FileDescriptor) { self.file = file }

    /// Sends a request that answers with an acknowledgement only, and waits for that. Throws the kernel's error under `call`.
    mutating func perform(
        _ call: String, _ subject: String, type: UInt16, flags: UInt16 = 0, _ build: (inout NetlinkMessage) -> Void
    ) throws(SyscallError) {
        sequence &+= 1
        var message = NetlinkMessage(type: type, flags: flags, sequence: sequence)
        build(&message)
        // A socket without a peer sends to port 0: the kernel.
        let sent = message.bytes.withUnsafeBytes { write($0) }
        guard sent == message.bytes.count else { throw SyscallError("send", "netlink") }
        while let answer = try receive() {
            guard answer.sequence == sequence else { continue }
            if answer.errno != 0 { throw SyscallError(call, subject, errno: Errno(rawValue: answer.errno)) }
            return
        }
        // The kernel always acknowledges; anything else is not a conversation that can go on.
        throw SyscallError(call, subject, errno: .inputOutput)
    }

    private func write(_ buffer: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = send(file.rawValue, buffer.baseAddress, buffer.count, 0)
            if count >= 0 || Errno.current != .interrupted { return count }
        }
    }

    /// The next message if it is an acknowledgement. One with the request echoed in it fits easily.
    private func receive() throws(SyscallError) -> NetlinkAcknowledgement? {
        var buffer = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        let number = file.rawValue
        while true {
            // An answer longer than this is cut off by the kernel, and what counts stands at its start.
            let (count, answer) = withUnsafeMutableBytes(of: &buffer) { space in
                let count = recv(number, space.baseAddress, space.count, 0)
                return (count, count > 0 ? NetlinkAcknowledgement(UnsafeRawBufferPointer(rebasing: space[..<count])) : nil)
            }
            if count >= 0 { return answer }
            if Errno.current != .interrupted { throw SyscallError("recv", "netlink") }
        }
    }
}
