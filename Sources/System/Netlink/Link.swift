internal import CLinux
package import Linux
package import Values

/// A network interface as the kernel describes it: `RTM_NEWLINK` of rtnetlink(7).
package struct LinkDescription: Sendable, Hashable {
    package var index: Int32
    package var name: String
    /// As in ip-link(8): `bridge`, `veth`; empty for hardware and `lo`.
    package var kind = ""
    package var isUp: Bool
    /// It has a carrier and the kernel has taken that in: packets pass.
    package var isRunning: Bool
    package var mtu = 0
    package var mac: MACAddress?
    package var master: Int32 = 0
    package var parent: Int32 = 0
    package var alias = ""
    /// Group number, 0 unless somebody set it.
    package var group: UInt32 = 0

    init?(_ reply: NetlinkReply) {
        guard reply.type == UInt16(RTM_NEWLINK), let index = reply.payload.number(Int32.self, at: 4), let flags = reply.payload.number(UInt32.self, at: 8)
        else { return nil }
        let attributes = reply.attributes(after: MemoryLayout<ifinfomsg>.size)
        guard let name = attributes.text(Int(IFLA_IFNAME)) else { return nil }
        self.index = index
        self.name = name
        isUp = flags & UInt32(IFF_UP.rawValue) != 0
        isRunning = flags & UInt32(IFF_LOWER_UP.rawValue) != 0 && attributes.number(Int(IFLA_OPERSTATE), as: UInt8.self) != 2
        for (type, value) in attributes {
            switch type {
            case Int(IFLA_MTU): mtu = Int(value.number(UInt32.self, at: 0) ?? 0)
            case Int(IFLA_ADDRESS) where value.count == 6: mac = MACAddress(value: value.reduce(0) { $0 << 8 | UInt64($1) })
            case Int(IFLA_MASTER): master = value.number(Int32.self, at: 0) ?? 0
            case Int(IFLA_LINK): parent = value.number(Int32.self, at: 0) ?? 0
            case Int(IFLA_GROUP): group = value.number(UInt32.self, at: 0) ?? 0
            case Int(IFLA_IFALIAS): alias = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            case Int(IFLA_LINKINFO): kind = NetlinkAttributes(value).text(Int(IFLA_INFO_KIND)) ?? ""
            default: break
            }
        }
    }
}

/// What is to be different about an interface that is there; nil leaves a thing as it is.
package struct LinkChange: Sendable {
    /// While it is down. Throws `EEXIST` when another interface of the namespace has it.
    package var name: String?
    package var isUp: Bool?
    package var mtu: Int?
    package var mac: MACAddress?
    package var master: Int32?
    package var alias: String?
    /// Of a bridge's port: frames may leave by the port that they came in by.
    package var hairpin: Bool?
    /// Of a bridge's port: it reaches the bridge itself but no other port that has this set.
    package var isIsolated: Bool?
    /// Whether the interface makes an IPv6 address for itself when it comes up.
    package var makesLinkLocal: Bool?

    package init() {}
}

extension NetlinkSocket {
    /// Every interface of the namespace.
    package mutating func links() throws(SyscallError) -> [LinkDescription] {
        try query("list interfaces", type: RTM_GETLINK, flags: NLM_F_DUMP) { $0.append(ifinfomsg()) }.compactMap(LinkDescription.init)
    }

    /// One by its name; nil when there is none.
    package mutating func link(_ name: String) throws(SyscallError) -> LinkDescription? {
        guard isLinkName(name) else { return nil }
        do throws(SyscallError) {
            let replies = try query("get interface \(name)", type: RTM_GETLINK) { message in
                message.append(ifinfomsg())
                message.attribute(Int(IFLA_IFNAME), text: name)
            }
            return replies.lazy.compactMap(LinkDescription.init).first
        } catch  where error.errno == .noDevice { return nil }
    }

    /// Whether packets pass an interface; asking makes kernels from 6.8 on finish what they have begun to bring that about.
    package mutating func linkIsRunning(_ index: Int32) throws(SyscallError) -> Bool {
        let replies = try query("get interface \(index)", type: RTM_GETLINK) { message in
            var header = ifinfomsg()
            header.ifi_index = index
            message.append(header)
        }
        return replies.lazy.compactMap(LinkDescription.init).first?.isRunning ?? false
    }

    /// Changes an interface that is there. One without IPv6 (with an MTU below 1280, or a kernel without it) makes no address for itself anyway.
    package mutating func change(link index: Int32, _ change: LinkChange) throws(SyscallError) {
        do throws(SyscallError) { try apply(change, to: index) } catch {
            guard error.errno == .addressFamilyNotSupported, change.makesLinkLocal != nil else { throw error }
            var change = change
            change.makesLinkLocal = nil
            try apply(change, to: index)
        }
    }

    private mutating func apply(_ change: LinkChange, to index: Int32) throws(SyscallError) {
        try perform("change interface \(index)", type: RTM_NEWLINK) { message in
            var header = ifinfomsg()
            header.ifi_index = index
            if let isUp = change.isUp {
                header.ifi_change = UInt32(IFF_UP.rawValue)
                header.ifi_flags = isUp ? UInt32(IFF_UP.rawValue) : 0
            }
            message.append(header)
            if let name = change.name { message.attribute(Int(IFLA_IFNAME), text: name) }
            if let mtu = change.mtu { message.attribute(Int(IFLA_MTU), number: UInt32(clamping: mtu)) }
            if let mac = change.mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
            if let master = change.master { message.attribute(Int(IFLA_MASTER), number: master) }
            if let alias = change.alias { message.attribute(Int(IFLA_IFALIAS), Array(alias.utf8.prefix(255))) }
            if change.hairpin != nil || change.isIsolated != nil {
                message.nest(Int(IFLA_LINKINFO)) { message in
                    message.attribute(Int(IFLA_INFO_SLAVE_KIND), text: "bridge")
                    message.nest(Int(IFLA_INFO_SLAVE_DATA)) { message in
                        if let on = change.hairpin { message.attribute(Int(IFLA_BRPORT_MODE), [on ? 1 : 0]) }
                        if let on = change.isIsolated { message.attribute(Int(IFLA_BRPORT_ISOLATED), [on ? 1 : 0]) }
                    }
                }
            }
            if let on = change.makesLinkLocal {
                message.nest(Int(IFLA_AF_SPEC)) { message in
                    message.nest(Int(AF_INET6)) { $0.attribute(Int(IFLA_INET6_ADDR_GEN_MODE), [on ? 0 : 1]) }
                }
            }
        }
    }

    /// Takes an interface away. Of a veth pair both ends go; the kernel takes some ten milliseconds for it.
    package mutating func removeLink(_ index: Int32) throws(SyscallError) {
        try perform("remove interface \(index)", type: RTM_DELLINK) { message in
            var header = ifinfomsg()
            header.ifi_index = index
            message.append(header)
        }
    }

    /// Sets an interface up; already up is right. Needs CAP_NET_ADMIN in the namespace's owner.
    package mutating func setUp(interface index: Int32) throws(SyscallError) {
        var up = LinkChange()
        up.isUp = true
        try change(link: index, up)
    }
}

/// Whether the kernel can have an interface of that name: 1 to 15 bytes, no slash, colon or white space.
package func isLinkName(_ name: String) -> Bool {
    (1...15).contains(name.utf8.count) && name != "." && name != ".." && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x2f && $0 != 0x3a && $0 != 0x7f }
}

/// The loopback interface, which every network namespace is born with and which is down at first.
package enum Loopback {
    /// The kernel gives `lo` this index in every namespace (`LOOPBACK_IFINDEX` of linux/net.h's kernel side), before anything else.
    package static let index: CInt = 1

    /// Sets `lo` up in the network namespace of the calling thread; the kernel then gives it 127.0.0.1/8 and ::1 by itself.
    /// The socket it needs is opened and closed here.
    package static func bringUp() throws(SyscallError) {
        var socket = try NetlinkSocket.route()
        try socket.setUp(interface: index)
    }
}
