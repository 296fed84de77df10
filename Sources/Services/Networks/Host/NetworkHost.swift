internal import Diagnostics
internal import Linux
package import NetworkPlumbing
package import Values

/// What a network has on the host. It follows from the network's row alone, so that it can be made again when it is gone.
package enum HostSide: Sendable, Hashable {
    /// bridge, overlay.
    case bridge(BridgePlan, FirewallNetwork, table: String)
    /// macvlan, ipvlan: what their interfaces stand on. An empty name is a parent of the network's own, without a way out.
    case parent(name: String, kind: String, network: String)
    /// host, none.
    case nothing
}

/// The host, as far as this service asks for it; tests have one that only notes.
package struct NetworkHost: Sendable {
    /// Makes what the network needs, or mends it: nothing to be done is the usual case, and quick. True when an interface was made that
    /// `remove` must be asked to take away.
    package var ensure: @Sendable (HostSide) throws -> Bool
    /// Takes all of it away; nothing there is right.
    package var remove: @Sendable (HostSide) throws -> Void
    /// The networks that the host has addresses in or routes to, default routes and those of the interface that is named apart: no new one may
    /// overlap.
    package var occupied: @Sendable (String?) throws -> [IPPrefix]
    /// The host's addresses on the bridge of that name; nil when there is none.
    package var addresses: @Sendable (String) throws -> [IPPrefix]?
    /// Bridges by name, with what `BridgePlan.owner` left on them.
    package var bridges: @Sendable () throws -> [String: String]
    /// Firewall chains of others that drop what containers forward, by name.
    package var obstacles: @Sendable () throws -> [String]
    /// Has a process keep the hosts of the network with this id together, if none does yet: see `OverlayMembership`.
    package var attend: @Sendable (StatePaths, String) throws -> Void
    /// The other hosts of an overlay network, as they are known now.
    package var peers: @Sendable (BridgePlan.Overlay) throws -> [IPAddress]

    package init(
        ensure: @escaping @Sendable (HostSide) throws -> Bool, remove: @escaping @Sendable (HostSide) throws -> Void,
        occupied: @escaping @Sendable (String?) throws -> [IPPrefix], addresses: @escaping @Sendable (String) throws -> [IPPrefix]? = { _ in nil },
        bridges: @escaping @Sendable () throws -> [String: String],
        obstacles: @escaping @Sendable () throws -> [String], attend: @escaping @Sendable (StatePaths, String) throws -> Void = { _, _ in },
        peers: @escaping @Sendable (BridgePlan.Overlay) throws -> [IPAddress] = { $0.peers ?? [] }
    ) {
        self.ensure = ensure
        self.remove = remove
        self.occupied = occupied
        self.addresses = addresses
        self.bridges = bridges
        self.obstacles = obstacles
        self.attend = attend
        self.peers = peers
    }

    /// Docker's words for an interface that is not there, and is not the name of a VLAN that could be made.
    private static func missingParent(_ error: PlumbingError) -> Fault? {
        guard case .noSuchLink(let name) = error else { return nil }
        guard let dot = name.lastIndex(of: ".") else {
            return Fault(.internal, "invalid subinterface vlan name \(name), example formatting is eth0.10")
        }
        return Fault(.internal, "-o parent interface was not found on the host: \(name[..<dot])")
    }

    /// The network namespace that this process is in.
    package static let kernel = NetworkHost(
        ensure: { side in
            switch side {
            case .bridge(let plan, let firewall, let table):
                try Bridge.ensure(plan)
                _ = try Firewall(table: table).join(firewall)
                return true
            case .parent(let name, let kind, let network):
                do throws(PlumbingError) {
                    return try ParentLink.ensure(name, kind: kind, network: network).created
                } catch { throw missingParent(error) ?? error }
            case .nothing: return false
            }
        },
        remove: { side in
            switch side {
            case .bridge(let plan, _, let table):
                try Firewall(table: table).leave(bridge: plan.name)
                try Bridge.remove(plan.name)
                try Firewall(table: table).removeIfEmpty()
            case .parent(let name, _, let network): try ParentLink.remove(name.isEmpty ? "dm-\(network.prefix(12))" : name)
            case .nothing: break
            }
        },
        occupied: { try HostNetwork.networks(except: $0) },
        addresses: { try HostNetwork.link($0)?.kind == "bridge" ? HostNetwork.addresses(of: $0) : nil },
        bridges: {
            let links = try HostNetwork.links().filter { $0.kind == "bridge" && !$0.alias.isEmpty }
            return Dictionary(links.map { ($0.name, $0.alias) }) { $1 }
        },
        obstacles: { try Firewall.obstacles() },
        attend: { paths, network in
            let lock = "\(paths.networks)/\(network)/\(OverlayMembership.lockName)"
            if FileSystem.exists(lock), try !FileDescriptor.open(lock, [.readWrite]).lock(wait: false) { return }
            let quiet = try FileDescriptor.open("/dev/null", [.readWrite])
            var spawn = Spawn("/proc/self/exe", ["davit-overlay", "--root", paths.dataRoot, "--run-root", paths.runRoot, network], environment: [])
            for number: Int32 in 0...2 { spawn.give(quiet, as: number) }
            // It starts the one that stays, and ends.
            _ = try spawn.start().wait()
        },
        peers: { try Bridge.peers(of: $0) })
}
