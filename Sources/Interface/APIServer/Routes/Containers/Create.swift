internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// POST /containers/create
    func createContainer(_ request: Request) async throws -> Response {
        let body = try await request.decode(ContainerCreateRequest.self)
        let name = request.parameter("name"), platform = try request.platform()
        return try .json(await call { try $0.containers.create(name: name, platform: platform, request: body) }, status: 201)
    }

    /// POST /containers/{id}/rename
    func renameContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), name = request.query["name"] ?? ""
        try await call { try $0.containers.rename(id, to: name) }
        return .noContent
    }
}
