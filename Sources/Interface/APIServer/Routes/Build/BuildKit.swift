internal import AsyncIO
internal import BuildKitAPI
internal import Diagnostics
internal import HTTP
internal import HTTPTransport

// The connection becomes one of HTTP/2, on which BuildKit's services are called: by the client, or by us.
extension Context {
    /// POST /grpc
    func callBuildKit(_ request: Request) async throws -> Response { try await upgrade(request) { [buildKit] in try await buildKit.serve($0) } }

    /// POST /session
    func answerBuildKit(_ request: Request) async throws -> Response {
        guard let id = request.headers["X-Docker-Expose-Session-Uuid"], !id.isEmpty else { throw Fault(.invalid, "a session has no name") }
        return try await upgrade(request) { [buildKit] in try await buildKit.keep($0, as: id) }
    }

    private func upgrade(_ request: Request, _ serve: @escaping @Sendable (AsyncConnection) async throws -> Void) async throws -> Response {
        guard request.headers["Upgrade"] == "h2c" else { throw Fault(.invalid, "no upgrade proto in request: h2c is the only one") }
        let (near, far) = try AsyncConnection.pair()
        // It lives as long as the connection: when that ends, so does its other end here. Who broke it off knows why.
        _ = AsyncIO.begin { try? await serve(far) }
        return Response(body: .upgrade(near))
    }
}
