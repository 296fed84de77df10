internal import CLinux
package import Linux

extension NetlinkSocket {
    /// Sets a network interface up: `RTM_NEWLINK` of rtnetlink(7). Needs CAP_NET_ADMIN in the namespace's owner; already up is right.
    package mutating func setUp(interface index: CInt) throws(SyscallError) {
        try perform("rtnetlink", "set interface \(index) up", type: UInt16(RTM_NEWLINK)) { message in
            var header = ifinfomsg()
            header.ifi_family = UInt8(AF_UNSPEC)
            header.ifi_index = index
            header.ifi_flags = UInt32(IFF_UP.rawValue)
            header.ifi_change = UInt32(IFF_UP.rawValue)
            message.append(header)
        }
    }
}

/// The loopback interface, which every network namespace is born with and which is down at first.
package enum Loopback {
    /// The kernel gives `lo` this index in every namespace (`LOOPBACK_IFINDEX` of linux/net.h's kernel side), before anything else.
    package static let index: CInt = 1

    /// Sets `lo` up in the network namespace of the calling thread; the kernel then gives it 127.0.0.1/8 and ::1 by itself.
    /// The socket it needs is opened and closed here.
    package static func bringUp() throws(SyscallError) {
        var socket = try NetlinkSocket.route()
        try socket.setUp(interface: index)
    }
}
