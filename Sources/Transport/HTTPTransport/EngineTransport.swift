internal import AsyncIO
internal import HTTP
internal import Linux

/// An engine somewhere else: a connection for each request, made by a closure, whatever it goes through.
package struct EngineTransport: Transport {
    private let host: String
    private let connect: @Sendable () async throws -> any ByteStream

    /// `host` is what the Host field says.
    package init(host: String, connect: @escaping @Sendable () async throws -> any ByteStream) {
        self.host = host
        self.connect = connect
    }

    /// Behind the unix socket at `path`.
    package init(unix path: String) {
        // Only a Host field that means nothing is right for a unix socket; Go's clients send this one.
        self.init(host: "localhost") { try await AsyncConnection.connect(unix: path) }
    }

    /// A connection for somebody else to speak on. Throws what connecting throws.
    package func open() async throws -> any ByteStream { try await connect() }

    /// Throws what connecting throws, SyscallError when nobody listens on a unix socket.
    package func respond(to request: Request) async throws -> Response {
        try await Self.exchange(request, host: host, over: try await connect())
    }

    /// Sends a request over a fresh connection and reads the response's head.
    package static func exchange(_ request: Request, host: String, over stream: any ByteStream) async throws -> Response {
        var target = PercentEncoding.encode(request.path, keeping: "/:@!$'()*,;=&+")
        if !request.query.items.isEmpty { target += "?" + request.query.encoded }
        var head = RequestHead(request.method, target, headers: request.headers)
        head.headers["Host"] = host
        if !request.asksForUpgrade { head.headers["Connection"] = "close" }
        let reader = MessageReader(stream)
        do {
            let begun = try await ClientExchange.begin(head, request.body, reader)
            return try response(begun, to: request.method, reader)
        } catch {
            stream.close()
            if error is EndOfStream { throw HTTPError(502, "EOF") }
            throw error
        }
    }

    private static func response(_ begun: ClientExchange.Begun, to method: Method, _ reader: MessageReader) throws -> Response {
        let head = begun.head, sender = begun.sender
        let mediaType = head.headers["Content-Type"] ?? ""
        let isStream = mediaType == "application/vnd.docker.raw-stream" || mediaType == "application/vnd.docker.multiplexed-stream"
        if head.status == 101 { return Response(head.status, headers: head.headers, body: .upgrade(try plain(reader))) }
        let framing = try BodyFraming(head, to: method)
        if framing == .untilClose, isStream, head.status == 200, method == .post {
            return Response(head.status, headers: head.headers, body: .upgrade(try plain(reader)))
        }
        if framing == .none {
            sender?.cancel()
            return Response(head.status, headers: head.headers)
        }
        reader.begin(framing)
        return Response(
            head.status, headers: head.headers,
            body: .stream { output in
                defer {
                    sender?.cancel()
                    reader.stream.close()
                }
                while let bytes = try await reader.piece() { try await output.write(bytes) }
            })
    }

    /// The stream as a socket of its own, which is what those who attach hold: the connection itself, or the near end of a relay.
    private static func plain(_ reader: MessageReader) throws -> AsyncConnection {
        reader.handOver()
        let stream = reader.stream
        if let connection = stream as? AsyncConnection { return connection }
        let (near, far) = try AsyncConnection.pair()
        // It ends with either end of the connection: the far one, or the near one when its holder lets it go.
        _ = AsyncIO.begin {
            defer {
                far.close()
                stream.close()
            }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await AsyncIO.pass(from: far, to: stream)
                    return false
                }
                group.addTask {
                    // What the server has said is all there is: nobody reads the input any more.
                    try await AsyncIO.pass(from: stream, to: far)
                    return true
                }
                group.addTask {
                    try await far.waitForHangUp()
                    return true
                }
                defer { group.cancelAll() }
                while let isOver = try await group.next(), !isOver {}
            }
        }
        return near
    }
}
