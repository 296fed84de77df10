internal import CLinux

/// One message from the kernel, cut out of a datagram. What is torn or too short is never read beyond its end.
struct NetlinkReply {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let payload: ArraySlice<UInt8>

    /// Every whole message of a datagram, in order. A header that does not fit what is left ends the list.
    static func all(in datagram: [UInt8]) -> [NetlinkReply] {
        var replies: [NetlinkReply] = []
        var rest = datagram[...]
        while let length = rest.number(UInt32.self, at: 0).map({ Int($0) }), length >= 16, length <= rest.count,
            let type = rest.number(UInt16.self, at: 4), let flags = rest.number(UInt16.self, at: 6), let sequence = rest.number(UInt32.self, at: 8)
        {
            replies.append(NetlinkReply(type: type, flags: flags, sequence: sequence, payload: rest.prefix(length).dropFirst(16)))
            rest = rest.dropFirst(padded(length))
        }
        return replies
    }

    /// For `NLMSG_ERROR`, which is also what success looks like: 0, or an errno(3). nil for other messages; `EIO` for a number out of range.
    var acknowledgement: CInt? {
        guard type == UInt16(NLMSG_ERROR) else { return nil }
        guard let code = payload.number(Int32.self, at: 0), code <= 0, code > -4096 else { return EIO }
        return -code
    }

    /// The end of a dump, with its errno(3).
    var end: CInt? {
        guard type == UInt16(NLMSG_DONE) else { return nil }
        guard let code = payload.number(Int32.self, at: 0), code < 0, code > -4096 else { return 0 }
        return -code
    }

    /// What follows the family's own header of `length` bytes.
    func attributes(after length: Int) -> NetlinkAttributes { NetlinkAttributes(payload.dropFirst(padded(length))) }
}

/// A list of attributes, read in order.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next attribute's type, without its flags, and its value. A length that does not fit ends the list.
    mutating func next() -> (type: Int, value: ArraySlice<UInt8>)? {
        guard let length = rest.number(UInt16.self, at: 0).map({ Int($0) }), length >= 4, length <= rest.count, let type = rest.number(UInt16.self, at: 2)
        else { return nil }
        let value = rest.prefix(length).dropFirst(4)
        rest = rest.dropFirst(padded(length))
        return (Int(type & 0x3fff), value)
    }

    /// The value of the first attribute of this type.
    func first(_ type: Int) -> ArraySlice<UInt8>? { first { $0.type == type }?.value }

    /// The attributes in the first one of this type; empty without one.
    func nested(_ type: Int) -> NetlinkAttributes { NetlinkAttributes(first(type) ?? []) }

    func text(_ type: Int) -> String? { first(type).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } }
    func number<T: FixedWidthInteger & BitwiseCopyable>(_ type: Int, as kind: T.Type = T.self) -> T? { first(type)?.number(kind, at: 0) }
}

private func padded(_ length: Int) -> Int { (length + 3) & ~3 }

extension ArraySlice<UInt8> {
    /// A number in the machine's byte order; nil beyond the end.
    func number<T: FixedWidthInteger & BitwiseCopyable>(_ kind: T.Type, at offset: Int) -> T? {
        guard count >= offset + MemoryLayout<T>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: kind) }
    }

    /// A C structure as the kernel lays it out, at the beginning, given an empty one; nil when it is cut off.
    func structure<T>(_ empty: T) -> T? {
        guard count >= MemoryLayout<T>.size else { return nil }
        var value = empty
        Swift.withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: prefix($0.count)) }
        return value
    }
}
