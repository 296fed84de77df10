package import DockerAPI
internal import HTTP
internal import HTTPTransport

/// What HEAD /_ping tells.
package struct Ping: Sendable, Hashable {
    package var apiVersion: String
    package var osType: String
    package var builderVersion: String
    package var isExperimental: Bool
}

extension Client {
    package func ping() async throws -> Ping {
        let response = try await send(Request(.head, "/_ping"))
        return Ping(
            apiVersion: response.headers["Api-Version"] ?? "", osType: response.headers["OSType"] ?? "",
            builderVersion: response.headers["Builder-Version"] ?? "", isExperimental: response.headers["Docker-Experimental"] == "true")
    }

    /// GET /version.
    package func version() async throws -> SystemVersion { try await get("/version") }

    /// GET /info.
    package func info() async throws -> SystemInfo { try await get("/info") }

    /// GET /system/df.
    package func diskUsage() async throws -> DiskUsage { try await get("/system/df") }

    /// Each event from `since` on until `until`, both in any form that Docker reads; without `until` for ever.
    package func events(
        since: String? = nil, until: String? = nil, filters: Filters = Filters(),
        _ each: @escaping @Sendable (EventMessage) async throws -> Void
    ) async throws {
        let response = try await get("/events", .of(("since", since), ("until", until), ("filters", filters.parameter)))
        try await Self.lines(response, each)
    }
}
