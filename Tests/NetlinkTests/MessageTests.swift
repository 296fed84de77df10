import Linux
import Testing
import Values

@testable import Netlink

/// Requests byte by byte, and answers whole, torn and hostile.
@Suite struct MessageTests {
    @Test func aMessageTellsItsLength() {
        var message = NetlinkMessage(type: 16, flags: 4, sequence: 7)
        #expect(message.bytes == [16, 0, 0, 0, 16, 0, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0] || message.bytes.count == 16)
        message.attribute(3, text: "lo")
        #expect(message.bytes[0] == 24)
        #expect(message.bytes.suffix(8) == [7, 0, 3, 0, 108, 111, 0, 0])
        #expect(message.bytes[8] == 7)
        // NLM_F_REQUEST beside what was asked for.
        #expect(message.bytes[6] == 5)
    }

    @Test func numbersAndNests() {
        var message = NetlinkMessage(type: 16, sequence: 1)
        message.nest(18) { message in
            message.attribute(1, text: "veth")
            message.nest(2) { $0.attribute(15, bigEndian: UInt16(4789)) }
        }
        #expect(
            message.bytes.dropFirst(16)
                == [
                    // IFLA_LINKINFO with NLA_F_NESTED, 28 bytes: 4 + kind 12 + data 12.
                    28, 0, 18, 0x80,
                    9, 0, 1, 0, 118, 101, 116, 104, 0, 0, 0, 0,
                    12, 0, 2, 0x80, 6, 0, 15, 0, 0x12, 0xb5, 0, 0,
                ])
        #expect(message.bytes[0] == 44)
    }

    @Test func acknowledgementsAreRead() {
        func read(_ code: [UInt8]) -> CInt? { NetlinkReply.all(in: head(20, type: 2) + code).first?.acknowledgement }
        #expect(read([0, 0, 0, 0]) == 0)
        #expect(read([0xff, 0xff, 0xff, 0xff]) == 1)
        // Positive, or beyond what an errno can be: no success, and nothing that traps.
        #expect(read([1, 0, 0, 0]) == 5)
        #expect(read([0, 0, 0, 0x80]) == 5)
        #expect(NetlinkReply.all(in: head(16, type: 2)).first?.acknowledgement == 5)
        #expect(NetlinkReply.all(in: head(20, type: 16) + [0, 0, 0, 0]).first?.acknowledgement == nil)
        #expect(NetlinkReply.all(in: head(20, type: 2) + [0, 0, 0, 0]).first?.sequence == 9)
    }

    @Test func severalMessagesInOneDatagram() {
        let replies = NetlinkReply.all(in: head(18, type: 16) + [1, 2, 0, 0] + head(16, type: 3))
        #expect(replies.map(\.type) == [16, 3] && replies.map { Array($0.payload) } == [[1, 2], []])
        #expect(replies.last?.end == 0)
    }

    @Test(
        arguments: [
            [], [16], Array(repeating: 0, count: 15), Array(repeating: 0, count: 16), head(15, type: 2), head(17, type: 2), head(.max, type: 2),
        ] as [[UInt8]]) func tornMessagesAreNone(bytes: [UInt8])
    {
        #expect(NetlinkReply.all(in: bytes).isEmpty)
    }

    @Test(
        arguments: [
            ([], 0), ([4, 0, 1], 0), ([3, 0, 1, 0], 0), ([0, 0, 0, 0, 4, 0, 1, 0], 0), ([9, 0, 1, 0, 1, 2, 3, 4], 0), ([0xff, 0xff, 1, 0], 0),
            ([4, 0, 1, 0], 1), ([5, 0, 1, 0x80, 7], 1), ([5, 0, 1, 0, 7, 0, 0, 0, 9, 9, 9], 1), ([5, 0, 1, 0, 7, 0, 0, 0, 4, 0, 2, 0], 2),
        ] as [([UInt8], Int)]) func attributesEndWhereTheyAreTorn(bytes: [UInt8], count: Int)
    {
        #expect(Array(NetlinkAttributes(bytes[...])).count == count)
        #expect(NetlinkAttributes(bytes[...]).allSatisfy { $0.type <= 0x3fff && $0.value.count <= bytes.count })
    }

    @Test func shortValuesAreNoNumbers() {
        let attributes = NetlinkAttributes([6, 0, 1, 0, 1, 2, 0, 0, 5, 0, 2, 0, 104, 0, 0, 0][...])
        #expect(attributes.number(1, as: UInt32.self) == nil && attributes.number(1, as: UInt16.self) == 0x201 && attributes.number(3, as: UInt8.self) == nil)
        #expect(attributes.text(2) == "h" && attributes.text(3) == nil)
    }

    @Test func objectsOfTheWrongKindOrTooShortAreNone() {
        for length in 0..<40 {
            for type: UInt8 in [16, 20, 24, 28] {
                let reply = NetlinkReply.all(in: head(16 + length, type: type) + Array(repeating: 0xff, count: length))
                #expect(reply.allSatisfy { LinkDescription($0) == nil && InterfaceAddress($0) == nil && Route($0) == nil })
            }
        }
    }

    @Test func elementsAreReadAsTheyAreWritten() throws {
        // NFTA_SET_ELEM_KEY { NFTA_DATA_VALUE { 2 } }, NFTA_SET_ELEM_USERDATA { comment "web" }.
        let bytes: [UInt8] = [12, 0, 1, 0x80, 5, 0, 1, 0, 2, 0, 0, 0, 10, 0, 6, 0, 0, 4, 119, 101, 98, 0, 0, 0]
        #expect(SetElement(NetlinkAttributes(bytes[...])) == SetElement(key: [2], comment: "web"))
        for length in 0..<bytes.count { _ = SetElement(NetlinkAttributes(bytes[..<length])) }
        // A comment that says it is longer than it is.
        var long = bytes
        long[17] = 255
        #expect(SetElement(NetlinkAttributes(long[...]))?.comment == "web")
        #expect(SetElement(NetlinkAttributes([])) == nil)
    }

    @Test(arguments: ["", "a/b", "a b", "a:b", ".", "..", "sixteen-letters0", "a\u{7f}"]) func namesThatNoInterfaceHas(name: String) {
        #expect(!isLinkName(name))
    }
}

/// `struct nlmsghdr` with sequence 9.
private func head(_ length: Int, type: UInt8) -> [UInt8] {
    let length = UInt32(truncatingIfNeeded: length)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) } + [type, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
}
