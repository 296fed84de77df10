package import DockerAPI
internal import HTTP
package import HTTPTransport

extension Client {
    /// GET /images/json.
    package func images(all: Bool = false, manifests: Bool = false, filters: Filters = Filters()) async throws -> [ImageSummary] {
        try await get("/images/json", .of(("all", flag(all)), ("manifests", flag(manifests)), ("filters", filters.parameter)))
    }

    /// GET /images/{name}/json.
    package func inspectImage(_ name: String, platform: String? = nil) async throws -> ImageInspect {
        try await get("/images/\(name)/json", .of(("platform", platform)))
    }

    /// The very JSON that the server gave, fields unknown here included.
    package func inspectImageJSON(_ name: String, platform: String? = nil) async throws -> [UInt8] {
        try await get("/images/\(name)/json", .of(("platform", platform))).collect()
    }

    /// GET /images/{name}/history.
    package func imageHistory(_ name: String, platform: String? = nil) async throws -> [ImageHistoryItem] {
        try await get("/images/\(name)/history", .of(("platform", platform)))
    }

    /// POST /images/{name}/tag.
    package func tagImage(_ name: String, repository: String, tag: String) async throws {
        try await post("/images/\(name)/tag", .of(("repo", repository), ("tag", tag)))
    }

    /// DELETE /images/{name}.
    package func removeImage(
        _ name: String, force: Bool = false, pruneParents: Bool = true, platforms: [String] = []
    ) async throws -> [ImageDeleteItem] {
        var query: Query = .of(("force", flag(force)), ("noprune", flag(!pruneParents)))
        for platform in platforms { query.append("platforms", platform) }
        return try await Self.decode(delete("/images/\(name)", query))
    }

    /// POST /images/prune.
    package func pruneImages(filters: Filters = Filters()) async throws -> ImagesPruneReport {
        try await post("/images/prune", .of(("filters", filters.parameter)))
    }

    /// Loads what `archive` holds; `each` gets the server's progress. An error among the messages is thrown.
    package func loadImages(
        _ archive: RequestBody, quiet: Bool = false, platforms: [String] = [], _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        var query: Query = .of(("quiet", flag(quiet)))
        for platform in platforms { query.append("platform", platform) }
        let response = try await send(
            Request(
                .post, "/images/load", query: query, headers: ["Content-Type": "application/x-tar"], body: archive))
        try await Self.messages(response, each)
    }

    /// Davit's own: an image of one layer out of another one's, under the name `target` if it is given. Gives the new image's id.
    package func squashImage(_ name: String, as target: String?) async throws -> String {
        let response: IDResponse = try await post("/images/\(name)/squash", .of(("name", target)))
        return response.id
    }

    /// The images as one tar stream.
    package func saveImages(_ names: [String], platforms: [String] = []) async throws -> Response {
        var query = Query()
        for platform in platforms { query.append("platform", platform) }
        for name in names { query.append("names", name) }
        return try await get("/images/get", query)
    }

    /// Makes an image out of a root file system in a tar archive, or in one that the engine fetches from `address`.
    package func importImage(
        _ archive: RequestBody, from address: String = "-", repository: String?, tag: String?, message: String? = nil, changes: [String] = [], platform: String? = nil,
        _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        var query: Query = .of(
            ("fromSrc", address), ("repo", repository), ("tag", tag), ("message", message), ("platform", platform))
        for change in changes { query.append("changes", change) }
        let response = try await send(
            Request(.post, "/images/create", query: query, headers: ["Content-Type": "application/x-tar"], body: archive))
        try await Self.messages(response, each)
    }

    /// Fetches an image from its registry; with no tag all of the repository's.
    package func pullImage(
        _ name: String, tag: String?, platform: String? = nil, allPlatforms: Bool = false, auth: AuthConfig? = nil,
        _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        let query: Query = .of(("fromImage", name), ("tag", tag), ("platform", platform), ("allPlatforms", allPlatforms ? "1" : nil))
        try await Self.messages(send(Request(.post, "/images/create", query: query, headers: try Self.fields(auth))), each)
    }

    /// Sends an image to its registry; with no tag all of the repository's.
    package func pushImage(
        _ name: String, tag: String?, platform: String? = nil, auth: AuthConfig? = nil, _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        let query: Query = .of(("tag", tag), ("platform", platform))
        try await Self.messages(send(Request(.post, "/images/\(name)/push", query: query, headers: try Self.fields(auth))), each)
    }

    /// Repositories that have to do with `term`, or for `host/term` those of that registry.
    package func searchImages(_ term: String, limit: String?, filters: Filters, auth: AuthConfig? = nil) async throws -> [ImageSearchItem] {
        let query: Query = .of(("term", term), ("limit", limit), ("filters", filters.isEmpty ? nil : filters.json))
        return try await Self.decode(send(Request(.get, "/images/search", query: query, headers: try Self.fields(auth))))
    }

    /// Docker's engine wants the field in any case.
    private static func fields(_ auth: AuthConfig?) throws -> HeaderFields { ["X-Registry-Auth": try (auth ?? AuthConfig()).header()] }

    /// POST /auth.
    package func login(_ auth: AuthConfig) async throws -> AuthResponse { try await Self.decode(post("/auth", json: auth)) }

    /// Makes an image of a container's state; gives the image's id.
    package func commit(
        _ container: String, repository: String? = nil, tag: String? = nil, comment: String? = nil, author: String? = nil,
        pause: Bool = true, changes: [String] = [], config: ContainerConfig? = nil
    ) async throws -> String {
        var query: Query = .of(
            ("container", container), ("repo", repository), ("tag", tag), ("comment", comment), ("author", author),
            ("pause", pause ? nil : "0"))
        for change in changes { query.append("changes", change) }
        let response: IDResponse =
            if let config {
                try await Self.decode(post("/commit", query, json: config))
            } else {
                try await post("/commit", query)
            }
        return response.id
    }

    /// Davit's own: makes a base image without a registry, such as `busybox` or `debian:bookworm-slim`.
    package func bootstrapImage(
        _ name: String, include: [String] = [], _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        let query: Query = .of(("name", name), ("include", include.isEmpty ? nil : include.joined(separator: ",")))
        try await Self.messages(send(Request(.post, "/images/bootstrap", query: query)), each)
    }
}
