package import DockerAPI
internal import HTTPTransport

extension Client {
    /// GET /networks.
    package func networks(filters: Filters = Filters()) async throws -> [Network] {
        try await get("/networks", .of(("filters", filters.parameter)))
    }

    /// GET /networks/{id}.
    package func inspectNetwork(_ id: String, verbose: Bool = false) async throws -> Network {
        try await get("/networks/\(id)", .of(("verbose", flag(verbose))))
    }

    /// POST /networks/create.
    package func createNetwork(_ request: NetworkCreateRequest) async throws -> NetworkCreateResponse {
        try await Self.decode(post("/networks/create", json: request))
    }

    /// POST /networks/{id}/connect.
    package func connectNetwork(_ id: String, container: String, _ settings: EndpointSettings) async throws {
        let request = NetworkConnectRequest(container: container, endpointConfig: settings)
        _ = try await post("/networks/\(id)/connect", json: request).collect(limit: 1 << 20)
    }

    /// POST /networks/{id}/disconnect.
    package func disconnectNetwork(_ id: String, container: String, force: Bool = false) async throws {
        let request = NetworkDisconnectRequest(container: container, force: force)
        _ = try await post("/networks/\(id)/disconnect", json: request).collect(limit: 1 << 20)
    }

    /// DELETE /networks/{id}.
    package func removeNetwork(_ id: String) async throws { _ = try await delete("/networks/\(id)") }

    /// POST /networks/prune.
    package func pruneNetworks(filters: Filters = Filters()) async throws -> NetworksPruneReport {
        try await post("/networks/prune", .of(("filters", filters.parameter)))
    }
}
