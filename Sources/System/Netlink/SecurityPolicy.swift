internal import CLinux
package import Linux
package import Values

/// Which UDP datagrams must be encrypted, or may not pass at all: ip-xfrm(8) `policy`.
package struct SecurityPolicy: Sendable, Hashable {
    package enum Direction: UInt8, Sendable {
        case incoming = 0
        case outgoing = 1
    }

    package var direction: Direction
    package var family: IPAddress.Family
    /// The two hosts whose datagrams pass encrypted; nil for all hosts, whose datagrams do not pass.
    package var ends: Ends?
    /// Where the datagrams go.
    package var port: UInt16
    /// Of the associations that encrypt them; marks those that let nothing pass, too.
    package var request: UInt32

    package struct Ends: Sendable, Hashable {
        package var source: IPAddress
        package var destination: IPAddress

        package init(from source: IPAddress, to destination: IPAddress) {
            self.source = source
            self.destination = destination
        }
    }

    package init(_ direction: Direction, _ family: IPAddress.Family, _ ends: Ends?, port: UInt16, request: UInt32) {
        self.direction = direction
        self.family = family
        self.ends = ends
        self.port = port
        self.request = request
    }

    init?(_ reply: NetlinkReply) {
        guard reply.type == UInt16(XFRM_MSG_NEWPOLICY), let info = reply.payload.structure(xfrm_userpolicy_info()),
            let family = IPAddress.Family(netlink: info.sel.family), let direction = Direction(rawValue: info.dir),
            let template = reply.attributes(after: MemoryLayout<xfrm_userpolicy_info>.size).first(Int(XFRMA_TMPL.rawValue))?.structure(xfrm_user_tmpl())
        else { return nil }
        let isBlock = info.action == UInt8(XFRM_POLICY_BLOCK)
        let ends = isBlock ? nil : Ends(from: IPAddress(info.sel.saddr, family), to: IPAddress(info.sel.daddr, family))
        self.init(direction, family, ends, port: UInt16(bigEndian: info.sel.dport), request: template.reqid)
    }

    private var selector: xfrm_selector {
        var selector = xfrm_selector()
        selector.family = UInt16(family.netlink)
        selector.proto = UInt8(IPPROTO_UDP)
        selector.dport = port.bigEndian
        selector.dport_mask = .max
        if let ends {
            (selector.saddr, selector.daddr) = (ends.source.transform, ends.destination.transform)
            (selector.prefixlen_s, selector.prefixlen_d) = (UInt8(clamping: family.bits), UInt8(clamping: family.bits))
        }
        return selector
    }

    func append(to message: inout NetlinkMessage) {
        var info = xfrm_userpolicy_info()
        info.sel = selector
        info.lft = .endless
        info.dir = direction.rawValue
        info.action = UInt8(ends == nil ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW)
        // The lower number is looked at first.
        info.priority = ends == nil ? 2000 : 1000
        message.append(info)
        var template = xfrm_user_tmpl()
        template.id.proto = UInt8(IPPROTO_ESP)
        template.family = UInt16(family.netlink)
        template.mode = UInt8(XFRM_MODE_TRANSPORT)
        template.reqid = request
        // Whatever algorithm the association has.
        (template.aalgos, template.ealgos, template.calgos) = (.max, .max, .max)
        if let ends { (template.saddr, template.id.daddr) = (ends.source.transform, ends.destination.transform) }
        message.nest(Int(XFRMA_TMPL.rawValue), flag: 0) { $0.append(template) }
    }

    func appendIdentity(to message: inout NetlinkMessage) {
        var identity = xfrm_userpolicy_id()
        identity.sel = selector
        identity.dir = direction.rawValue
        message.append(identity)
    }
}

extension NetlinkSocket {
    /// The policies of this request number.
    package mutating func policies(_ request: UInt32) throws(SyscallError) -> [SecurityPolicy] {
        try query("list security policies", type: Int(XFRM_MSG_GETPOLICY), flags: NLM_F_DUMP) { _ in }
            .compactMap(SecurityPolicy.init).filter { $0.request == request }
    }

    /// Makes one, or makes it again.
    package mutating func add(_ policy: SecurityPolicy) throws(SyscallError) {
        try perform("demand encryption on port \(policy.port)", type: Int(XFRM_MSG_UPDPOLICY)) { policy.append(to: &$0) }
    }

    /// Takes one away.
    package mutating func remove(_ policy: SecurityPolicy) throws(SyscallError) {
        try perform("demand no more encryption on port \(policy.port)", type: Int(XFRM_MSG_DELPOLICY)) { policy.appendIdentity(to: &$0) }
    }
}
