internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// POST /networks/{id}/connect
    func connectNetwork(_ request: Request) async throws -> Response {
        let network = request.capture("id"), body = try await request.decode(NetworkConnectRequest.self)
        try await call { try $0.containers.connect(body.container, to: network, body.endpointConfig ?? EndpointSettings()) }
        return Response(200)
    }

    /// POST /networks/{id}/disconnect
    func disconnectNetwork(_ request: Request) async throws -> Response {
        let network = request.capture("id"), body = try await request.decode(NetworkDisconnectRequest.self)
        try await call { try $0.containers.disconnect(body.container, from: network, force: body.force) }
        return Response(200)
    }
}
