internal import Database
internal import Diagnostics
package import DockerAPI
internal import NetworkPlumbing
package import Values

extension Networks {
    /// GET /networks. Filters: `dangling`, `driver`, `id`, `label`, `name`, `scope`, `type`.
    package func list(_ filters: Filters = Filters()) throws -> [Network] {
        let filter = try NetworkFilter(filters)
        try providePredefined()
        return try database.read { t in
            let used = filter.dangling == nil ? [] : Set(try t.rows("SELECT DISTINCT network FROM endpoints WHERE live IS NOT NULL").map { try $0.text("network") })
            return try Self.all(in: t).map(\.network).filter { filter.matches($0, isUsed: used.contains($0.id)) }
        }
    }

    /// GET /networks/{id}, with the containers that run on it. `scope` restricts what may be meant, when it is not empty.
    package func inspect(_ reference: String, scope: String = "") throws -> Network {
        try providePredefined()
        var (network, record) = try database.read { t in
            let record = try Self.find(reference, in: t)
            var network = record.network
            guard scope.isEmpty || network.scope == scope else { throw Self.notFound(reference) }
            let endpoints = try Self.live(on: network.id, in: t)
            network.containers = Dictionary(endpoints.map { ($0.container.description, Self.resource($0)) }) { $1 }
            return (network, record)
        }
        if record.driver == .overlay {
            let overlay = try OverlayOptions(record.options, name: network.name).plan
            if overlay.peers == nil, !network.containers.isEmpty { try host.attend(paths, network.id) }
            network.peers = try host.peers(overlay).map { PeerInfo(name: $0.description, ip: $0.description) }
        }
        return network
    }

    static func live(on network: String, in t: borrowing Transaction) throws -> [EndpointRecord] {
        try t.rows("SELECT * FROM endpoints WHERE network = ? AND live IS NOT NULL ORDER BY container_name", .text(network)).map { try EndpointRecord($0) }
    }

    private static func resource(_ endpoint: EndpointRecord) -> EndpointResource {
        var resource = EndpointResource(name: endpoint.containerName, endpointID: endpoint.live?.id ?? "")
        guard let attachment = endpoint.live?.attachment else { return resource }
        if case .ipvlan = attachment.link {} else { resource.macAddress = attachment.mac.description }
        resource.ipv4Address = attachment.addresses.first { $0.address.family == .v4 }?.description ?? ""
        resource.ipv6Address = attachment.addresses.first { $0.address.family == .v6 }?.description ?? ""
        return resource
    }

    /// The containers that have leases on a network: those whose death nobody has noticed are to be found out before `remove` and `inspect`.
    /// Empty when there is no such network.
    package func members(of reference: String) throws -> [Identifier] {
        try database.read { t in
            guard let record = try t.first("SELECT id FROM networks WHERE id = ?1 OR name = ?1 OR (id >= ?1 AND id < ?1 || 'g')", .text(reference)) else { return [] }
            return try Self.live(on: record.text("id"), in: t).map(\.container)
        }
    }

    /// The same of all networks.
    package func members() throws -> [Identifier] {
        try database.read { t in
            try t.rows("SELECT DISTINCT container FROM endpoints WHERE live IS NOT NULL").compactMap { Identifier(try $0.text("container")) }
        }
    }
}

/// The filters of GET /networks, with Docker's errors.
struct NetworkFilter {
    private let filters: Filters
    let dangling: Bool?

    init(_ filters: Filters) throws(Fault) {
        do throws(Filters.Invalid) {
            try filters.validate(["dangling", "driver", "id", "label", "name", "scope", "type"])
        } catch { throw Fault(.invalid, error.description) }
        self.filters = filters
        switch filters["dangling"] {
        case []: dangling = nil
        case ["0"], ["false"]: dangling = false
        case ["1"], ["true"]: dangling = true
        case let several where several.count > 1: throw Fault(.invalid, "got more than one value for filter key \"dangling\"")
        default: throw Fault(.invalid, "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")")
        }
        for type in filters["type"] where type != "builtin" && type != "custom" {
            throw Fault(.invalid, "invalid filter: 'type'='\(type)'")
        }
    }

    func matches(_ network: Network, isUsed: Bool) -> Bool {
        let isBuiltIn = Networks.predefined.contains(network.name)
        // What is predefined is never left over.
        if let dangling, dangling != (!isBuiltIn && !isUsed) { return false }
        let types = filters["type"], names = filters["name"], ids = filters["id"]
        return filters.matches("driver", network.driver) && filters.matches("scope", network.scope) && filters.matchesLabels(network.labels)
            && (types.isEmpty || types.contains(isBuiltIn ? "builtin" : "custom"))
            && (names.isEmpty || names.contains { network.name.contains($0) }) && (ids.isEmpty || ids.contains { network.id.contains($0) })
    }
}
