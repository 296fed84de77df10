internal import Containers
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /containers/json
    func listContainers(_ request: Request) async throws -> Response {
        let filters = try request.filters(), limit = try request.number("limit")
        let all = request.query.flag("all"), size = request.query.flag("size")
        return try .json(await call { try $0.containers.list(all: all, limit: limit, size: size, filters: filters) })
    }

    /// POST /containers/prune
    func pruneContainers(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(await call { try $0.containers.prune(filters: filters) })
    }
}
