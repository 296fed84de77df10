internal import Database
package import DockerAPI
internal import NetworkPlumbing
package import Values

extension Networks {
    /// What `lease` or `connect` gave a container that runs, as it is now; empty for one that does not.
    package func leases(of container: Identifier) throws -> [EndpointLease] {
        try database.read { t in try leases(of: container, in: t) }
    }

    func leases(of container: Identifier, in t: borrowing Transaction) throws -> [EndpointLease] {
        let living = try EndpointRecord.all(of: container, in: t).filter { $0.live != nil }
        if living.isEmpty { return [] }
        let settings = try settings(in: t)
        return try living.map { try lease($0, network(of: $0, in: t), settings) }
    }

    /// The networks that a container is on, by name, as inspect shows them.
    package func endpoints(of container: Identifier) throws -> [String: EndpointSettings] {
        try database.read { t in
            var known: [String: NetworkRecord] = [:]
            return Dictionary(try EndpointRecord.all(of: container, in: t).map { ($0.networkName, try shown($0, in: t, &known)) }) { $1 }
        }
    }

    /// The hardware address that somebody asked for when the container was to be on a network; empty for none.
    package func macAddress(askedFor container: Identifier, on network: String) throws -> String {
        let name = network == "default" ? "bridge" : network
        return try database.read { t in
            try EndpointRecord.all(of: container, in: t).first { $0.networkName == name || $0.network == name }?.settings.macAddress ?? ""
        }
    }

    /// The same of all containers, for `ps`.
    package func endpoints() throws -> [Identifier: [String: EndpointSettings]] {
        try database.read { t in
            var result: [Identifier: [String: EndpointSettings]] = [:]
            // Many containers are on few networks.
            var known: [String: NetworkRecord] = [:]
            for row in try t.rows("SELECT * FROM endpoints") {
                let endpoint = try EndpointRecord(row)
                result[endpoint.container, default: [:]][endpoint.networkName] = try shown(endpoint, in: t, &known)
            }
            return result
        }
    }

    private func shown(_ endpoint: EndpointRecord, in t: borrowing Transaction, _ known: inout [String: NetworkRecord]) throws -> EndpointSettings {
        // Only those that live on a network say anything that its own row is needed for.
        guard endpoint.live?.attachment != nil || Identifier(endpoint.network) == nil else { return Self.shown(endpoint, nil) }
        if known[endpoint.network] == nil { known[endpoint.network] = endpoint.live == nil ? nil : try network(of: endpoint, in: t) }
        return Self.shown(endpoint, known[endpoint.network])
    }

    /// An endpoint as inspect shows it. `Gateway` is the network's, whether or not the container's default route goes by it, as in Docker.
    static func shown(_ endpoint: EndpointRecord, _ record: NetworkRecord?) -> EndpointSettings {
        var settings = endpoint.settings
        settings.networkID = Identifier(endpoint.network) == nil ? "" : endpoint.network
        guard let live = endpoint.live else { return settings }
        settings.macAddress = ""
        settings.networkID = record?.id.description ?? settings.networkID
        settings.endpointID = live.id
        guard let attachment = live.attachment else { return settings }
        if case .ipvlan = attachment.link {} else { settings.macAddress = attachment.mac.description }
        settings.dnsNames = attachment.names.isEmpty ? nil : attachment.names
        for prefix in attachment.addresses {
            let isLeft = record?.isInternal != true && record?.isRouted != true
            let gateway = isLeft ? record?.pools.first { $0.contains(prefix.address) }.flatMap { record?.gateway($0) } : nil
            if prefix.address.family == .v4 {
                settings.ipAddress = prefix.address.description
                settings.ipPrefixLen = prefix.length
                settings.gateway = gateway?.description ?? ""
            } else {
                settings.globalIPv6Address = prefix.address.description
                settings.globalIPv6PrefixLen = prefix.length
                settings.ipv6Gateway = gateway?.description ?? ""
            }
        }
        return settings
    }
}
