internal import AsyncIO
internal import HTTP
internal import Linux
internal import Synchronization
internal import Values

/// One request and its response on a server's connection.
struct ServerExchange: Sendable {
    private let head: RequestHead
    private let reader: MessageReader
    private let origin: Origin
    private let limits: HTTPServer.Limits
    private let drain: Drain
    private let respond: HTTPServer.Responder
    private var stream: any ByteStream { reader.stream }

    /// Where the requests of a connection come from.
    struct Origin: Sendable {
        var peer: Endpoint?
        var isEncrypted: Bool

        init(_ stream: any ByteStream) {
            // A connection that is closed already tells nothing, and needs to tell nothing.
            peer = try? stream.socket.withDescriptor { (file) throws(SyscallError) in file.peerEndpoint() }
            isEncrypted = stream is TLSStream
        }
    }

    /// How much of a body that the route did not read is read away to keep the connection.
    private static let drainBytes = 256 << 10

    init(
        _ head: RequestHead, _ reader: MessageReader, _ origin: Origin, _ limits: HTTPServer.Limits, _ drain: Drain,
        _ respond: @escaping HTTPServer.Responder
    ) {
        self.head = head
        self.reader = reader
        self.origin = origin
        self.limits = limits
        self.drain = drain
        self.respond = respond
    }

    /// True when the connection can carry another request.
    func run() async throws -> Bool {
        let location = try head.location()
        let framing = try BodyFraming(head)
        reader.begin(framing)
        var request = Request(
            head.method, location.path, query: location.query, headers: head.headers, body: body(framing))
        request.peer = origin.peer
        request.isEncrypted = origin.isEncrypted
        let asked = request
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                try await waitUntilGone()
                return .ends
            }
            group.addTask { try await answer(asked) }
            defer { group.cancelAll() }
            return try await group.next() ?? .ends
        }
        switch outcome {
        case .keeps: return true
        case .ends: return false
        case .becomes(let response, let stream):
            try await hijack(response, stream)
            return false
        }
    }

    /// What happens to the connection after a response.
    private enum Outcome: Sendable {
        case keeps, ends
        case becomes(Response, AsyncConnection)
    }

    /// Returns when the client is gone. On a network that and the end of its writing look the same, and clients that end it and still
    /// want an answer are as good as unknown; but a body that has come must be read first.
    private func waitUntilGone() async throws {
        if origin.peer != nil {
            try await stream.socket.waitForHangUp(orHalf: true)
            if reader.bodyIsFinished { return }
        }
        try await stream.socket.waitForHangUp()
    }

    private func body(_ framing: BodyFraming) -> RequestBody {
        let length: UInt64?
        switch framing {
        case .none: return .empty
        case .length(let count): length = count
        case .chunked, .untilClose: length = nil
        }
        let mustContinue = SendableBox(head.expectsContinue)
        return RequestBody(length: length) {
            if mustContinue.value.withLock({ waits in
                defer { waits = false }; return waits
            }) {
                try await stream.writeAll(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            reader.watchdog.expect(within: limits.body)
            defer { reader.watchdog.expect(within: nil) }
            return try await reader.piece()
        }
    }

    private func answer(_ request: Request) async throws -> Outcome {
        let response = await respond(request)
        if case .upgrade(let stream) = response.body {
            return .becomes(response, stream)
        }
        do {
            return try await send(response)
        } catch is HTTPError {
            // A request that breaks off or goes wrong now cannot be told so: the response to it is under way, and what came after
            // would be taken for the answer to the next one.
            return .ends
        }
    }

    private func send(_ response: Response) async throws -> Outcome {
        // An unread body that the client still waits to send, or a long one, is not worth reading.
        let bodyIsRead = reader.bodyIsFinished
        var keeps = !drain.hasBegun && head.keepsAlive && (bodyIsRead || !head.expectsContinue)
        let hasBody = response.status >= 200 && response.status != 204 && response.status != 304
        var out = ResponseHead(response.status, headers: response.headers)
        out.headers["Date"] = HTTPDate.text(.now)

        switch response.body {
        case .file(let file, let offset, let length):
            out.headers["Content-Length"] = "\(length)"
            try await write(out, [], hasBody: false, keeps: keeps)
            if hasBody, head.method != .head {
                let watchdog = reader.watchdog
                watchdog.expect(within: limits.response)
                try await stream.sendFile(file, at: offset, count: length) { watchdog.touch() }
                watchdog.expect(within: nil)
            }
        case .stream(let produce):
            let isSized = out.headers["Content-Length"] != nil, chunked = !isSized && head.version == .http11
            if chunked { out.headers["Transfer-Encoding"] = "chunked" } else if !isSized { keeps = false }
            if !keeps { out.headers["Connection"] = "close" }
            try await stream.writeAll(out.bytes)
            if head.method != .head {
                try await produce(
                    BodyWriter { piece in
                        // While the producer has nothing to say nothing is expected of the client.
                        try await write(chunked ? ChunkedEncoding.chunk(piece) : piece)
                    })
                if chunked { try await stream.writeAll(ChunkedEncoding.end) }
            }
        case .bytes(let bytes):
            try await write(out, bytes, hasBody: hasBody, keeps: keeps)
        case .document(let value):
            try await write(out, try Response.encode(value), hasBody: hasBody, keeps: keeps)
        case .empty, .upgrade:
            try await write(out, [], hasBody: hasBody, keeps: keeps)
        }
        guard keeps else {
            try await stream.endWriting()
            return .ends
        }
        return try await drain() ? .keeps : .ends
    }

    private func write(_ head: ResponseHead, _ bytes: [UInt8], hasBody: Bool, keeps: Bool) async throws {
        var head = head
        // A route that answers HEAD gives the length itself when it knows it.
        if hasBody, head.headers["Content-Length"] == nil { head.headers["Content-Length"] = "\(bytes.count)" }
        if !keeps {
            head.headers["Connection"] = "close"
        } else if self.head.version == .http10 {
            head.headers["Connection"] = "keep-alive"
        }
        try await write(hasBody && self.head.method != .head ? head.bytes + bytes : head.bytes)
    }

    /// Writes to a client that must go on reading.
    private func write(_ bytes: [UInt8]) async throws {
        reader.watchdog.expect(within: limits.response)
        try await stream.writeAll(bytes, watchedBy: reader.watchdog)
        reader.watchdog.expect(within: nil)
    }

    private func drain() async throws -> Bool {
        var count = 0
        reader.watchdog.expect(within: limits.body)
        defer { reader.watchdog.expect(within: nil) }
        while !reader.bodyIsFinished, let bytes = try await reader.piece() {
            count += bytes.count
            if count > Self.drainBytes { return false }
        }
        return true
    }

    /// The connection becomes `other`. A client that asked for an upgrade gets 101, an old one 200; both then the raw bytes.
    private func hijack(_ response: Response, _ other: AsyncConnection) async throws {
        var out = ResponseHead(200, headers: response.headers)
        let isWebSocket = out.headers[WebSocket.acceptHeader] != nil
        if head.asksForUpgrade {
            out.status = 101
            // Docker's engine says UPGRADED, and some clients look.
            if !isWebSocket { out.reason = "UPGRADED" }
            out.headers["Connection"] = "Upgrade"
            out.headers["Upgrade"] = head.headers["Upgrade"] ?? "tcp"
        }
        try await stream.writeAll(out.bytes)
        reader.handOver()
        let stream: any ByteStream = isWebSocket ? WebSocketStream(stream) : stream
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await AsyncIO.pass(from: stream, to: other)
                } catch is SyscallError {
                    // Nobody reads the input any more; the output decides when the stream is over.
                }
                // When the client has gone altogether nobody waits for output either.
                try await stream.socket.waitForHangUp()
            }
            group.addTask {
                try await waitForReaderOfHead()
                try await AsyncIO.pass(from: other, to: stream)
            }
            defer {
                other.close()
                group.cancelAll()
            }
            _ = try await group.next()
        }
    }

    /// Clients whose HTTP library reads ahead lose what comes along with the head (docker-py is one); Docker's engine is slow enough for them.
    private func waitForReaderOfHead() async throws {
        try await stream.socket.waitUntilTaken(atMost: .milliseconds(100))
        // The kernel of another machine may have it, but has it been read? Nobody can tell.
        if origin.peer != nil { try await AsyncIO.sleep(.milliseconds(2)) }
    }
}
