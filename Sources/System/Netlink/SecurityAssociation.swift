internal import CLinux
package import Linux
package import Values

/// One direction between two hosts, encrypted: an ESP security association in transport mode (RFC 4303) by AES-GCM (RFC 4106), as
/// ip-xfrm(8) `state` has it.
package struct SecurityAssociation: Sendable, Hashable {
    package var source: IPAddress
    package var destination: IPAddress
    /// The number by which the receiver finds the key.
    package var index: UInt32
    /// By which policies find the association: `reqid`.
    package var request: UInt32
    /// Packets that come twice or late are refused, and numbers have 64 bits (ESN). For keys that nobody uses again: whoever made the association
    /// anew would count from the beginning.
    package var checksReplays: Bool

    /// Packets by which one may be overtaken.
    private static let replayWindow: UInt32 = 128

    /// Bytes of a key: 16 of AES-128 and 4 of salt.
    package static let keyLength = 20

    package init(from source: IPAddress, to destination: IPAddress, index: UInt32, request: UInt32, checksReplays: Bool = false) {
        self.source = source
        self.destination = destination
        self.index = index
        self.request = request
        self.checksReplays = checksReplays
    }

    init?(_ reply: NetlinkReply) {
        guard reply.type == UInt16(XFRM_MSG_NEWSA), let info = reply.payload.structure(xfrm_usersa_info()), let family = IPAddress.Family(netlink: info.family),
            info.id.proto == UInt8(IPPROTO_ESP)
        else { return nil }
        (source, destination) = (IPAddress(info.saddr, family), IPAddress(info.id.daddr, family))
        (index, request) = (UInt32(bigEndian: info.id.spi), info.reqid)
        checksReplays = info.flags & UInt8(XFRM_STATE_ESN) != 0
    }
}

extension NetlinkSocket {
    /// The associations of this request number.
    package mutating func associations(_ request: UInt32) throws(SyscallError) -> [SecurityAssociation] {
        try query("list security associations", type: Int(XFRM_MSG_GETSA), flags: NLM_F_DUMP) { _ in }
            .compactMap(SecurityAssociation.init).filter { $0.request == request }
    }

    /// Makes one. Throws `EEXIST` where there is one of that number, `EPROTONOSUPPORT` or `ENOSYS` when the kernel cannot do it.
    package mutating func add(_ association: SecurityAssociation, key: [UInt8]) throws(SyscallError) {
        try perform("encrypt to \(association.destination)", type: Int(XFRM_MSG_NEWSA), flags: NLM_F_CREATE | NLM_F_EXCL) {
            association.append(key: key, to: &$0)
        }
    }

    /// Takes one away.
    package mutating func remove(_ association: SecurityAssociation) throws(SyscallError) {
        try perform("forget the key to \(association.destination)", type: Int(XFRM_MSG_DELSA)) { association.appendIdentity(to: &$0) }
    }
}

extension SecurityAssociation {
    func append(key: [UInt8], to message: inout NetlinkMessage) {
        var info = xfrm_usersa_info()
        info.id.daddr = destination.transform
        info.id.spi = index.bigEndian
        info.id.proto = UInt8(IPPROTO_ESP)
        info.saddr = source.transform
        info.lft = .endless
        info.reqid = request
        info.family = UInt16(destination.netlinkFamily)
        info.mode = UInt8(XFRM_MODE_TRANSPORT)
        if checksReplays { info.flags = UInt8(XFRM_STATE_ESN) }
        message.append(info)
        // struct xfrm_algo_aead ends in an array without a length, which Swift does not see.
        let name = Array("rfc4106(gcm(aes))".utf8)
        message.nest(Int(XFRMA_ALG_AEAD.rawValue), flag: 0) { message in
            message.append(bytes: name + Array(repeating: 0, count: 64 - name.count))
            message.append(UInt32(clamping: key.count * 8))
            // Bits of the check value at each packet's end.
            message.append(UInt32(128))
            message.append(bytes: key)
        }
        guard checksReplays else { return }
        // struct xfrm_replay_state_esn: words of the map behind it, four counters that begin at 0, the window, the map.
        let words = Self.replayWindow / 32
        message.nest(Int(XFRMA_REPLAY_ESN_VAL.rawValue), flag: 0) { message in
            for number in [words, 0, 0, 0, 0, Self.replayWindow] + Array(repeating: 0, count: Int(words)) { message.append(number) }
        }
    }

    func appendIdentity(to message: inout NetlinkMessage) {
        var identity = xfrm_usersa_id()
        identity.daddr = destination.transform
        identity.spi = index.bigEndian
        identity.family = UInt16(destination.netlinkFamily)
        identity.proto = UInt8(IPPROTO_ESP)
        message.append(identity)
        message.attribute(Int(XFRMA_SRCADDR.rawValue), source.transformBytes)
    }
}

extension xfrm_lifetime_cfg {
    /// `XFRM_INF` of linux/xfrm.h, four times.
    static var endless: Self {
        var life = Self()
        (life.soft_byte_limit, life.hard_byte_limit, life.soft_packet_limit, life.hard_packet_limit) = (.max, .max, .max, .max)
        return life
    }
}

extension IPAddress {
    /// As xfrm has addresses: 16 bytes, of which IPv4 has the first four.
    var transformBytes: [UInt8] { bytes + Array(repeating: 0, count: 16 - bytes.count) }

    var transform: xfrm_address_t {
        var address = xfrm_address_t()
        withUnsafeMutableBytes(of: &address) { $0.copyBytes(from: bytes) }
        return address
    }

    init(_ address: xfrm_address_t, _ family: Family) {
        let bytes = withUnsafeBytes(of: address) { Array($0.prefix(Int(family.rawValue))) }
        self.init(family, bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }
}

extension IPAddress.Family {
    /// `AF_INET` or `AF_INET6`.
    var netlink: CInt { self == .v4 ? AF_INET : AF_INET6 }

    init?(netlink family: UInt16) {
        switch CInt(family) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }
}
