internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /version
    func version(_ request: Request) async throws -> Response { try .json(engine.version()) }

    /// GET /info
    func information(_ request: Request) async throws -> Response {
        var info = try await call { try $0.info() }
        if request.minorVersion < 50 { info.bridgeNfIptables = false }
        return try .json(info)
    }
}
