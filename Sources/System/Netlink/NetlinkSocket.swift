internal import CLinux
package import Linux

/// A conversation with the kernel of the network namespace that the calling thread is in: netlink(7).
///
/// It stays with that namespace whatever the thread does later. Requests are sent one at a time and each is answered.
package struct NetlinkSocket: ~Copyable {
    private let file: FileDescriptor
    private var sequence: UInt32 = 0
    /// Of the family, for errors: `rtnetlink`, `nfnetlink`, `xfrm`.
    private let family: String

    /// No answer is longer: the kernel fits those of a dump to what is asked for, up to this.
    private static let limit = 32768

    /// Speaks rtnetlink(7): links, addresses, routes.
    package static func route() throws(SyscallError) -> NetlinkSocket { try open(CInt(NETLINK_ROUTE), "rtnetlink") }

    /// Speaks nfnetlink: the tables of nft(8).
    package static func netfilter() throws(SyscallError) -> NetlinkSocket { try open(CInt(NETLINK_NETFILTER), "nfnetlink") }

    /// Speaks xfrm: the encryption of ip-xfrm(8).
    package static func transform() throws(SyscallError) -> NetlinkSocket { try open(CInt(NETLINK_XFRM), "xfrm") }

    private static func open(_ protocolNumber: CInt, _ family: String) throws(SyscallError) -> NetlinkSocket {
        let number = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), protocolNumber)
        if number < 0 { throw SyscallError("socket", family) }
        // Errors shall not carry the whole request back.
        var on: CInt = 1
        _ = setsockopt(number, SOL_NETLINK, NETLINK_CAP_ACK, &on, socklen_t(MemoryLayout<CInt>.size))
        return NetlinkSocket(file: FileDescriptor(owning: number), family: family)
    }

    private init(file: consuming FileDescriptor, family: String) {
        self.file = file
        self.family = family
    }

    /// Sends a request that answers with an acknowledgement only, and waits for that. Throws the kernel's error, on `subject`.
    mutating func perform(_ subject: @autoclosure () -> String, type: Int, flags: Int32 = 0, _ build: (inout NetlinkMessage) -> Void) throws(SyscallError) {
        let number = nextSequence()
        var message = NetlinkMessage(type: UInt16(truncatingIfNeeded: type), flags: UInt16(truncatingIfNeeded: NLM_F_ACK | flags), sequence: number)
        build(&message)
        try send(message.bytes)
        while true {
            for reply in NetlinkReply.all(in: try receive()) where reply.sequence == number {
                guard let code = reply.acknowledgement else { continue }
                if code != 0 { throw SyscallError(family, subject(), errno: Errno(rawValue: code)) }
                return
            }
        }
    }

    /// Sends a request and gives every message of the answer: of one object, or with `NLM_F_DUMP` of all.
    mutating func query(
        _ subject: @autoclosure () -> String, type: Int, flags: Int32 = 0, _ build: (inout NetlinkMessage) -> Void
    ) throws(SyscallError) -> [NetlinkReply] {
        // Something changed while the kernel was telling: what it told may be torn, and it is asked again. A busy host must not keep
        // that up for ever; the last answer then has to do.
        for attempt in 1...8 {
            let (replies, interrupted) = try ask(subject(), type: type, flags: flags, build)
            if !interrupted || attempt == 8 { return replies }
        }
        return []
    }

    private mutating func ask(
        _ subject: String, type: Int, flags: Int32, _ build: (inout NetlinkMessage) -> Void
    ) throws(SyscallError) -> (replies: [NetlinkReply], interrupted: Bool) {
        let number = nextSequence()
        let isDump = flags & NLM_F_DUMP == NLM_F_DUMP
        var message = NetlinkMessage(type: UInt16(truncatingIfNeeded: type), flags: UInt16(truncatingIfNeeded: isDump ? flags : flags | NLM_F_ACK), sequence: number)
        build(&message)
        try send(message.bytes)
        var replies: [NetlinkReply] = []
        var interrupted = false
        while true {
            for reply in NetlinkReply.all(in: try receive()) where reply.sequence == number {
                if reply.flags & UInt16(NLM_F_DUMP_INTR) != 0 { interrupted = true }
                if let code = reply.acknowledgement ?? reply.end {
                    if code != 0 { throw SyscallError(family, subject, errno: Errno(rawValue: code)) }
                    return (replies, interrupted)
                }
                replies.append(reply)
            }
        }
    }

    /// Sends several requests as one datagram, the last of which asks for an acknowledgement: it comes when all have been looked at.
    /// Gives the first error of any. For nfnetlink's batches.
    mutating func performAll(_ subject: @autoclosure () -> String, _ messages: [NetlinkMessage], first: UInt32, last: UInt32) throws(SyscallError) {
        let bytes = messages.flatMap(\.bytes)
        // A datagram must fit what the socket may hold, some 200 KiB at first. Where that cannot be raised, sending says so.
        if bytes.count > 1 << 16 {
            var room = CInt(clamping: bytes.count + 1 << 16)
            _ = setsockopt(file.rawValue, SOL_SOCKET, SO_SNDBUFFORCE, &room, socklen_t(MemoryLayout<CInt>.size))
        }
        try send(bytes)
        var failure: CInt = 0
        while true {
            for reply in NetlinkReply.all(in: try receive()) where (first...last).contains(reply.sequence) {
                guard let code = reply.acknowledgement else { continue }
                if failure == 0 { failure = code }
                // An error of the batch as a whole carries the number of its beginning.
                guard reply.sequence == last || reply.sequence == first else { continue }
                if failure != 0 { throw SyscallError(family, subject(), errno: Errno(rawValue: failure)) }
                return
            }
        }
    }

    /// A number that no earlier request had; `count` of them, the first of which is given.
    mutating func nextSequence(_ count: UInt32 = 1) -> UInt32 {
        // Never across the end of the numbers, so that a range of them is one.
        if sequence > UInt32.max - count - 1 { sequence = 0 }
        let first = sequence + 1
        sequence += count
        return first
    }

    private func send(_ bytes: [UInt8]) throws(SyscallError) {
        while true {
            // A socket without a peer sends to port 0: the kernel.
            let count = bytes.withUnsafeBytes { CLinux.send(file.rawValue, $0.baseAddress, $0.count, 0) }
            if count == bytes.count { return }
            if count >= 0 || Errno.current != .interrupted { throw SyscallError("send", family) }
        }
    }

    private func receive() throws(SyscallError) -> [UInt8] {
        let number = file.rawValue
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.limit) { space, length in
                count = recv(number, space.baseAddress, space.count, 0)
                length = max(0, count)
            }
            // The kernel always answers; an empty answer is not a conversation that can go on.
            if count > 0 { return bytes }
            if count == 0 { throw SyscallError("recv", family, errno: .inputOutput) }
            if Errno.current != .interrupted { throw SyscallError("recv", family) }
        }
    }
}
