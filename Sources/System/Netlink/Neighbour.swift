internal import CLinux
package import Linux
package import Values

extension NetlinkSocket {
    /// Says which hardware address has an IP address on a link, instead of what was known: ip-neighbour(8) `replace … nud stale`. The kernel
    /// uses it at once and asks again soon.
    package mutating func setNeighbour(_ address: IPAddress, _ mac: MACAddress, on link: Int32) throws(SyscallError) {
        try perform("set neighbour \(address)", type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE) { message in
            message.append(header(address.netlinkFamily, link, state: NUD_STALE, flags: 0))
            message.attribute(Int(NDA_DST), address.bytes)
            message.attribute(Int(NDA_LLADDR), mac.bytes)
        }
    }

    /// Says behind which port of its bridge a hardware address is, until the bridge learns better: bridge(8) `fdb replace … master dynamic`.
    package mutating func setForwarding(_ mac: MACAddress, port: Int32) throws(SyscallError) {
        try perform("set forwarding of \(mac)", type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE) { message in
            message.append(header(PF_BRIDGE, port, state: NUD_REACHABLE, flags: NTF_MASTER))
            message.attribute(Int(NDA_LLADDR), mac.bytes)
        }
    }

    /// Hosts to which a VXLAN link sends what has no known place: entries of the hardware address 0.
    package mutating func floodedPeers(of link: Int32) throws(SyscallError) -> [IPAddress] {
        // The kernel tells those of all interfaces: it takes this short header for one without an index to filter by.
        let replies = try query("list forwarding entries", type: RTM_GETNEIGH, flags: NLM_F_DUMP) { $0.append(header(PF_BRIDGE, 0, state: 0, flags: 0)) }
        return replies.compactMap { reply in
            guard reply.type == UInt16(RTM_NEWNEIGH), reply.payload.number(Int32.self, at: 4) == link else { return nil }
            let attributes = reply.attributes(after: MemoryLayout<ndmsg>.size)
            guard let mac = attributes.first(Int(NDA_LLADDR)), mac.allSatisfy({ $0 == 0 }), let peer = attributes.first(Int(NDA_DST)) else { return nil }
            return IPAddress(bytes: peer)
        }
    }

    /// Adds a host to those; `EEXIST` is right.
    package mutating func addFloodedPeer(_ peer: IPAddress, to link: Int32) throws(SyscallError) {
        try changeFlood(peer, link, type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_APPEND)
    }

    /// Takes a host away from those.
    package mutating func removeFloodedPeer(_ peer: IPAddress, from link: Int32) throws(SyscallError) {
        try changeFlood(peer, link, type: RTM_DELNEIGH, flags: 0)
    }

    private mutating func changeFlood(_ peer: IPAddress, _ link: Int32, type: Int, flags: Int32) throws(SyscallError) {
        try perform("flood to \(peer)", type: type, flags: flags) { message in
            message.append(header(PF_BRIDGE, link, state: NUD_PERMANENT, flags: NTF_SELF))
            message.attribute(Int(NDA_LLADDR), [0, 0, 0, 0, 0, 0])
            message.attribute(Int(NDA_DST), peer.bytes)
        }
    }
}

private func header(_ family: CInt, _ link: Int32, state: Int32, flags: Int32) -> ndmsg {
    var header = ndmsg()
    header.ndm_family = UInt8(truncatingIfNeeded: family)
    header.ndm_ifindex = link
    header.ndm_state = UInt16(truncatingIfNeeded: state)
    header.ndm_flags = UInt8(truncatingIfNeeded: flags)
    return header
}
