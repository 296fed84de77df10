internal import CLinux
package import Linux
package import Values

/// A route of the main table to somewhere else.
package struct Route: Sendable, Hashable {
    /// nil for a default route.
    package var destination: IPPrefix?
    package var family: IPAddress.Family
    /// nil for what is reached directly.
    package var gateway: IPAddress?
    /// Index of the interface; 0 for routes with several.
    package var link: Int32

    init?(_ reply: NetlinkReply) {
        guard reply.type == UInt16(RTM_NEWROUTE), let family = reply.payload.first, let length = reply.payload.number(UInt8.self, at: 1),
            let table = reply.payload.number(UInt8.self, at: 4), let kind = reply.payload.number(UInt8.self, at: 7),
            table == UInt8(RT_TABLE_MAIN.rawValue), kind == UInt8(RTN_UNICAST)
        else { return nil }
        self.family = CInt(family) == AF_INET6 ? .v6 : .v4
        let attributes = reply.attributes(after: MemoryLayout<rtmsg>.size)
        if length > 0 {
            guard let bytes = attributes.first(Int(RTA_DST.rawValue)), let address = IPAddress(bytes: bytes), let prefix = IPPrefix(address, length: Int(length)) else {
                return nil
            }
            destination = prefix
        }
        gateway = attributes.first(Int(RTA_GATEWAY.rawValue)).flatMap { IPAddress(bytes: $0) }
        link = attributes.number(Int(RTA_OIF.rawValue)) ?? 0
    }
}

extension NetlinkSocket {
    /// Every route of the main table of both families.
    package mutating func routes() throws(SyscallError) -> [Route] {
        try query("list routes", type: RTM_GETROUTE, flags: NLM_F_DUMP) { $0.append(rtmsg()) }.compactMap(Route.init)
    }

    /// Makes a default route by an interface. A gateway that no address of the interface is beside is taken to be on the link all the same;
    /// an unspecified one (`0.0.0.0`, `::`) stands for the link alone. `EEXIST` when there is one.
    package mutating func addDefaultRoute(_ gateway: IPAddress, by link: Int32) throws(SyscallError) {
        try perform("add default route by \(gateway)", type: RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_EXCL) { message in
            var header = defaultRoute(gateway.family)
            header.rtm_protocol = UInt8(RTPROT_BOOT)
            header.rtm_scope = gateway.isUnspecified && gateway.family == .v4 ? UInt8(RT_SCOPE_LINK.rawValue) : UInt8(RT_SCOPE_UNIVERSE.rawValue)
            if !gateway.isUnspecified { header.rtm_flags = UInt32(RTNH_F_ONLINK) }
            message.append(header)
            if !gateway.isUnspecified { message.attribute(Int(RTA_GATEWAY.rawValue), gateway.bytes) }
            message.attribute(Int(RTA_OIF.rawValue), number: link)
        }
    }

    /// Takes away one default route of the family; throws `ESRCH` when there is none.
    package mutating func removeDefaultRoute(_ family: IPAddress.Family) throws(SyscallError) {
        try perform("remove default route", type: RTM_DELROUTE) { message in
            var header = defaultRoute(family)
            header.rtm_scope = UInt8(RT_SCOPE_NOWHERE.rawValue)
            message.append(header)
        }
    }
}

private func defaultRoute(_ family: IPAddress.Family) -> rtmsg {
    var header = rtmsg()
    header.rtm_family = UInt8(truncatingIfNeeded: family == .v4 ? AF_INET : AF_INET6)
    header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
    header.rtm_type = UInt8(RTN_UNICAST)
    return header
}
