package import Values

/// The host's side of networks, as far as this service asks for it. What it does is NetworkPlumbing's; tests have one that only notes.
package struct NetworkHost: Sendable {
    /// Makes what the network needs on the host, or mends it: nothing to be done is the usual case, and quick.
    package var ensure: @Sendable (HostNetwork) throws -> Void
    /// Takes all of it away; nothing there is right.
    package var remove: @Sendable (HostNetwork) throws -> Void
    /// The networks that the host has addresses in or routes to, default routes apart: no new one may overlap.
    package var occupied: @Sendable () throws -> [IPPrefix]

    package init(
        ensure: @escaping @Sendable (HostNetwork) throws -> Void, remove: @escaping @Sendable (HostNetwork) throws -> Void,
        occupied: @escaping @Sendable () throws -> [IPPrefix]
    ) {
        self.ensure = ensure
        self.remove = remove
        self.occupied = occupied
    }
}

/// What a network is on the host.
package struct HostNetwork: Sendable, Hashable {
    package var id: Identifier
    package var driver: NetworkDriver
    /// bridge, overlay: the bridge's name. macvlan, ipvlan: the parent's.
    package var interface: String
    /// The gateway's addresses, which the bridge has, with the lengths of the subnets.
    package var gateways: [IPPrefix]
    package var subnets: [IPPrefix]
    /// Bytes; 0 leaves the kernel's.
    package var mtu: Int
    package var isInternal: Bool
    /// All of `Options`.
    package var options: [String: String]
}

/// The drivers that there are. `host` and `none` have one network each.
package enum NetworkDriver: String, Sendable, Hashable {
    case bridge, host, ipvlan, macvlan, null, overlay
}
