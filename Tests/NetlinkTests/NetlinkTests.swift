import Testing

import Linux
@testable import Netlink

@Suite struct NetlinkTests {
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
