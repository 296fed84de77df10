internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// DELETE /networks/{id}
    func deleteNetwork(_ request: Request) async throws -> Response {
        let reference = request.capture("id")
        try await call { try $0.removeNetwork(reference) }
        return .noContent
    }

    /// POST /networks/prune
    func pruneNetworks(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(await call { try $0.pruneNetworks(filters) })
    }
}
