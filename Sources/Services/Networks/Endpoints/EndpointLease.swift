package import DockerAPI
package import NetworkPlumbing
package import Values

/// A container as networks see it when they lease its addresses.
package struct NetworkMember: Sendable, Hashable {
    package var id: Identifier
    /// Without the slash.
    package var name: String
    package var hostname: String
    /// Its kernel settings leave it no IPv6.
    package var disablesIPv6: Bool

    package init(id: Identifier, name: String, hostname: String, disablesIPv6: Bool = false) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.disablesIPv6 = disablesIPv6
    }
}

/// One network of a container that runs, or is about to, with the addresses that it has there.
package struct EndpointLease: Sendable, Hashable {
    /// The network's name.
    package var network: String
    package var host: HostSide
    /// What the supervisor makes of it; nil for `host` and `none`, which have no interface.
    package var attachment: Attachment?
    /// As inspect shows it, addresses and all.
    package var settings: EndpointSettings
    /// Names of containers resolve here, by 127.0.0.11: not on the default bridge.
    package var resolvesNames: Bool
    /// Nothing beyond the network is reached by it.
    package var isInternal: Bool
    /// A default route of the container leads here. The first such endpoint is where published ports lead.
    package var isGateway: Bool
    /// Ports can be published on it: a bridge that is not internal.
    package var publishesPorts: Bool
    /// Where ports are published that name no address of the host: `com.docker.network.bridge.host_binding_ipv4`, else the data root's
    /// setting `publish-default`. nil stands for all addresses of both families.
    package var hostBinding: IPAddress?
}
