internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// GET /images/{name}/json
    func inspectImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform()
        return try .json(await call { try $0.images.inspect(name, platform: platform) })
    }

    /// GET /images/{name}/history
    func imageHistory(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform()
        return try .json(await call { try $0.images.history(name, platform: platform) })
    }
}
