internal import Containers
internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// DELETE /containers/{id}
    func deleteContainer(_ request: Request) async throws -> Response {
        if request.query.flag("link") { throw Fault(.notImplemented, "legacy links between containers are not supported") }
        let id = request.capture("id"), force = request.query.flag("force"), removesVolumes = request.query.flag("v")
        try await call { try $0.containers.remove(id, force: force, removeVolumes: removesVolumes) }
        return .noContent
    }
}
