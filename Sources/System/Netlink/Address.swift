internal import CLinux
package import Linux
package import Values

/// An address of an interface.
package struct InterfaceAddress: Sendable, Hashable {
    package var link: Int32
    package var prefix: IPPrefix

    init?(_ reply: NetlinkReply) {
        guard reply.type == UInt16(RTM_NEWADDR), let family = reply.payload.first, let length = reply.payload.number(UInt8.self, at: 1),
            let link = reply.payload.number(UInt32.self, at: 4)
        else { return nil }
        let attributes = reply.attributes(after: MemoryLayout<ifaddrmsg>.size)
        // Of a point-to-point link `IFA_ADDRESS` is the other end.
        guard let bytes = attributes.first(Int(IFA_LOCAL)) ?? attributes.first(Int(IFA_ADDRESS)), let address = IPAddress(bytes: bytes),
            address.netlinkFamily == CInt(family), let prefix = IPPrefix(address, length: Int(length))
        else { return nil }
        self.link = Int32(bitPattern: link)
        self.prefix = prefix
    }
}

extension IPAddress {
    /// `AF_INET` or `AF_INET6`.
    var netlinkFamily: CInt { family.netlink }
}

extension NetlinkSocket {
    /// Every address of the namespace.
    package mutating func addresses() throws(SyscallError) -> [InterfaceAddress] {
        try query("list addresses", type: RTM_GETADDR, flags: NLM_F_DUMP) { $0.append(ifaddrmsg()) }.compactMap(InterfaceAddress.init)
    }

    /// Gives an interface an address, at once usable: IPv6 does not look for duplicates first. `EEXIST` when it has it.
    package mutating func add(_ prefix: IPPrefix, to link: Int32) throws(SyscallError) {
        try perform("add address \(prefix)", type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL) { message in
            message.append(header(prefix, link))
            message.attribute(Int(IFA_LOCAL), prefix.address.bytes)
            message.attribute(Int(IFA_ADDRESS), prefix.address.bytes)
            if prefix.address.family == .v4, prefix.length < 31 { message.attribute(Int(IFA_BROADCAST), prefix.last.bytes) }
            if prefix.address.family == .v6 { message.attribute(Int(IFA_FLAGS), number: UInt32(IFA_F_NODAD)) }
        }
    }

    /// Takes an address away.
    package mutating func remove(_ prefix: IPPrefix, from link: Int32) throws(SyscallError) {
        try perform("remove address \(prefix)", type: RTM_DELADDR) { message in
            message.append(header(prefix, link))
            message.attribute(Int(IFA_LOCAL), prefix.address.bytes)
        }
    }
}

private func header(_ prefix: IPPrefix, _ link: Int32) -> ifaddrmsg {
    var header = ifaddrmsg()
    header.ifa_family = UInt8(truncatingIfNeeded: prefix.address.netlinkFamily)
    header.ifa_prefixlen = UInt8(truncatingIfNeeded: prefix.length)
    header.ifa_index = UInt32(bitPattern: link)
    return header
}
