package import DockerAPI
internal import HTTP
package import HTTPTransport
internal import JSON

/// When a wait ends: Docker's words.
package enum WaitCondition: String, Sendable {
    case notRunning = "not-running"
    case nextExit = "next-exit"
    case removed
}

/// A wait that the server has noted; `result` returns when the condition holds.
package struct PendingWait: Sendable {
    private let response: Response
    init(_ response: Response) { self.response = response }

    package func result() async throws -> ContainerWaitResponse { try await Client.decode(response) }
}

extension Client {
    /// GET /containers/json.
    package func containers(
        all: Bool = false, limit: Int? = nil, size: Bool = false, filters: Filters = Filters()
    ) async throws -> [ContainerSummary] {
        try await get(
            "/containers/json",
            .of(("all", flag(all)), ("limit", number(limit)), ("size", flag(size)), ("filters", filters.parameter)))
    }

    /// POST /containers/create.
    package func createContainer(
        _ request: ContainerCreateRequest, name: String? = nil, platform: String? = nil
    ) async throws -> ContainerCreateResponse {
        try await Self.decode(post("/containers/create", .of(("name", name), ("platform", platform)), json: request))
    }

    /// GET /containers/{id}/json.
    package func inspectContainer(_ id: String, size: Bool = false) async throws -> ContainerInspect {
        try await get("/containers/\(id)/json", .of(("size", flag(size))))
    }

    /// The very JSON that the server gave, fields unknown here included.
    package func inspectContainerJSON(_ id: String, size: Bool = false) async throws -> [UInt8] {
        try await get("/containers/\(id)/json", .of(("size", flag(size)))).collect()
    }

    /// GET /containers/{id}/top.
    package func top(_ id: String, psArguments: String? = nil) async throws -> ContainerTopResponse {
        try await get("/containers/\(id)/top", .of(("ps_args", psArguments)))
    }

    /// GET /containers/{id}/changes.
    package func changes(_ id: String) async throws -> [FilesystemChange] {
        let list: [FilesystemChange]? = try await get("/containers/\(id)/changes")
        return list ?? []
    }

    /// The container's files as a tar stream.
    package func exportContainer(_ id: String) async throws -> Response { try await get("/containers/\(id)/export") }

    /// POST /containers/{id}/resize.
    package func resizeContainer(_ id: String, height: Int, width: Int) async throws {
        try await post("/containers/\(id)/resize", .of(("h", "\(height)"), ("w", "\(width)")))
    }

    /// False when it was running already.
    @discardableResult
    package func startContainer(_ id: String, detachKeys: String? = nil) async throws -> Bool {
        try await post("/containers/\(id)/start", .of(("detachKeys", detachKeys))) != 304
    }

    /// False when it was not running. `timeoutSeconds` nil means the container's own; -1 means never to kill.
    @discardableResult
    package func stopContainer(_ id: String, signal: String? = nil, timeoutSeconds: Int? = nil) async throws -> Bool {
        try await post("/containers/\(id)/stop", .of(("signal", signal), ("t", number(timeoutSeconds)))) != 304
    }

    /// POST /containers/{id}/restart.
    package func restartContainer(_ id: String, signal: String? = nil, timeoutSeconds: Int? = nil) async throws {
        try await post("/containers/\(id)/restart", .of(("signal", signal), ("t", number(timeoutSeconds))))
    }

    /// POST /containers/{id}/kill.
    package func killContainer(_ id: String, signal: String? = nil) async throws {
        try await post("/containers/\(id)/kill", .of(("signal", signal)))
    }

    /// POST /containers/{id}/rename.
    package func renameContainer(_ id: String, to name: String) async throws {
        try await post("/containers/\(id)/rename", .of(("name", name)))
    }

    /// POST /containers/{id}/pause.
    package func pauseContainer(_ id: String) async throws { try await post("/containers/\(id)/pause") }

    /// POST /containers/{id}/unpause.
    package func unpauseContainer(_ id: String) async throws { try await post("/containers/\(id)/unpause") }

    /// GET /containers/{id}/stats: one sample with the one before it.
    package func statistics(_ id: String) async throws -> ContainerStats {
        try await get("/containers/\(id)/stats", .of(("stream", "0")))
    }

    /// The same, one each second, until the container is removed.
    package func followStatistics(_ id: String, _ each: @escaping @Sendable (ContainerStats) async throws -> Void) async throws {
        try await Self.lines(try await get("/containers/\(id)/stats", .of(("stream", "1"))), each)
    }

    /// POST /containers/{id}/update.
    package func updateContainer(_ id: String, _ request: ContainerUpdateRequest) async throws -> ContainerUpdateResponse {
        try await Self.decode(post("/containers/\(id)/update", json: request))
    }

    /// DELETE /containers/{id}.
    package func removeContainer(_ id: String, force: Bool = false, removeVolumes: Bool = false, link: Bool = false) async throws {
        _ = try await delete("/containers/\(id)", .of(("force", flag(force)), ("v", flag(removeVolumes)), ("link", flag(link))))
    }

    /// POST /containers/prune.
    package func pruneContainers(filters: Filters = Filters()) async throws -> ContainersPruneReport {
        try await post("/containers/prune", .of(("filters", filters.parameter)))
    }

    /// Returns once the server has noted the wait, so that nothing which happens after is missed.
    package func wait(for id: String, _ condition: WaitCondition = .notRunning) async throws -> PendingWait {
        PendingWait(try await send(Request(.post, "/containers/\(id)/wait", query: ["condition": condition.rawValue])))
    }
}
