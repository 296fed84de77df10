internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import OCI

extension Context {
    /// POST /containers/{id}/exec
    func createExec(_ request: Request) async throws -> Response {
        let id = request.capture("id"), body = try await request.decode(ExecCreateRequest.self)
        return try .json(IDResponse(id: await call { try $0.containers.createExec(id, body) }), status: 201)
    }

    /// POST /exec/{id}/start: the connection becomes the session's streams, unless it is detached.
    func startExec(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        // Old clients send no body at all.
        let body = request.body.length == 0 ? ExecStartRequest() : try await request.decode(ExecStartRequest.self)
        let size = ConsoleSize(body.consoleSize)
        switch try await call({ try $0.containers.startExec(id, detach: body.detach, raw: body.tty, consoleSize: size) }) {
        case .detached: return Response(200)
        case .attached(let file, let raw):
            return Response(
                headers: Self.streamHeaders(request, hasTerminal: raw),
                body: .upgrade(try AsyncConnection(try file.descriptor.duplicate())))
        case .failed(let fault, let raw):
            // As Docker: the stream has begun by then, so the reason goes down it and the exit code is for inspect to tell.
            let (near, far) = try AsyncConnection.pair()
            let line = Array((fault.message + "\r\n").utf8)
            try await near.writeAll(raw ? line : StreamFrame(.stdout, line).encoded)
            near.close()
            return Response(headers: Self.streamHeaders(request, hasTerminal: raw), body: .upgrade(far))
        }
    }

    /// POST /exec/{id}/resize
    func resizeExec(_ request: Request) async throws -> Response {
        let id = request.capture("id"), (height, width) = try request.terminalSize()
        try await call { try $0.containers.resizeExec(id, height: height, width: width) }
        return Response(200)
    }

    /// GET /exec/{id}/json
    func inspectExec(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        return try .json(await call { try $0.containers.inspectExec(id) })
    }
}
