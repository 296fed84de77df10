internal import Diagnostics
internal import DockerAPI
internal import NetworkPlumbing
internal import Values

extension NetworkRecord {
    /// What the network has on the host, as its row says, and the administrator wants it.
    func hostSide(_ table: String, _ settings: NetworkDefaults = NetworkDefaults()) throws(Fault) -> HostSide {
        switch driver {
        case .host, .null: return .nothing
        case .macvlan, .ipvlan:
            return .parent(name: try LinkOptions(driver, options).parent, kind: driver.rawValue, network: id.description)
        case .bridge, .overlay:
            let bridge = try BridgeOptions(options, id: id, isInternal: network.internal)
            let overlay = driver == .overlay ? try OverlayOptions(options, name: network.name) : nil
            let addresses = pools.compactMap { pool in
                pool.gateway.flatMap { bridge.hasAddress($0.family) ? IPPrefix($0, length: pool.subnet.length) : nil }
            }
            // So that it can be seen whose an interface is, and found again when its network is no more.
            let owner = "\(table):\(id)"
            let families = network.internal || settings.forwards == false ? [] : Set(pools.map(\.subnet.first.family))
            return .bridge(
                BridgePlan(
                    name: bridge.name, owner: owner, addresses: addresses, mtu: overlay?.mtu ?? bridge.mtu, overlay: overlay?.plan,
                    isGiven: network.name == "bridge" && bridge.name != Networks.bridgeName(id, table)),
                FirewallNetwork(
                    bridge: bridge.name, owner: network.name, families: families, forwardsOthers: settings.forwardsOthers ?? false, isInternal: network.internal,
                    allowsContainers: bridge.allowsContainers,
                    routed: Set(bridge.routedFamilies), masquerades: bridge.masqueradedFamilies, sources: bridge.sources, open: Set(bridge.openFamilies),
                    direct: settings.allowsDirectRouting == true ? [.v4, .v6] : Set(bridge.routedFamilies), trusted: bridge.trustedInterfaces, overlay: overlay?.plan),
                table: table)
        }
    }
}
