internal import CLinux

/// One request to the kernel, put together byte by byte: netlink(7)'s header, a family's own header, attributes.
///
/// All numbers are in the machine's byte order, as netlink has them. The length in the header is right at all times.
struct NetlinkMessage {
    private(set) var bytes: [UInt8]

    /// Request flags of netlink(7), beside `NLM_F_REQUEST` and `NLM_F_ACK`, which every request here has.
    init(type: UInt16, flags: UInt16 = 0, sequence: UInt32) {
        bytes = []
        bytes.reserveCapacity(128)
        append(UInt32(0))
        append(type)
        append(UInt16(NLM_F_REQUEST | NLM_F_ACK) | flags)
        append(sequence)
        // The sender's port: 0, the kernel knows it.
        append(UInt32(0))
        setLength()
    }

    /// Appends a header or attribute value as the kernel lays it out. `T` must be a C structure or a number.
    mutating func append<T: BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        setLength()
    }

    /// Appends one attribute (rtnetlink(7) `struct rtattr`), padded to four bytes.
    mutating func attribute(_ type: UInt16, _ value: some Collection<UInt8>) {
        append(UInt16(4 + value.count))
        append(type)
        bytes.append(contentsOf: value)
        while bytes.count % 4 != 0 { bytes.append(0) }
        setLength()
    }

    private mutating func setLength() {
        guard bytes.count >= 4 else { return }
        let length = UInt32(bytes.count)
        withUnsafeBytes(of: length) { for (index, byte) in $0.enumerated() { bytes[index] = byte } }
    }
}

/// What the kernel answered to one request.
struct NetlinkAcknowledgement: Equatable {
    /// The request that is answered.
    var sequence: UInt32
    /// 0 when it was done, else an errno(3).
    var errno: CInt

    /// Reads an `NLMSG_ERROR` message, which is also what success looks like; nil for any other or a torn one.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let header = MemoryLayout<nlmsghdr>.size
        guard bytes.count >= header + 4 else { return nil }
        guard bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self) == UInt16(NLMSG_ERROR) else { return nil }
        sequence = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        let code = bytes.loadUnaligned(fromByteOffset: header, as: Int32.self)
        guard code <= 0, code > -4096 else { return nil }
        errno = -code
    }
}
