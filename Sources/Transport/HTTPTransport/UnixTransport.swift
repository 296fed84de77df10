package import AsyncIO
internal import HTTP
internal import Linux

/// A server behind a unix socket, a connection for each request.
package struct UnixTransport: Transport {
    private let path: String
    private let host: String

    /// `host` is what the Host field says; it has no other meaning here.
    package init(path: String, host: String = "localhost") {
        self.path = path
        self.host = host
    }

    /// Throws SyscallError when nobody listens.
    package func respond(to request: Request) async throws -> Response {
        try await Self.exchange(request, host: host, over: try await AsyncConnection.connect(unix: path))
    }

    /// Sends a request over a fresh connection and reads the response's head.
    package static func exchange(_ request: Request, host: String, over connection: AsyncConnection) async throws -> Response {
        var target = PercentEncoding.encode(request.path, keeping: "/:@!$'()*,;=&+")
        if !request.query.items.isEmpty { target += "?" + request.query.encoded }
        var head = RequestHead(request.method, target, headers: request.headers)
        head.headers["Host"] = host
        if !request.asksForUpgrade { head.headers["Connection"] = "close" }
        let hasBody = request.body.length != 0
        if let length = request.body.length {
            if hasBody || request.method == .post || request.method == .put { head.headers["Content-Length"] = "\(length)" }
        } else {
            head.headers["Transfer-Encoding"] = "chunked"
        }
        let reader = MessageReader(connection)
        try await connection.writeAll(head.bytes)
        // The response can begin, and be all there is, before the request ends: `docker load` reads progress while it sends.
        // So the sender outlives this call; the response's end, or the connection's, cancels it.
        let sender = hasBody ? Task { try await send(request.body, to: connection) } : nil
        do {
            let response = try await reader.response()
            return try Self.response(response, to: request.method, reader, sender)
        } catch {
            sender?.cancel()
            throw error
        }
    }

    private static func send(_ body: RequestBody, to connection: AsyncConnection) async throws {
        let chunked = body.length == nil
        do {
            while let bytes = try await body.next() { try await connection.writeAll(chunked ? ChunkedEncoding.chunk(bytes) : bytes) }
            if chunked { try await connection.writeAll(ChunkedEncoding.end) }
        } catch {
            // The server must not take half a body for a whole one; its response, if any, says more than this error.
            // When it does not read any more, there is nothing to end.
            try? connection.shutdownWrite()
            throw error
        }
    }

    private static func response(
        _ head: ResponseHead, to method: Method, _ reader: MessageReader, _ sender: Task<Void, any Error>?
    ) throws -> Response {
        let mediaType = head.headers["Content-Type"] ?? ""
        let isStream = mediaType == "application/vnd.docker.raw-stream" || mediaType == "application/vnd.docker.multiplexed-stream"
        if head.status == 101 {
            reader.handOver()
            return Response(head.status, headers: head.headers, body: .upgrade(reader.connection))
        }
        let framing = try BodyFraming(head, to: method)
        if framing == .untilClose, isStream, head.status == 200, method == .post {
            reader.handOver()
            return Response(head.status, headers: head.headers, body: .upgrade(reader.connection))
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
                    reader.connection.close()
                }
                while let bytes = try await reader.piece() { try await output.write(bytes) }
            })
    }
}
