internal import Containers
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// POST /containers/{id}/start
    func startContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        return try await call { try $0.containers.start(id) } ? .noContent : .notModified
    }

    /// POST /containers/{id}/restart
    func restartContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), signal = request.parameter("signal"), seconds = try request.number("t")
        try await call { try $0.containers.restart(id, signal: signal, timeoutSeconds: seconds) }
        return .noContent
    }
}
