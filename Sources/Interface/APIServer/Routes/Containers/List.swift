internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /containers/json
    func listContainers(_ request: Request) async throws -> Response {
        let filters = try request.filters(), limit = try request.number("limit")
        let all = request.query.flag("all"), size = request.query.flag("size")
        var containers = try await call { try $0.containers.list(all: all, limit: limit, size: size, filters: filters) }
        if request.minorVersion < 46 { for index in containers.indices { containers[index].hostConfig.annotations = nil } }
        return try .json(containers)
    }

    /// POST /containers/prune
    func pruneContainers(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(await call { try $0.containers.prune(filters: filters) })
    }
}
