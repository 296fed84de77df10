import Testing

import Linux
@testable import Netlink

@Suite struct NetlinkTests {
    @Test func aMessageTellsItsLength() {
        var message = NetlinkMessage(type: 16, sequence: 7)
        #expect(message.bytes.count == 16)
        #expect(message.bytes[0] == 16)
        message.attribute(3, "lo\0".utf8)
        #expect(message.bytes[0] == 24)
        #expect(message.bytes.suffix(8) == [7, 0, 3, 0, 108, 111, 0, 0])
        #expect(message.bytes[8] == 7)
        // NLM_F_REQUEST | NLM_F_ACK
        #expect(message.bytes[6] == 5)
    }

    @Test func acknowledgementsAreRead() {
        func read(_ bytes: [UInt8]) -> NetlinkAcknowledgement? { bytes.withUnsafeBytes { NetlinkAcknowledgement($0) } }
        let head: [UInt8] = [36, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        #expect(read(head + [0, 0, 0, 0])?.errno == 0)
        #expect(read(head + [0, 0, 0, 0])?.sequence == 9)
        #expect(read(head + [0xff, 0xff, 0xff, 0xff])?.errno == 1)
    }

    @Test func whatIsNoAcknowledgementIsNotTakenForOne() {
        func read(_ bytes: [UInt8]) -> NetlinkAcknowledgement? { bytes.withUnsafeBytes { NetlinkAcknowledgement($0) } }
        let head: [UInt8] = [36, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        #expect(read([]) == nil)
        #expect(read(head) == nil)
        #expect(read([20, 0, 0, 0, 3, 0] + head.dropFirst(6) + [0, 0, 0, 0]) == nil)
        #expect(read(head + [1, 0, 0, 0]) == nil)
        #expect(read(head + [0, 0, 0, 0x80]) == nil)
    }

    /// The host's own `lo` is up already, so asking again changes nothing; it shows that the kernel understands the request.
    /// Bringing it up from below is shown by the integration tests, in a container of its own.
    @Test(.enabled(if: Credentials.effectiveUser == 0, "needs root: CAP_NET_ADMIN"), .enabled(if: Loopback.isUp, "lo is down here, and a test must not change that"))
    func upIsUpAlready() throws {
        try Loopback.bringUp()
        #expect(Loopback.isUp)
    }

    @Test func theKernelsErrorIsThrown() throws {
        var socket = try NetlinkSocket.route()
        let error = #expect(throws: SyscallError.self) { try socket.setUp(interface: 0x7fff_fff0) }
        // Without CAP_NET_ADMIN the kernel does not get as far as looking.
        #expect(error?.errno == .noDevice || error?.errno == .notPermitted)
        #expect(error?.call == "rtnetlink")
    }
}

extension Loopback {
    static var isUp: Bool {
        guard let bytes = try? FileSystem.read("/sys/class/net/lo/flags") else { return false }
        let text = String(decoding: bytes, as: UTF8.self).dropFirst(2)
        return (Int(text.prefix { $0.isHexDigit }, radix: 16) ?? 0) & 1 == 1
    }
}
