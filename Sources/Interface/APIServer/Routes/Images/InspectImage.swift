internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// GET /images/{name}/json
    func inspectImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform(), manifests = request.query.flag("manifests")
        if manifests, platform != nil { throw Fault(.invalid, "conflicting options: manifests and platform options cannot both be set") }
        return try .json(await call { try $0.images.inspect(name, platform: platform, manifests: manifests) })
    }

    /// GET /images/{name}/history
    func imageHistory(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform()
        return try .json(await call { try $0.images.history(name, platform: platform) })
    }
}
