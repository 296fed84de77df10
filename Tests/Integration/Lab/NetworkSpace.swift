import Linux
import NetworkPlumbing
import Netlink
import Values

/// A network namespace that a test made: a "host" or a "peer" with interfaces, sockets and programs of its own. It goes with this object and
/// the last program in it; the machine's own network is never touched.
final class NetworkSpace: Sendable {
    let descriptor: OpenFile

    /// With its loopback up, and forwarding nothing, as a host that was just installed.
    init() throws {
        descriptor = OpenFile(try Namespace.makeNetwork())
        try visit {
            try Loopback.bringUp()
            for setting in ["ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/all/route_localnet", "ipv4/conf/default/route_localnet"] {
                try FileDescriptor.open("/proc/sys/net/\(setting)", .writeOnly).writeAll("0".utf8)
            }
            // Off as where nobody asked for br_netfilter; a kernel without it has nothing to set.
            for setting in ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"] {
                try? FileDescriptor.open("/proc/sys/net/bridge/\(setting)", .writeOnly).writeAll("0".utf8)
            }
        }
    }

    /// The one that a process is in.
    init(of process: Int32) throws { descriptor = OpenFile(try FileDescriptor.open("/proc/\(process)/ns/net")) }

    /// One that somebody else made.
    init(_ descriptor: OpenFile) { self.descriptor = descriptor }

    /// Runs `body` on a thread in the namespace. Sockets made there stay there, wherever they are used.
    func visit<Result>(_ body: () throws -> Result) throws -> Result { try Namespace.visit(descriptor.descriptor, .newNetwork, body) }

    /// Runs a program in it, to its end.
    func run(_ command: String..., input: String? = nil, seconds: Int = 20) throws -> Outcome {
        let running = try RunningCommand(command, environment: Self.environment, withInput: input != nil, network: self)
        if let input {
            try running.send(input)
            running.closeInput()
        }
        return try running.finish(seconds: seconds)
    }

    /// Runs lines of sh(1) in it.
    func shell(_ script: String, seconds: Int = 20) throws -> Outcome { try run("/bin/sh", "-c", script, seconds: seconds) }

    private static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]

    // MARK: - Interfaces

    /// Joins two namespaces by a cable: an interface of this name in both, with these addresses.
    static func connect(_ one: NetworkSpace, _ oneAddresses: [String], _ other: NetworkSpace, _ otherAddresses: [String], interface: String = "eth0") throws {
        try one.visit {
            var socket = try NetlinkSocket.route()
            try socket.make(NewLink(interface, .veth(peer: interface, peerMAC: nil)), in: other.descriptor.descriptor)
        }
        for (space, addresses) in [(one, oneAddresses), (other, otherAddresses)] {
            try space.visit {
                var socket = try NetlinkSocket.route()
                guard let link = try socket.link(interface) else { throw SyscallError("link", interface, errno: .noDevice) }
                for address in addresses { if let prefix = IPPrefix(address) { try socket.add(prefix, to: link.index) } }
                try socket.setUp(interface: link.index)
            }
        }
        // Both ends have told each other.
        for space in [one, other] {
            try space.visit {
                var socket = try NetlinkSocket.route()
                if let link = try socket.link(interface) { _ = try socket.linkIsRunning(link.index) }
            }
        }
    }

    /// Makes a default route.
    func route(by gateway: String, interface: String = "eth0") throws {
        try visit {
            var socket = try NetlinkSocket.route()
            if let link = try socket.link(interface), let address = IPAddress(gateway) { try socket.addDefaultRoute(address, by: link.index) }
        }
    }

    /// What containers have here: interfaces but bridges, and published ports.
    func endpoints() throws -> Set<String> {
        try visit {
            var route = try NetlinkSocket.route()
            var netfilter = try NetlinkSocket.netfilter()
            let links = try route.links().filter { $0.kind != "bridge" }.map { "interface \($0.name) (\($0.kind))" }
            let ports = try Set(netfilter.baseChains().map(\.table)).flatMap { try Firewall(table: $0).published() }
            return Set(links + ports.map { "port \($0.hostAddress) \($0.hostPort)/\($0.transport) of \($0.owner)" })
        }
    }

    /// Interfaces and chains: what must be as before when everything is given back.
    func contents() throws -> Set<String> {
        try visit {
            var route = try NetlinkSocket.route()
            var netfilter = try NetlinkSocket.netfilter()
            let links = try route.links().map { "interface \($0.name) (\($0.kind))" }
            let chains = try netfilter.baseChains().map { "chain \($0.family) \($0.table) \($0.name)" }
            return Set(links + chains)
        }
    }
}
