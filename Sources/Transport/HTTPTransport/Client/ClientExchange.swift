internal import AsyncIO
internal import HTTP
internal import Linux

/// One request going out on a connection, and the head of its response coming back.
enum ClientExchange {
    /// A response's head, and the task that may still be sending the request: `docker load` reads progress while it sends.
    struct Begun: Sendable {
        var head: ResponseHead
        var sender: Task<Void, any Error>?
    }

    /// How long a server may take to say whether it wants a body. One that does not know the question never answers it.
    private static let continueTimeout = Duration.seconds(1)

    /// Sends `head` and `body` and reads the response's head. With `awaitsContinue` the body is held back until the server asks for it.
    static func begin(
        _ head: RequestHead, _ body: RequestBody, _ reader: MessageReader, awaitsContinue: Bool = false
    ) async throws -> Begun {
        var head = head
        let hasBody = body.length != 0
        if let length = body.length {
            if hasBody || head.method == .post || head.method == .put || head.method == .patch { head.headers["Content-Length"] = "\(length)" }
        } else {
            head.headers["Transfer-Encoding"] = "chunked"
        }
        if awaitsContinue, hasBody { head.headers["Expect"] = "100-continue" }
        if hasBody, !awaitsContinue, let length = body.length, length <= 16 << 10, body.filePart == nil {
            // A small body goes out with the head, and nothing is left to do beside reading.
            var bytes = head.bytes
            while let piece = try await body.next() { bytes += piece }
            try await reader.stream.writeAll(bytes)
            return Begun(head: try await reader.response())
        }
        try await reader.stream.writeAll(head.bytes)
        if !hasBody { return Begun(head: try await reader.response()) }
        let stream = reader.stream, watchdog = reader.watchdog
        if awaitsContinue, let final = try await refusal(reader) { return Begun(head: final) }
        let sender = AsyncIO.begin { try await send(body, to: stream, watchdog) }
        return try await withTaskCancellationHandler {
            do {
                return Begun(head: try await reader.response(), sender: sender)
            } catch {
                sender.cancel()
                // What stopped the sender from giving the whole body tells more than that the server did not answer half of it.
                if case .failure(let cause) = await sender.result, !(cause is CancellationError), (cause as? SyscallError)?.errno != .brokenPipe,
                    (cause as? SyscallError)?.errno != .connectionReset
                {
                    throw cause
                }
                throw error
            }
        } onCancel: {
            sender.cancel()
        }
    }

    /// The final response, when the server gives one without wanting the body; nil when the body may go.
    private static func refusal(_ reader: MessageReader) async throws -> ResponseHead? {
        let readable: Bool
        do {
            let socket = reader.stream.socket
            if !reader.hasBufferedInput { try await AsyncIO.withDeadline(continueTimeout) { try await socket.waitUntilReadable() } }
            readable = true
        } catch is DeadlineExceeded {
            readable = false
        }
        guard readable else { return nil }
        let head = try await reader.anyResponse()
        return head.status >= 200 ? head : nil
    }

    private static func send(_ body: RequestBody, to stream: any ByteStream, _ watchdog: Watchdog) async throws {
        do {
            if let part = body.filePart {
                try await stream.sendFile(part.file, at: part.offset, count: part.length) { watchdog.touch() }
            } else {
                try await sendPieces(body, to: stream, watchdog)
            }
        } catch {
            // The server must not take half a body for a whole one; its response, if any, says more than this error.
            // When it does not read any more, there is nothing to end.
            try? await stream.endWriting()
            throw error
        }
    }

    private static func sendPieces(_ body: RequestBody, to stream: any ByteStream, _ watchdog: Watchdog) async throws {
        let chunked = body.length == nil
        var left = body.length ?? .max
        while let bytes = try await body.next() {
            guard UInt64(bytes.count) <= left else { throw HTTPError(500, "http: ContentLength=\(body.length ?? 0) with longer body") }
            left -= UInt64(bytes.count)
            try await stream.writeAll(chunked ? ChunkedEncoding.chunk(bytes) : bytes, watchedBy: watchdog)
        }
        if chunked { return try await stream.writeAll(ChunkedEncoding.end) }
        if left > 0 { throw HTTPError(500, "http: ContentLength=\(body.length ?? 0) with shorter body") }
    }
}
