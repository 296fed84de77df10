internal import AsyncIO
internal import Containers
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import LogFiles

extension Context {
    /// POST /containers/{id}/attach: the connection becomes the container's streams.
    func attachContainer(_ request: Request) async throws -> Response {
        let hasTerminal = try await call { try $0.containers.hasTerminal(request.capture("id"), Self.attachOptions(request)) }
        return Response(
            headers: Self.streamHeaders(request, hasTerminal: hasTerminal),
            body: .upgrade(try await attachedStream(request, Self.attachOptions(request), hasTerminal: hasTerminal)))
    }

    /// GET /containers/{id}/attach/ws: the same as a web socket, whose frames carry both outputs as they are.
    func attachContainerByWebSocket(_ request: Request) async throws -> Response {
        var options = Self.attachOptions(request)
        options.frames = false
        // Which streams a client wants was not asked at first.
        if request.minorVersion < 42 { (options.stdin, options.stdout, options.stderr) = (true, true, true) }
        let asked = options
        let hasTerminal = try await call { try $0.containers.hasTerminal(request.capture("id"), asked) }
        let headers = try WebSocket.acceptance(request.headers)
        return Response(headers: headers, body: .upgrade(try await attachedStream(request, asked, hasTerminal: hasTerminal)))
    }

    private static func attachOptions(_ request: Request) -> AttachOptions {
        let query = request.query
        return AttachOptions(
            stdin: query.flag("stdin"), stdout: query.flag("stdout"), stderr: query.flag("stderr"), logs: query.flag("logs"),
            stream: query.flag("stream"), detachKeys: request.parameter("detachKeys"))
    }

    private func attachedStream(_ request: Request, _ options: AttachOptions, hasTerminal: Bool) async throws -> AsyncConnection {
        let id = request.capture("id")
        let stream: AsyncConnection
        if options.stream {
            stream = try AsyncConnection(await call { try $0.containers.attach(id, options) }.descriptor.duplicate())
        } else {
            // Nothing live: the stream ends after the log.
            let (reader, writer) = try AsyncConnection.pair()
            writer.close()
            stream = reader
        }
        if options.logs { stream.unread(try await call { try Self.recentLog(of: id, options, hasTerminal, $0.containers) }) }
        return stream
    }

    /// The end of the log as the stream would have shown it, at most this many bytes: who wants all of it asks for logs.
    private static let recentLogBytes = 4 << 20

    private static func recentLog(
        of id: String, _ options: AttachOptions, _ hasTerminal: Bool, _ containers: Containers
    ) throws -> [UInt8] {
        let reader = try containers.logs(id, LogReadOptions(stdout: options.stdout, stderr: options.stderr))
        let format = LogFormat(timestamps: false, details: false, frames: options.frames && !hasTerminal)
        var pieces: [[UInt8]] = [], count = 0
        while case let entries = try reader.next(), !entries.isEmpty {
            for entry in entries {
                pieces.append(format.bytes(entry))
                count += pieces[pieces.count - 1].count
            }
            // Whole records go, so that frames stay whole.
            let excess = count - recentLogBytes
            var dropped = 0, index = 0
            while dropped < excess {
                dropped += pieces[index].count
                index += 1
            }
            pieces.removeFirst(index)
            count -= dropped
        }
        return Array(pieces.joined())
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
            guard let value = UInt32(text) else {
                let isNumber = Int(text) != nil || !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
                throw HTTPError(400, "invalid resize \(word) \"\(text)\": \(isNumber ? "value out of range" : "invalid syntax")")
            }
            return Int(value)
        }
        return (try size("h", "height"), try size("w", "width"))
    }
}
