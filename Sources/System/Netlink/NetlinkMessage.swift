internal import CLinux

/// One request to the kernel, put together byte by byte: netlink(7)'s header, a family's own header, attributes.
///
/// All numbers are in the machine's byte order, as netlink has them, unless said otherwise. The length in the header is right at all times.
struct NetlinkMessage {
    private(set) var bytes: [UInt8]

    /// Request flags of netlink(7), beside `NLM_F_REQUEST`, which every request has.
    init(type: UInt16, flags: UInt16 = 0, sequence: UInt32) {
        bytes = []
        bytes.reserveCapacity(256)
        append(UInt32(0))
        append(type)
        append(UInt16(NLM_F_REQUEST) | flags)
        append(sequence)
        // The sender's port: 0, the kernel knows it.
        append(UInt32(0))
    }

    /// Appends a header or attribute value as the kernel lays it out. `T` must be a C structure or a number.
    mutating func append<T>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        setLength(UInt32(bytes.count), at: 0)
    }

    /// Appends what is laid out already, such as attributes that the kernel told.
    mutating func append(bytes more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends one attribute (rtnetlink(7) `struct rtattr`), padded to four bytes. At most 65,531 bytes.
    mutating func attribute(_ type: Int, _ value: some Collection<UInt8>) {
        nest(type, flag: 0) { $0.append(bytes: value) }
    }

    /// A number in the machine's byte order.
    mutating func attribute<T: FixedWidthInteger & BitwiseCopyable>(_ type: Int, number: T) {
        withUnsafeBytes(of: number) { attribute(type, $0) }
    }

    /// A number in the network's byte order, as nfnetlink and ports have them.
    mutating func attribute<T: FixedWidthInteger & BitwiseCopyable>(_ type: Int, bigEndian number: T) { attribute(type, number: number.bigEndian) }

    /// Text with the zero at its end that the kernel expects.
    mutating func attribute(_ type: Int, text: String) { attribute(type, Array(text.utf8) + [0]) }

    /// An attribute made of attributes.
    mutating func nest(_ type: Int, flag: UInt16 = UInt16(NLA_F_NESTED), _ body: (inout NetlinkMessage) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
        set(UInt16(truncatingIfNeeded: type) | flag, at: start + 2)
        body(&self)
        set(UInt16(clamping: bytes.count - start), at: start)
        while bytes.count % 4 != 0 { bytes.append(0) }
        setLength(UInt32(bytes.count), at: 0)
    }

    private mutating func setLength(_ length: UInt32, at offset: Int) {
        guard bytes.count >= 4 else { return }
        set(length, at: offset)
    }

    private mutating func set<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        withUnsafeBytes(of: value) { for (index, byte) in $0.enumerated() { bytes[offset + index] = byte } }
    }
}
