internal import CLinux
package import Linux
package import Values

/// A flow that the kernel keeps account of, so that its packets are translated alike: an entry of conntrack(8).
package struct TrackedFlow: Sendable, Hashable {
    /// IPPROTO_*.
    package var transport: UInt8
    /// Whom its first packet was sent to.
    package var destination: Endpoint
    /// Who answers: the same unless the destination was translated.
    package var answerer: Endpoint
    /// Its name among the kernel's: `CTA_TUPLE_ORIG` as it came.
    var tuple: [UInt8]

    init?(_ attributes: NetlinkAttributes) {
        guard let tuple = attributes.first(Int(CTA_TUPLE_ORIG.rawValue)),
            let original = Self.read(NetlinkAttributes(tuple), port: CTA_PROTO_DST_PORT, v4: CTA_IP_V4_DST, v6: CTA_IP_V6_DST),
            let reply = Self.read(
                attributes.nested(Int(CTA_TUPLE_REPLY.rawValue)), port: CTA_PROTO_SRC_PORT, v4: CTA_IP_V4_SRC, v6: CTA_IP_V6_SRC)
        else { return nil }
        self.tuple = Array(tuple)
        transport = original.transport
        destination = original.endpoint
        answerer = reply.endpoint
    }

    /// One end of a tuple; nil for protocols without ports.
    private static func read(
        _ tuple: NetlinkAttributes, port: ctattr_l4proto, v4: ctattr_ip, v6: ctattr_ip
    ) -> (transport: UInt8, endpoint: Endpoint)? {
        let ip = tuple.nested(Int(CTA_TUPLE_IP.rawValue)), proto = tuple.nested(Int(CTA_TUPLE_PROTO.rawValue))
        guard let bytes = ip.first(Int(v4.rawValue)) ?? ip.first(Int(v6.rawValue)), let address = IPAddress(bytes: bytes),
            let transport: UInt8 = proto.number(Int(CTA_PROTO_NUM.rawValue)), let number: UInt16 = proto.number(Int(port.rawValue))
        else { return nil }
        return (transport, Endpoint(address, UInt16(bigEndian: number)))
    }
}

extension NetlinkSocket {
    /// Every flow of a family; of a busy host these are many.
    package mutating func trackedFlows(_ family: IPAddress.Family) throws(SyscallError) -> [TrackedFlow] {
        try query("list flows", type: flowType(IPCTNL_MSG_CT_GET), flags: NLM_F_DUMP) { $0.append(header(number(family))) }
            .compactMap { TrackedFlow($0.attributes(after: MemoryLayout<nfgenmsg>.size)) }
    }

    /// Forgets a flow: its next packet is taken for the first of a new one. One that is gone already is right.
    package mutating func forget(_ flow: TrackedFlow) throws(SyscallError) {
        do throws(SyscallError) {
            try perform("forget flow to \(flow.destination)", type: flowType(IPCTNL_MSG_CT_DELETE)) { message in
                message.append(header(number(flow.destination.address.family)))
                message.nest(Int(CTA_TUPLE_ORIG.rawValue)) { $0.append(bytes: flow.tuple) }
            }
        } catch  where error.errno == .noEntry {}
    }
}

private func flowType(_ message: cntl_msg_types) -> Int { Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(message.rawValue) }
private func number(_ family: IPAddress.Family) -> UInt8 { UInt8(family == .v4 ? AF_INET : AF_INET6) }
