import Linux
import Netlink
import Values

/// Whether the host passes packets on between its interfaces: `net.ipv4.ip_forward` and `net.ipv6.conf.all.forwarding`.
enum Forwarding {
    private static func setting(_ family: IPAddress.Family) -> String { family == .v4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding" }

    /// Switches it on where it is off, and gives the families for which it was.
    static func enable(_ families: Set<IPAddress.Family>) throws(PlumbingError) -> [IPAddress.Family] {
        var switched: [IPAddress.Family] = []
        for family in families.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard try Sysctl.read(setting(family)) == "0" else { continue }
            if family == .v6 { try keepRouterAdvertisements() }
            try Sysctl.write(setting(family), "1")
            switched.append(family)
        }
        return switched
    }

    /// Switches it off for families that Davit switched it on for, unless a bridge of Davit's is left. (Interfaces of containers that have ended
    /// may be there for a moment more.)
    static func restore(_ families: [IPAddress.Family]) throws(PlumbingError) {
        guard !families.isEmpty else { return }
        let links = try at("list interfaces") { () throws(SyscallError) in
            var socket = try NetlinkSocket.route()
            return try socket.links()
        }
        if links.contains(where: { $0.group == Ruleset.interfaceGroup && $0.kind == "bridge" }) { return }
        for family in families { try Sysctl.write(setting(family), "0") }
    }

    /// A host that forwards IPv6 stops listening to routers, and would lose its own default route, unless told otherwise: the setting 2.
    private static func keepRouterAdvertisements() throws(PlumbingError) {
        let links = try at("list interfaces") { () throws(SyscallError) in
            var socket = try NetlinkSocket.route()
            return try socket.links()
        }
        for link in links where link.group != Ruleset.interfaceGroup {
            // An interface may be without IPv6, or go away meanwhile.
            if (try? Sysctl.read("ipv6/conf/\(link.name)/accept_ra")) == "1" { try? Sysctl.write("ipv6/conf/\(link.name)/accept_ra", "2") }
        }
    }

    /// A family as a key of the set `closed`: `NFPROTO_IPV4` and `NFPROTO_IPV6`.
    static func key(_ family: IPAddress.Family) -> [UInt8] { family == .v4 ? [2] : [10] }
    static func family(_ key: [UInt8]) -> IPAddress.Family? { key == [2] ? .v4 : key == [10] ? .v6 : nil }
}

/// Settings below /proc/sys/net of the calling thread's network namespace.
enum Sysctl {
    /// `name` with slashes.
    static func read(_ name: String) throws(PlumbingError) -> String {
        let bytes = try at("read net/\(name)") { () throws(SyscallError) in try FileSystem.read("/proc/sys/net/\(name)", limit: 4096) }
        return String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" }
    }

    static func write(_ name: String, _ value: String) throws(PlumbingError) {
        try at("set net/\(name)=\(value)") { () throws(SyscallError) in
            let directory = try FileDescriptor.open("/proc/sys/net", [.path, .directory])
            // Names come from plans: they must not lead elsewhere.
            try directory.open(name, .writeOnly, resolve: [.beneath, .noSymbolicLinks, .noCrossMount]).writeAll(value.utf8)
        }
    }
}
