package import JSON
package import Values

/// What one container's network namespace is to have. The engine makes it, addresses leased and networks prepared; the supervisor
/// carries it out with `Sandbox` at each start of the container, and gives everything back at its end.
package struct SandboxPlan: JSONRecord, Sendable, Hashable {
    /// nftables table that the host's rules are in; see `Firewall`.
    package var table: String = ""
    /// One for each network, in the order of their interfaces.
    package var attachments: [Attachment] = []
    package var ports: [PortPlan] = []
    /// nil where no network needs one: the container's resolv.conf then names servers that it reaches by itself.
    package var resolver: ResolverPlan?

    package init(table: String, attachments: [Attachment], ports: [PortPlan] = [], resolver: ResolverPlan? = nil) {
        self.table = table
        self.attachments = attachments
        self.ports = ports
        self.resolver = resolver
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("table", &table, .required)
        try m("attachments", &attachments, .required)
        try m("ports", &ports, .required)
        try m("resolver", &resolver, .unlessNil)
    }
}

/// One interface of a container.
package struct Attachment: JSONRecord, Sendable, Hashable {
    package enum Link: Sendable, Hashable {
        /// A veth pair, the host's end a port of the bridge. `overlay` networks are bridges with a VXLAN port.
        case bridge(name: String)
        /// `mode` as in ip-link(8): bridge, private, vepa, passthru.
        case macvlan(parent: String, mode: String)
        /// `mode`: l2, l3, l3s.
        case ipvlan(parent: String, mode: String, flag: String)
    }

    /// The network's id, all 64 digits.
    package var network: String = ""
    package var link: Link = .bridge(name: "")
    /// The name in the container: `eth0` and so on.
    package var interface: String = ""
    package var mac: MACAddress = MACAddress(value: 0)
    /// With the length of the network's prefix. At most one of each family.
    package var addresses: [IPPrefix] = []
    /// Beside those: `--link-local-ip`.
    package var linkLocal: [IPPrefix] = []
    /// Default routes; empty when another interface has them or the network is internal.
    package var gateways: [IPAddress] = []
    /// Bytes; 0 leaves the kernel's.
    package var mtu: Int = 0
    /// Settings of the interface, with or without the `net.` before: `net.ipv4.conf.IFNAME.rp_filter` and so on, where the word IFNAME stands
    /// for its name, with their values.
    package var sysctls: [String: String] = [:]
    /// On a bridge: it does not reach the other containers of the network that are isolated too, only the host. `enable_icc=false`.
    package var isIsolated: Bool = false
    /// On a bridge: families whose published ports are opened at the container's own address, with no port of the host. Gateway mode `routed`.
    package var routed: [IPAddress.Family] = []
    /// On a bridge: published ports are opened at the container's own address beside those of the host; who is let in there, `FirewallNetwork` says.
    package var isDirect: Bool = false
    /// What others on this network call the container: its name, aliases, short id. Lower case, each a valid host name.
    package var names: [String] = []
    /// The network's run directory, where others find those: `…/networks/<id>`; see `NetworkNames`.
    package var directory: String = ""
    /// The network's name, in lower case: `web.NAME` finds what `web` finds here. Empty where it cannot be part of one.
    package var domain: String = ""

    package init(
        network: String, link: Link, interface: String, mac: MACAddress, addresses: [IPPrefix], linkLocal: [IPPrefix] = [], gateways: [IPAddress], mtu: Int = 0,
        sysctls: [String: String] = [:], isIsolated: Bool = false, routed: [IPAddress.Family] = [], isDirect: Bool = false, names: [String] = [], directory: String,
        domain: String = ""
    ) {
        self.network = network
        self.link = link
        self.interface = interface
        self.mac = mac
        self.addresses = addresses
        self.linkLocal = linkLocal
        self.gateways = gateways
        self.mtu = mtu
        self.sysctls = sysctls
        self.isIsolated = isIsolated
        self.routed = routed
        self.isDirect = isDirect
        self.names = names
        self.directory = directory
        self.domain = domain
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("network", &network, .required)
        try m("link", &link, .required)
        try m("interface", &interface, .required)
        try m("mac", &mac, .required)
        try m("addresses", &addresses, .required)
        try m("linkLocal", &linkLocal, .unlessEmpty)
        try m("gateways", &gateways, .required)
        try m("mtu", &mtu, .required)
        try m("sysctls", &sysctls, .required)
        try m("isIsolated", &isIsolated, .required)
        var families = routed.map { Int($0.rawValue) }
        try m("routed", &families, .required)
        routed = families.compactMap { UInt8(exactly: $0).flatMap { IPAddress.Family(rawValue: $0) } }
        try m("isDirect", &isDirect, .unlessEmpty)
        try m("names", &names, .required)
        try m("directory", &directory, .required)
        try m("domain", &domain, .required)
    }
}

/// A port of the host that leads into the container.
package struct PortPlan: JSONRecord, Sendable, Hashable {
    package enum Transport: String, JSONCodable, Sendable, Hashable {
        case tcp, udp, sctp

        /// IPPROTO_*.
        package var number: UInt8 {
            switch self {
            case .tcp: 6
            case .udp: 17
            case .sctp: 132
            }
        }
    }

    package var transport: Transport = .tcp
    /// Of the host; `0.0.0.0` and `::` stand for all of a family.
    package var hostAddress: IPAddress = .anyV4
    /// The least and the greatest port of the host that will do; 0 to 0 stands for any free one of the ephemeral range.
    package var hostPorts: ClosedRange<UInt16> = 0...0
    package var containerPort: UInt16 = 0

    package init(transport: Transport, hostAddress: IPAddress, hostPorts: ClosedRange<UInt16>, containerPort: UInt16) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPorts = hostPorts
        self.containerPort = containerPort
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("transport", &transport, .required)
        try m("hostAddress", &hostAddress, .required)
        var bounds = [hostPorts.lowerBound, hostPorts.upperBound]
        try m("hostPorts", &bounds, .required)
        if bounds.count == 2, bounds[0] <= bounds[1] { hostPorts = bounds[0]...bounds[1] }
        try m("containerPort", &containerPort, .required)
    }
}

/// A port that has been published: what `PortPlan` came to. The supervisor tells it in `state.json`.
package struct PublishedPort: JSONRecord, Sendable, Hashable {
    package var transport: PortPlan.Transport = .tcp
    package var hostAddress: IPAddress = .anyV4
    /// 0 for a port that is open at the container's own address: gateway mode `routed`.
    package var hostPort: UInt16 = 0
    package var containerPort: UInt16 = 0

    package init(transport: PortPlan.Transport, hostAddress: IPAddress, hostPort: UInt16, containerPort: UInt16) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.containerPort = containerPort
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("transport", &transport, .required)
        try m("hostAddress", &hostAddress, .required)
        try m("hostPort", &hostPort, .required)
        try m("containerPort", &containerPort, .required)
    }
}

/// What the resolver on 127.0.0.11 asks when no container has the name.
package struct ResolverPlan: JSONRecord, Sendable, Hashable {
    /// Servers, asked in this order from the host's namespace.
    package var servers: [IPAddress] = []
    /// Names that are this container's own affair: `host.docker.internal` and the like, in lower case, each with its addresses.
    package var extra: [String: [IPAddress]] = [:]
    /// By network (`Attachment.domain`): names that stand for others there, wherever those are just now, `--link db:alias`.
    package var aliases: [String: [String: String]] = [:]
    /// Names of a single label that are no container's are not asked for elsewhere: `--dns-option ndots:N` with N above 0.
    package var keepsSingleLabels: Bool = false

    package init(servers: [IPAddress], extra: [String: [IPAddress]] = [:], aliases: [String: [String: String]] = [:], keepsSingleLabels: Bool = false) {
        self.servers = servers
        self.extra = extra
        self.aliases = aliases
        self.keepsSingleLabels = keepsSingleLabels
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("servers", &servers, .required)
        try m("extra", &extra, .required)
        try m("aliases", &aliases, .required)
        try m("keepsSingleLabels", &keepsSingleLabels, .required)
    }
}

extension Attachment.Link: JSONCodable {
    package init(json: JSONValue) throws {
        var fields = try [String: String](json: json)
        func take(_ name: String) -> String { fields.removeValue(forKey: name) ?? "" }
        switch take("kind") {
        case "bridge": self = .bridge(name: take("name"))
        case "macvlan": self = .macvlan(parent: take("parent"), mode: take("mode"))
        case "ipvlan": self = .ipvlan(parent: take("parent"), mode: take("mode"), flag: take("flag"))
        case let kind:
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "unknown kind of link: \(kind)"))
        }
    }

    package var json: JSONValue {
        switch self {
        case .bridge(let name): ["kind": "bridge", "name": name].json
        case .macvlan(let parent, let mode): ["kind": "macvlan", "parent": parent, "mode": mode].json
        case .ipvlan(let parent, let mode, let flag): ["kind": "ipvlan", "parent": parent, "mode": mode, "flag": flag].json
        }
    }
}
