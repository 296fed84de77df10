internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTPTransport

extension Context {
    /// POST /containers/{id}/update
    func updateContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), given = try await request.decode(ContainerUpdateRequest.self)
        var body = given
        if request.minorVersion < 40 { body.resources.pidsLimit = nil }
        let wanted = body
        return try .json(await call { try $0.containers.update(id, wanted) })
    }
}
