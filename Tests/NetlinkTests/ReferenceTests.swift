import Testing
import Values

@testable import Netlink

/// Requests beside those that iproute2 sends for the same, as strace(1) showed them: for what not every kernel has.
@Suite struct ReferenceTests {
    private func bytes(_ message: (inout NetlinkMessage) -> Void) -> [UInt8] {
        var request = NetlinkMessage(type: 16, sequence: 1)
        message(&request)
        return Array(request.bytes.dropFirst(16))
    }

    /// Attributes have no order; iproute2 does not mark those that hold others, and ends kinds without a zero.
    private func tree(_ bytes: some Collection<UInt8>, path: [Int] = []) -> Set<String> {
        Set(
            NetlinkAttributes(Array(bytes)[...]).flatMap { type, value -> Set<String> in
                let path = path + [type]
                if path == [18] || path == [18, 2] { return tree(value, path: path) }
                return ["\(path)=\(Hex.encode(path == [18, 1] ? Array(value.prefix { $0 != 0 }) : Array(value)))"]
            })
    }

    @Test(arguments: [
        (
            NewLink("i0", .ipvlan(parent: 3, mode: 1, flag: 1)), nil as UInt32?,
            "08000500030000000700030069300000240012000a0001006970766c616e00001400020006000100010000000600020001000000"
        ),
        (
            NewLink("d0.10", .vlan(parent: 3, identifier: 10)), 0xda71,
            "08001b0071da000008000500030000000a00030064302e31300000001800120008000100766c616e0c000200060001000a000000"
        ),
        (
            NewLink("m0", .macvlan(parent: 3, mode: 1)), nil,
            "0800050003000000070003006d3000001c0012000b0001006d6163766c616e000c0002000800010001000000"
        ),
    ])
    func links(_ link: NewLink, _ group: UInt32?, _ reference: String) throws {
        var link = link
        link.group = group ?? 0
        let ours = bytes { link.append(to: &$0, namespace: nil) }
        #expect(ours.prefix(16).allSatisfy { $0 == 0 })
        #expect(tree(ours.dropFirst(16)) == tree(try #require(Hex.decode(reference))))
    }

    private static let ends = (one: IPAddress(.v4, 0x0a00_0001), two: IPAddress(.v4, 0x0a00_0002))
    private static let association = SecurityAssociation(from: ends.one, to: ends.two, index: 0x100, request: 7)
    private static let pair = SecurityPolicy(.outgoing, .v4, .init(from: ends.one, to: ends.two), port: 4790, request: 7)
    private static let block = SecurityPolicy(.incoming, .v4, nil, port: 4790, request: 7)

    @Test func associations() throws {
        let made = bytes { Self.association.append(key: Array(1...20), to: &$0) }
        #expect(
            Hex.encode(made)
                == "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a00000200000000"
                + "000000000000000000000100320000000a000001000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                + "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "000000000000000000000000000000000700000002000000000000000000000060001200726663343130362867636d2861657329290000000000000000000000"
                + "000000000000000000000000000000000000000000000000000000000000000000000000a0000000800000000102030405060708090a0b0c0d0e0f1011121314")
        let six = (IPAddress(.v6, 0xfd << 120 | 1), IPAddress(.v6, 0xfd << 120 | 2))
        let other = SecurityAssociation(from: six.0, to: six.1, index: 0x100, request: 7)
        #expect(Hex.encode(bytes { other.appendIdentity(to: &$0) }) == "fd000000000000000000000000000002000001000a00320014000d00fd000000000000000000000000000001")
    }

    @Test func policies() {
        #expect(
            Hex.encode(bytes { Self.pair.append(to: &$0) })
                == "0a0000020000000000000000000000000a00000100000000000000000000000012b6ffff0000000002002020110000000000000000000000ffffffffffffffff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffff00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "000000000000000000000000000000000000000000000000e8030000000000000100000000000000440005000a00000200000000000000000000000000000000"
                + "32000000020000000a0000010000000000000000000000000700000000000000ffffffffffffffffffffffff")
        #expect(
            Hex.encode(bytes { Self.block.append(to: &$0) })
                == "000000000000000000000000000000000000000000000000000000000000000012b6ffff0000000002000000110000000000000000000000ffffffffffffffff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffff00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "000000000000000000000000000000000000000000000000d0070000000000000001000000000000440005000000000000000000000000000000000000000000"
                + "3200000002000000000000000000000000000000000000000700000000000000ffffffffffffffffffffffff")
        #expect(
            Hex.encode(bytes { Self.pair.appendIdentity(to: &$0) })
                == "0a0000020000000000000000000000000a00000100000000000000000000000012b6ffff00000000020020201100000000000000000000000000000001000000")
    }

    /// The kernel tells of them in the structures that it is told them in.
    @Test func whatTheKernelTellsIsRead() throws {
        func reply(_ type: UInt16, _ build: (inout NetlinkMessage) -> Void) throws -> NetlinkReply {
            var message = NetlinkMessage(type: type, sequence: 1)
            build(&message)
            return try #require(NetlinkReply.all(in: message.bytes).first)
        }
        #expect(try SecurityAssociation(reply(0x10) { Self.association.append(key: Array(1...20), to: &$0) }) == Self.association)
        var checking = Self.association
        checking.checksReplays = true
        #expect(try SecurityAssociation(reply(0x10) { checking.append(key: Array(1...20), to: &$0) }) == checking)
        for policy in [Self.pair, Self.block] { #expect(try SecurityPolicy(reply(0x13) { policy.append(to: &$0) }) == policy) }
        for length in stride(from: 0, to: 240, by: 4) {
            for type: UInt16 in [0x10, 0x13] {
                let torn = try reply(type) {
                    $0.append(bytes: Array(repeating: 0xff, count: length)); $0.attribute(99, [] as [UInt8])
                }
                #expect(SecurityAssociation(torn) == nil && SecurityPolicy(torn) == nil)
            }
        }
    }
}
