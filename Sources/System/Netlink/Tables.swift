internal import CLinux
package import Linux

/// Messages of nf_tables: `enum nf_tables_msg_types` of linux/netfilter/nf_tables.h.
enum NFTMessage: Int {
    case newTable = 0
    case getTable = 1
    case removeTable = 2
    case newChain = 3
    case getChain = 4
    case newRule = 6
    case getRule = 7
    case newElements = 12
    case getElements = 13
    case removeElements = 14
}

/// `NFPROTO_INET` and `NF_INET_FORWARD` of linux/netfilter.h, which the C library's headers do not go together with.
let inetFamily: UInt8 = 1
private let forwardHook: UInt32 = 2

/// The type of a message to nf_tables: the subsystem above, the message below.
func tablesType(_ message: Int) -> UInt16 { UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(truncatingIfNeeded: message) }

/// `struct nfgenmsg`.
func header(_ family: UInt8, resource: UInt16 = 0) -> nfgenmsg {
    nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: resource.bigEndian)
}

/// The beginning or the end of a transaction.
func batchMark(_ type: CInt, _ sequence: UInt32) -> NetlinkMessage {
    var message = NetlinkMessage(type: UInt16(truncatingIfNeeded: type), sequence: sequence)
    message.append(header(UInt8(AF_UNSPEC), resource: UInt16(NFNL_SUBSYS_NFTABLES)))
    return message
}

/// A base chain: one that the kernel calls at a hook.
package struct BaseChain: Sendable, Hashable {
    /// `inet`, `ip`, `ip6`, …
    package var family: String
    package var table: String
    package var name: String
    package var drops: Bool
    /// Packets between interfaces pass it.
    package var isForward: Bool
}

extension NetlinkSocket {
    /// Whether there is a table of the family `inet` of this name.
    package mutating func hasTable(_ table: String) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try query("get table \(table)", type: Int(tablesType(NFTMessage.getTable.rawValue))) { message in
                message.append(header(inetFamily))
                message.attribute(Int(NFTA_TABLE_NAME.rawValue), text: table)
            }
            return true
        } catch  where error.errno == .noEntry { return false }
    }

    /// How many rules a chain of an `inet` table has; 0 when there is no such chain.
    package mutating func ruleCount(chain: String, table: String) throws(SyscallError) -> Int {
        let replies = try query("list rules of \(table) \(chain)", type: Int(tablesType(NFTMessage.getRule.rawValue)), flags: NLM_F_DUMP) { message in
            message.append(header(inetFamily))
            message.attribute(Int(NFTA_RULE_TABLE.rawValue), text: table)
            message.attribute(Int(NFTA_RULE_CHAIN.rawValue), text: chain)
        }
        // Kernels before 4.20 tell the rules of all tables.
        return replies.count { reply in
            let attributes = reply.attributes(after: MemoryLayout<nfgenmsg>.size)
            return attributes.text(Int(NFTA_RULE_TABLE.rawValue)) == table && attributes.text(Int(NFTA_RULE_CHAIN.rawValue)) == chain
        }
    }

    /// The chains of all tables that hooks call.
    package mutating func baseChains() throws(SyscallError) -> [BaseChain] {
        try query("list chains", type: Int(tablesType(NFTMessage.getChain.rawValue)), flags: NLM_F_DUMP) { $0.append(header(UInt8(AF_UNSPEC))) }.compactMap { reply -> BaseChain? in
            let attributes = reply.attributes(after: MemoryLayout<nfgenmsg>.size)
            guard let family = reply.payload.first, let table = attributes.text(Int(NFTA_CHAIN_TABLE.rawValue)), let name = attributes.text(Int(NFTA_CHAIN_NAME.rawValue)),
                let hook: UInt32 = attributes.nested(Int(NFTA_CHAIN_HOOK.rawValue)).number(Int(NFTA_HOOK_HOOKNUM.rawValue))
            else { return nil }
            let families: [UInt8: String] = [1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"]
            let policy: UInt32 = attributes.number(Int(NFTA_CHAIN_POLICY.rawValue)) ?? 1
            let isForward = hook.bigEndian == forwardHook && [1, 2, 10].contains(family)
            return BaseChain(family: families[family] ?? "\(family)", table: table, name: name, drops: policy.bigEndian == 0, isForward: isForward)
        }
    }
}
