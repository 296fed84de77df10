internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /containers/{id}/export
    func exportContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), engine = engine
        // Asked first, while there is still a status to answer with.
        _ = try await call { try $0.containers.hasTerminal(id) }
        return Response(
            headers: ["Content-Type": "application/octet-stream"], body: .written { file in try engine.containers.export(id, to: file) })
    }

    /// POST /commit. What the body, a configuration, leaves out is the container's.
    func commitContainer(_ request: Request) async throws -> Response {
        let name = request.imageName("repo", "tag"), author = request.query["author"] ?? "", message = request.query["comment"] ?? ""
        let changes = request.query.all("changes").flatMap { $0.split(separator: "\n").map(String.init) }
        let pauses = request.query.flag("pause", default: true)
        let config = try await request.decodeIfAny(ContainerConfig.self)
        guard let container = request.parameter("container") else { throw Fault(.invalid, "no container given") }
        let id = try await call { engine in
            try engine.containers.commit(container, config: config, name: name, author: author, message: message, changes: changes, pauses: pauses)
        }
        return try .json(IDResponse(id: "\(id)"), status: 201)
    }
}
