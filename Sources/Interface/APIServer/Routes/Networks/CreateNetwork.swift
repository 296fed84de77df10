internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Networks

extension Context {
    /// POST /networks/create
    func createNetwork(_ request: Request) async throws -> Response {
        let body = try await request.decode(NetworkCreateRequest.self)
        return try .json(await call { try $0.networks.create(body) }, status: 201)
    }
}
