import Linux
package import Values

/// One network as the firewall knows it: by the name of its bridge.
package struct FirewallNetwork: Sendable, Hashable {
    package var bridge: String
    /// Shown by `nft list` beside the bridge: the network's name.
    package var owner: String
    /// Nothing goes in or out but to the host itself: `--internal`.
    package var isInternal: Bool
    /// Containers of the network reach each other: `com.docker.network.bridge.enable_icc`.
    package var allowsContainers: Bool
    /// Families whose packets leave the host with the host's address: `com.docker.network.bridge.enable_ip_masquerade`.
    package var masquerades: Set<IPAddress.Family>
    /// Addresses to leave with instead of the interface's: `com.docker.network.host_ipv4`.
    package var sources: [IPAddress]
    /// Every port of every container is reached from outside as if published: gateway mode `nat-unprotected` and `routed`.
    package var isOpen: Bool

    package init(
        bridge: String, owner: String, isInternal: Bool = false, allowsContainers: Bool = true, masquerades: Set<IPAddress.Family> = [.v4, .v6],
        sources: [IPAddress] = [], isOpen: Bool = false
    ) {
        self.bridge = bridge
        self.owner = owner
        self.isInternal = isInternal
        self.allowsContainers = allowsContainers
        self.masquerades = masquerades
        self.sources = sources
        self.isOpen = isOpen
    }
}

/// A published port as the firewall knows it: packets to `host` go to `container` instead.
package struct PortRule: Sendable, Hashable {
    package var transport: PortPlan.Transport
    /// `0.0.0.0` and `::` stand for all of the family.
    package var hostAddress: IPAddress
    package var hostPort: UInt16
    package var containerAddress: IPAddress
    package var containerPort: UInt16
    /// Shown by `nft list`: the container's id.
    package var owner: String

    package init(
        transport: PortPlan.Transport, hostAddress: IPAddress, hostPort: UInt16, containerAddress: IPAddress, containerPort: UInt16, owner: String
    ) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.containerAddress = containerAddress
        self.containerPort = containerPort
        self.owner = owner
    }
}

/// The nftables table `inet <table>` of one Davit root: a ruleset that never changes, loaded with the first network, and its sets and maps,
/// whose elements are the networks and the published ports. Each call is one transaction of the kernel: whole or not at all.
package struct Firewall: Sendable, Hashable {
    package let table: String

    package init(table: String) { self.table = table }

    /// Loads the ruleset if the table is not there, which takes nft(8) and some milliseconds; otherwise microseconds.
    /// A table of another ruleset version is replaced, its elements and the admin's chain kept.
    package func ensure() throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Makes the network known, or known as it is now. Loads the ruleset when it must.
    package func join(_ network: FirewallNetwork) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Forgets what was known by that bridge; nothing known is right.
    package func leave(bridge: String) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Bridges that are known.
    package func bridges() throws(PlumbingError) -> [String] { throw .kernelLacks("nf_tables") }

    /// Leads the ports into containers. A rule of the same port that is there is replaced: whoever calls this holds the port.
    package func publish(_ rules: [PortRule]) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Takes rules away; those that are not there are right. Established connections are cut, as with Docker.
    package func withdraw(_ rules: [PortRule]) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Takes every rule of this owner away, for a container whose supervisor was killed. None is right, and so is no table.
    package func withdraw(owner: String) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Every published port, whoever's; empty without a table.
    package func published() throws(PlumbingError) -> [PortRule] { throw .kernelLacks("nf_tables") }

    /// Takes the table away if it knows no bridge and no port and the admin's chain is empty.
    package func removeIfEmpty() throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Chains of others that drop forwarded packets by policy, whatever this table accepts: `ip filter FORWARD`. For a warning.
    package static func obstacles() throws(PlumbingError) -> [String] { throw .kernelLacks("nf_tables") }
}
