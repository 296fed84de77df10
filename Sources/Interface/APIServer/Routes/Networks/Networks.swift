internal import Diagnostics
internal import DockerAPI
internal import HTTP
internal import HTTPTransport

/// The networks that are there without being made. Networks of the user's own come with the network plumbing.
enum PredefinedNetworks {
    // Docker draws the ids at random once a host; these are the same everywhere, which clients cannot tell.
    static let host = network("host", id: "6b2d1f0a94c85e37d0a1b6f2c97e4d835f1026cb7e9d4a38f05b21c6e7d98a40")
    static let none = network("none", driver: "null", id: "c41e97a0d2585fb36c08e1497bd63a2f80d4b5e1972c6fa3d0815e94b7a26cf3")
    static let all = [host, none]

    private static func network(_ name: String, driver: String? = nil, id: String) -> Network {
        var network = Network()
        network.name = name
        network.id = id
        network.scope = "local"
        network.driver = driver ?? name
        return network
    }

    static func find(_ reference: String) throws -> Network {
        if let network = all.first(where: { $0.name == reference || $0.id == reference }) { return network }
        let prefixed = reference.isEmpty ? [] : all.filter { $0.id.hasPrefix(reference) }
        guard let network = prefixed.first else { throw Fault(.notFound, "network \(reference) not found") }
        if prefixed.count > 1 {
            throw Fault(.invalid, "network \(reference) is ambiguous (\(prefixed.count) matches found based on ID prefix)")
        }
        return network
    }
}

extension Context {
    /// GET /networks
    func listNetworks(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        try filters.validate(["dangling", "driver", "id", "label", "name", "scope", "type"])
        let types = filters["type"]
        let found = PredefinedNetworks.all.filter { network in
            filters.matches("driver", network.driver) && filters.matches("scope", network.scope) && filters.matchesLabels([:])
                && (filters["name"].isEmpty || filters["name"].contains { network.name.contains($0) })
                && (filters["id"].isEmpty || filters["id"].contains { network.id.contains($0) })
                && (types.isEmpty || types.contains("builtin"))
        }
        // What is predefined never counts as dangling.
        return try .json(try filters.flag("dangling") == true ? [] : found)
    }

    /// GET /networks/{id}
    func inspectNetwork(_ request: Request) async throws -> Response {
        try .json(try PredefinedNetworks.find(request.capture("id")))
    }
}
