internal import AsyncIO
package import DockerAPI
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Synchronization

/// What to attach to a container.
package struct AttachParameters: Sendable, Hashable {
    /// Output from before, too.
    package var logs = false
    package var stream = true
    package var stdin = false
    package var stdout = false
    package var stderr = false
    /// The engine's default when nil.
    package var detachKeys: String?

    package init(stdin: Bool = false, stdout: Bool = false, stderr: Bool = false, detachKeys: String? = nil) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.detachKeys = detachKeys
    }
}

/// Which part of a log.
package struct LogParameters: Sendable, Hashable {
    package var stdout = true
    package var stderr = true
    package var follow = false
    package var timestamps = false
    package var details = false
    /// Seconds since 1970 with an optional fraction, such as `1136073600.000000001`.
    package var since: String?
    package var until: String?
    /// `all` or a number of lines.
    package var tail: String?

    package init() {}
}

extension Client {
    private static let upgrade: HeaderFields = ["Connection": "Upgrade", "Upgrade": "tcp", "Content-Type": "application/json"]

    /// `tty`: whether the container has one, which decides the framing of its output.
    package func attach(_ id: String, _ parameters: AttachParameters, tty: Bool) async throws -> AttachedStream {
        let query: Query = .of(
            ("logs", flag(parameters.logs)), ("stream", flag(parameters.stream)), ("stdin", flag(parameters.stdin)),
            ("stdout", flag(parameters.stdout)), ("stderr", flag(parameters.stderr)), ("detachKeys", parameters.detachKeys))
        let response = try await send(Request(.post, "/containers/\(id)/attach", query: query, headers: Self.upgrade))
        return try Self.stream(response, tty)
    }

    private static func stream(_ response: Response, _ tty: Bool) throws -> AttachedStream {
        guard case .upgrade(let connection) = response.body else {
            throw ConnectionFailure("unable to upgrade to tcp, received \(response.status)")
        }
        return AttachedStream(connection, isMultiplexed: !tty)
    }

    /// Gives the log to `consume` in pieces, in order; without `follow` until what is there ends.
    package func logs(
        _ id: String, _ parameters: LogParameters, tty: Bool,
        _ consume: @escaping @Sendable (StreamFrame.Stream, [UInt8]) async throws -> Void
    ) async throws {
        let response = try await get(
            "/containers/\(id)/logs",
            .of(
                ("stdout", flag(parameters.stdout)), ("stderr", flag(parameters.stderr)), ("follow", flag(parameters.follow)),
                ("timestamps", flag(parameters.timestamps)), ("details", flag(parameters.details)), ("since", parameters.since),
                ("until", parameters.until), ("tail", parameters.tail)))
        let frames = FrameState()
        try await response.forEachPiece { piece in
            if tty { return try await consume(.stdout, piece) }
            for frame in try frames.output.withLock({ try $0.take(piece) }) { try await consume(frame.stream, frame.payload) }
            try frames.output.withLock { try $0.throwReportedError() }
        }
    }

    private final class FrameState: Sendable {
        let output = Mutex(FramedOutput())
    }

    // MARK: Exec

    /// The id of a new exec session.
    package func createExec(_ container: String, _ request: ExecCreateRequest) async throws -> String {
        let response: IDResponse = try await Self.decode(post("/containers/\(container)/exec", json: request))
        return response.id
    }

    /// Starts an exec session and stays with it.
    package func startExec(_ id: String, tty: Bool, consoleSize: [Int]? = nil) async throws -> AttachedStream {
        var body = ExecStartRequest()
        body.tty = tty
        body.consoleSize = consoleSize
        let request = Request(.post, "/exec/\(id)/start", headers: Self.upgrade, body: try RequestBody(document: body))
        return try Self.stream(try await send(request), tty)
    }

    /// Starts an exec session and leaves it alone.
    package func startDetachedExec(_ id: String, tty: Bool = false) async throws {
        var body = ExecStartRequest()
        body.detach = true
        body.tty = tty
        _ = try await post("/exec/\(id)/start", json: body).collect(limit: 1 << 20)
    }

    /// POST /exec/{id}/resize.
    package func resizeExec(_ id: String, height: Int, width: Int) async throws {
        try await post("/exec/\(id)/resize", .of(("h", "\(height)"), ("w", "\(width)")))
    }

    /// GET /exec/{id}/json.
    package func inspectExec(_ id: String) async throws -> ExecInspect { try await get("/exec/\(id)/json") }
}
