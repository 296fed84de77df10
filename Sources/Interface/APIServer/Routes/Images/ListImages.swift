internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// GET /images/json
    func listImages(_ request: Request) async throws -> Response {
        let filters = try request.filters(), all = request.query.flag("all"), sharedSize = request.query.flag("shared-size")
        let manifests = request.query.flag("manifests")
        return try .json(await call { try $0.images.list(all: all, filters: filters, sharedSize: sharedSize, manifests: manifests) })
    }

    /// POST /images/prune
    func pruneImages(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(await call { try $0.images.prune(filters: filters) })
    }
}
