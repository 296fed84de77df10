internal import AsyncIO
internal import Containers
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Linux

extension Context {
    /// POST /containers/{id}/attach: the connection becomes the container's streams.
    func attachContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), query = request.query
        let options = AttachOptions(
            stdin: query.flag("stdin"), stdout: query.flag("stdout"), stderr: query.flag("stderr"), logs: query.flag("logs"),
            stream: query.flag("stream"), detachKeys: request.parameter("detachKeys"))
        let (file, hasTerminal) = try await call { (try $0.containers.attach(id, options), try $0.containers.hasTerminal(id)) }
        return Response(
            headers: Self.streamHeaders(request, hasTerminal: hasTerminal),
            body: .upgrade(try AsyncConnection(try file.descriptor.duplicate())))
    }

    /// Clients that ask to upgrade are told whether the stream has frames; to old ones every stream is raw.
    static func streamHeaders(_ request: Request, hasTerminal: Bool) -> HeaderFields {
        let isMultiplexed = request.asksForUpgrade && !hasTerminal
        return ["Content-Type": isMultiplexed ? StreamMediaType.multiplexed : StreamMediaType.raw]
    }

    /// POST /containers/{id}/resize
    func resizeContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), (height, width) = try request.terminalSize()
        try await call { try $0.containers.resize(id, height: height, width: width) }
        return Response(200)
    }
}

/// What Docker calls its two stream formats.
enum StreamMediaType {
    static let raw = "application/vnd.docker.raw-stream"
    static let multiplexed = "application/vnd.docker.multiplexed-stream"
}

extension Request {
    /// The parameters `h` and `w`. Throws 400.
    func terminalSize() throws -> (height: Int, width: Int) {
        func size(_ name: String, _ word: String) throws -> Int {
            let text = query[name] ?? ""
            guard let value = UInt16(text) else { throw HTTPError(400, "invalid resize \(word) \"\(text)\": invalid syntax") }
            return Int(value)
        }
        return (try size("h", "height"), try size("w", "width"))
    }
}
