internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Networks

extension Context {
    /// POST /networks/create
    func createNetwork(_ request: Request) async throws -> Response {
        var body = try await request.decode(NetworkCreateRequest.self)
        // What older clients send under this name means nothing.
        if try APIVersion.split(request.path).version < APIVersion(major: 1, minor: 48) { body.enableIPv4 = nil }
        return try .json(await call { [body] in try $0.networks.create(body) }, status: 201)
    }
}
