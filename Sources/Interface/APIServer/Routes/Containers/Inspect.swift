internal import Containers
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /containers/{id}/json
    func inspectContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), size = request.query.flag("size")
        return try .json(await call { try $0.containers.inspect(id, size: size) })
    }

    /// GET /containers/{id}/top
    func topContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), arguments = request.parameter("ps_args")
        return try .json(await call { try $0.containers.top(id, arguments: arguments) })
    }

    /// GET /containers/{id}/changes
    func containerChanges(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        return try .json(await call { try $0.containers.changes(id) })
    }
}
