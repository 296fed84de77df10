internal import CLinux
package import Linux
package import Values

extension NetlinkSocket {
    /// Has one port of a local IPv4 address answer under the number of another, for UDP and TCP, in the network namespace of this socket:
    /// what its own programs send to `address:shown` arrives at `address:bound`, and what comes from there seems to come from `shown`.
    /// So `shown` stays free for others to bind, on this address and on `0.0.0.0`.
    ///
    /// Four rules of nf_tables in the chain `names` of the table `ip davit`, which only write other numbers into packets: no connections
    /// are tracked for it. Throws what the kernel says that has no nf_tables, or `EEXIST` when the table is there.
    package mutating func disguise(_ address: IPAddress, bound: UInt16, as shown: UInt16) throws(SyscallError) {
        let first = nextSequence(8)
        var messages = [batchMark(NFNL_MSG_BATCH_BEGIN, first)]
        func add(_ type: NFTMessage, _ flags: Int32, _ build: (inout NetlinkMessage) -> Void) {
            var message = NetlinkMessage(
                type: tablesType(type.rawValue), flags: UInt16(truncatingIfNeeded: flags), sequence: first + UInt32(messages.count))
            message.append(header(Self.v4))
            build(&message)
            messages.append(message)
        }
        add(.newTable, NLM_F_CREATE | NLM_F_EXCL) { $0.attribute(Int(NFTA_TABLE_NAME.rawValue), text: Self.table) }
        add(.newChain, NLM_F_CREATE) { message in
            message.attribute(Int(NFTA_CHAIN_TABLE.rawValue), text: Self.table)
            message.attribute(Int(NFTA_CHAIN_NAME.rawValue), text: Self.chain)
            message.attribute(Int(NFTA_CHAIN_TYPE.rawValue), text: "filter")
            message.nest(Int(NFTA_CHAIN_HOOK.rawValue)) { message in
                message.attribute(Int(NFTA_HOOK_HOOKNUM.rawValue), bigEndian: Self.outputHook)
                message.attribute(Int(NFTA_HOOK_PRIORITY.rawValue), bigEndian: Self.rawPriority)
            }
        }
        let steps: [(offset: UInt32, portOffset: UInt32, from: UInt16, to: UInt16)] = [(16, 2, shown, bound), (12, 0, bound, shown)]
        for (protocolNumber, checksum) in [(UInt8(IPPROTO_UDP), UInt32(6)), (UInt8(IPPROTO_TCP), UInt32(16))] {
            for (index, step) in steps.enumerated() {
                let isLast = protocolNumber == UInt8(IPPROTO_TCP) && index == 1
                add(.newRule, NLM_F_CREATE | NLM_F_APPEND | (isLast ? NLM_F_ACK : 0)) { message in
                    message.attribute(Int(NFTA_RULE_TABLE.rawValue), text: Self.table)
                    message.attribute(Int(NFTA_RULE_CHAIN.rawValue), text: Self.chain)
                    message.nest(Int(NFTA_RULE_EXPRESSIONS.rawValue)) { message in
                        message.expression("meta") { message in
                            message.attribute(Int(NFTA_META_KEY.rawValue), bigEndian: UInt32(NFT_META_L4PROTO.rawValue))
                            message.attribute(Int(NFTA_META_DREG.rawValue), bigEndian: UInt32(NFT_REG_1.rawValue))
                        }
                        message.compare([protocolNumber])
                        message.load(UInt32(NFT_PAYLOAD_NETWORK_HEADER.rawValue), step.offset, 4)
                        message.compare(address.bytes)
                        message.load(UInt32(NFT_PAYLOAD_TRANSPORT_HEADER.rawValue), step.portOffset, 2)
                        message.compare([UInt8(step.from >> 8), UInt8(step.from & 255)])
                        message.writePort(step.to, step.portOffset, checksum: checksum)
                    }
                }
            }
        }
        let last = first + UInt32(messages.count) - 1
        messages.append(batchMark(NFNL_MSG_BATCH_END, last + 1))
        try performAll("table ip \(Self.table)", messages, first: first, last: last)
    }

    private static let table = "davit"
    private static let chain = "names"
    /// `NFPROTO_IPV4`, `NF_INET_LOCAL_OUT` and `NF_IP_PRI_RAW` of linux/netfilter.h and linux/netfilter_ipv4.h.
    private static let v4: UInt8 = 2
    private static let outputHook: UInt32 = 3
    private static let rawPriority: Int32 = -300
}

/// Expressions of rules, which work on the first register.
extension NetlinkMessage {
    fileprivate mutating func expression(_ name: String, _ body: (inout NetlinkMessage) -> Void) {
        nest(Int(NFTA_LIST_ELEM.rawValue)) { message in
            message.attribute(Int(NFTA_EXPR_NAME.rawValue), text: name)
            message.nest(Int(NFTA_EXPR_DATA.rawValue), body)
        }
    }

    fileprivate mutating func load(_ base: UInt32, _ offset: UInt32, _ length: UInt32) {
        expression("payload") { message in
            message.attribute(Int(NFTA_PAYLOAD_DREG.rawValue), bigEndian: UInt32(NFT_REG_1.rawValue))
            message.attribute(Int(NFTA_PAYLOAD_BASE.rawValue), bigEndian: base)
            message.attribute(Int(NFTA_PAYLOAD_OFFSET.rawValue), bigEndian: offset)
            message.attribute(Int(NFTA_PAYLOAD_LEN.rawValue), bigEndian: length)
        }
    }

    fileprivate mutating func compare(_ bytes: [UInt8]) {
        expression("cmp") { message in
            message.attribute(Int(NFTA_CMP_SREG.rawValue), bigEndian: UInt32(NFT_REG_1.rawValue))
            message.attribute(Int(NFTA_CMP_OP.rawValue), bigEndian: UInt32(NFT_CMP_EQ.rawValue))
            message.nest(Int(NFTA_CMP_DATA.rawValue)) { $0.attribute(Int(NFTA_DATA_VALUE.rawValue), bytes) }
        }
    }

    fileprivate mutating func writePort(_ port: UInt16, _ offset: UInt32, checksum: UInt32) {
        expression("immediate") { message in
            message.attribute(Int(NFTA_IMMEDIATE_DREG.rawValue), bigEndian: UInt32(NFT_REG_1.rawValue))
            message.nest(Int(NFTA_IMMEDIATE_DATA.rawValue)) { $0.attribute(Int(NFTA_DATA_VALUE.rawValue), [UInt8(port >> 8), UInt8(port & 255)]) }
        }
        expression("payload") { message in
            message.attribute(Int(NFTA_PAYLOAD_SREG.rawValue), bigEndian: UInt32(NFT_REG_1.rawValue))
            message.attribute(Int(NFTA_PAYLOAD_BASE.rawValue), bigEndian: UInt32(NFT_PAYLOAD_TRANSPORT_HEADER.rawValue))
            message.attribute(Int(NFTA_PAYLOAD_OFFSET.rawValue), bigEndian: offset)
            message.attribute(Int(NFTA_PAYLOAD_LEN.rawValue), bigEndian: UInt32(2))
            message.attribute(Int(NFTA_PAYLOAD_CSUM_TYPE.rawValue), bigEndian: UInt32(NFT_PAYLOAD_CSUM_INET.rawValue))
            message.attribute(Int(NFTA_PAYLOAD_CSUM_OFFSET.rawValue), bigEndian: checksum)
        }
    }
}
