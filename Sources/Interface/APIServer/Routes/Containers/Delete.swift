internal import Containers
internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// DELETE /containers/{id}; with `link=1` only the link that `id` names, `container/alias`.
    func deleteContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        if request.query.flag("link") {
            try await call { try $0.containers.removeLink(id) }
            return .noContent
        }
        let force = request.query.flag("force"), removesVolumes = request.query.flag("v")
        try await call { try $0.containers.remove(id, force: force, removeVolumes: removesVolumes) }
        return .noContent
    }
}
