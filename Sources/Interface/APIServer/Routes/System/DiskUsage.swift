internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /system/df
    func diskUsage(_ request: Request) async throws -> Response {
        let kinds = Set(request.query.all("type"))
        for kind in kinds.sorted() where !["container", "image", "volume", "build-cache"].contains(kind) {
            throw Fault(.invalid, "unknown object type: \(kind)")
        }
        return try .json(await call { try $0.diskUsage(kinds) })
    }
}
