internal import CLinux
package import Linux
package import Values

/// An interface to make.
package struct NewLink: Sendable {
    /// The kinds of ip-link(8) that Davit makes, with what each needs to know.
    package enum Kind: Sendable {
        case bridge
        /// `peer`: the other end, which is made in `namespace` of the request.
        case veth(peer: String, peerMAC: MACAddress?)
        case vxlan(identifier: UInt32, local: IPAddress?, port: UInt16)
        /// `mode`: `MACVLAN_MODE_*`.
        case macvlan(parent: Int32, mode: UInt32)
        /// `mode` and `flag`: `IPVLAN_MODE_*`, `IPVLAN_F_*`.
        case ipvlan(parent: Int32, mode: UInt16, flag: UInt16)
        case vlan(parent: Int32, identifier: UInt16)
        case dummy

        /// As the kernel and ip-link(8) call it.
        package var name: String {
            switch self {
            case .bridge: "bridge"
            case .veth: "veth"
            case .vxlan: "vxlan"
            case .macvlan: "macvlan"
            case .ipvlan: "ipvlan"
            case .vlan: "vlan"
            case .dummy: "dummy"
            }
        }
    }

    package var name: String
    package var kind: Kind
    package var mac: MACAddress?
    /// Bytes; 0 leaves the kernel's. Of a veth pair: of both ends.
    package var mtu = 0
    /// Index of the bridge it becomes a port of; 0 for none.
    package var master: Int32 = 0
    /// Group number, by which rules can tell interfaces.
    package var group: UInt32 = 0

    package init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

extension NetlinkSocket {
    /// Makes an interface, down. It is in this socket's namespace, or in `namespace`: of a veth pair, only the peer is there. Throws `EEXIST`
    /// when the name is taken, `EOPNOTSUPP` when the kernel has no such kind.
    package mutating func make(_ link: NewLink, in namespace: borrowing FileDescriptor) throws(SyscallError) {
        try make(link, namespace: namespace.rawValue)
    }

    /// The same in this socket's namespace.
    package mutating func make(_ link: NewLink) throws(SyscallError) { try make(link, namespace: nil) }

    private mutating func make(_ link: NewLink, namespace: CInt?) throws(SyscallError) {
        try perform("make interface \(link.name)", type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL) { link.append(to: &$0, namespace: namespace) }
    }
}

extension NewLink {
    func append(to message: inout NetlinkMessage, namespace: CInt?) {
        message.append(ifinfomsg())
        message.attribute(Int(IFLA_IFNAME), text: name)
        if mtu > 0 { message.attribute(Int(IFLA_MTU), number: UInt32(clamping: mtu)) }
        if let mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
        if master != 0 { message.attribute(Int(IFLA_MASTER), number: master) }
        if group != 0 { message.attribute(Int(IFLA_GROUP), number: group) }
        if case .veth = kind { appendQueues(to: &message) }
        switch kind {
        case .macvlan(let parent, _), .ipvlan(let parent, _, _), .vlan(let parent, _):
            message.attribute(Int(IFLA_LINK), number: parent)
            if let namespace { message.attribute(Int(IFLA_NET_NS_FD), number: UInt32(bitPattern: namespace)) }
        default: break
        }
        message.nest(Int(IFLA_LINKINFO)) { message in
            message.attribute(Int(IFLA_INFO_KIND), text: kind.name)
            message.nest(Int(IFLA_INFO_DATA)) { appendData(to: &$0, namespace) }
        }
    }

    /// One each way. A pair passes packets on within the call that sends them, and gets by itself as many queues as there are processors, for
    /// programs of XDP: each is a directory of sysfs, which takes longer to make than all the rest.
    private func appendQueues(to message: inout NetlinkMessage) {
        message.attribute(Int(IFLA_NUM_TX_QUEUES), number: UInt32(1))
        message.attribute(Int(IFLA_NUM_RX_QUEUES), number: UInt32(1))
    }

    private func appendData(to message: inout NetlinkMessage, _ namespace: CInt?) {
        switch kind {
        case .bridge, .dummy: break
        case .veth(let peer, let mac):
            message.nest(Int(VETH_INFO_PEER)) { message in
                message.append(ifinfomsg())
                message.attribute(Int(IFLA_IFNAME), text: peer)
                if mtu > 0 { message.attribute(Int(IFLA_MTU), number: UInt32(clamping: mtu)) }
                if let mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
                if let namespace { message.attribute(Int(IFLA_NET_NS_FD), number: UInt32(bitPattern: namespace)) }
                appendQueues(to: &message)
            }
        case .vxlan(let identifier, let local, let port):
            message.attribute(Int(IFLA_VXLAN_ID), number: identifier)
            message.attribute(Int(IFLA_VXLAN_PORT), bigEndian: port)
            message.attribute(Int(IFLA_VXLAN_LEARNING), [1])
            if let local { message.attribute(Int(local.family == .v4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6), local.bytes) }
        case .macvlan(_, let mode): message.attribute(Int(IFLA_MACVLAN_MODE), number: mode)
        case .ipvlan(_, let mode, let flag):
            message.attribute(Int(IFLA_IPVLAN_MODE), number: mode)
            message.attribute(Int(IFLA_IPVLAN_FLAGS), number: flag)
        case .vlan(_, let identifier): message.attribute(Int(IFLA_VLAN_ID), number: identifier)
        }
    }
}
