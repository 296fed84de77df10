package import DockerAPI
package import HTTP
package import HTTPTransport

// Calls about builds.
extension Client {
    /// POST /build with its parameters. `inputs`: what only Davit takes, beside the archive of the context.
    package func build(
        _ query: Query, context: RequestBody, inputs: BuildInputs? = nil, registries: [String: AuthConfig] = [:],
        _ each: @escaping @Sendable (JSONMessage) async throws -> Void
    ) async throws {
        var headers: HeaderFields = ["Content-Type": context.document == nil ? "application/x-tar" : BuildInputs.mediaType]
        headers.append("X-Registry-Config", try AuthConfig.header(of: registries))
        if let inputs { headers.append(BuildInputs.header, try inputs.headerText()) }
        try await Self.messages(send(Request(.post, "/build", query: query, headers: headers, body: context)), each)
    }

    /// POST /build/prune.
    package func pruneBuildCache(all: Bool, filters: Filters, keep: Int) async throws -> BuildCachePruneReport {
        try await post(
            "/build/prune", .of(("all", all ? "1" : nil), ("filters", filters.isEmpty ? nil : filters.json), ("reserved-space", keep > 0 ? "\(keep)" : nil)))
    }
}
