internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Networks

extension Context {
    /// GET /networks
    func listNetworks(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(await call { try $0.networks.list(filters) })
    }
}
