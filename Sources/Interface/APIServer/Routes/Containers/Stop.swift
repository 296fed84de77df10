internal import Containers
internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// POST /containers/{id}/stop
    func stopContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), signal = request.parameter("signal"), seconds = try request.number("t")
        return try await call { try $0.containers.stop(id, signal: signal, timeoutSeconds: seconds) } ? .noContent : .notModified
    }

    /// POST /containers/{id}/kill
    func killContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), signal = request.parameter("signal")
        do { try await call { try $0.containers.kill(id, signal: signal) } } catch let fault as Fault {
            throw Fault(fault.kind, "cannot kill container: \(id): \(fault.message)", cause: fault.cause)
        }
        return .noContent
    }

    /// POST /containers/{id}/pause
    func pauseContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        try await call { try $0.containers.pause(id) }
        return .noContent
    }

    /// POST /containers/{id}/unpause
    func unpauseContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        try await call { try $0.containers.unpause(id) }
        return .noContent
    }
}
