package import DockerAPI

extension Client {
    /// GET /volumes.
    package func volumes(filters: Filters = Filters()) async throws -> VolumeList {
        try await get("/volumes", .of(("filters", filters.parameter)))
    }

    /// POST /volumes/create.
    package func createVolume(_ request: VolumeCreateRequest) async throws -> Volume {
        try await Self.decode(post("/volumes/create", json: request))
    }

    /// GET /volumes/{name}.
    package func inspectVolume(_ name: String) async throws -> Volume { try await get("/volumes/\(name)") }

    /// DELETE /volumes/{name}.
    package func removeVolume(_ name: String, force: Bool = false) async throws {
        _ = try await delete("/volumes/\(name)", .of(("force", flag(force))))
    }

    /// POST /volumes/prune.
    package func pruneVolumes(filters: Filters = Filters()) async throws -> VolumesPruneReport {
        try await post("/volumes/prune", .of(("filters", filters.parameter)))
    }
}
