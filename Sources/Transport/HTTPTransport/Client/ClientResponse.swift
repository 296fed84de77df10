internal import AsyncIO
package import HTTP
internal import Synchronization

/// A server's answer: its head, and the body on its way.
package struct ClientResponse: Sendable {
    package var status: Int
    package var headers: HeaderFields
    /// Who answered, after redirects.
    package var url: URL
    package var body: ResponseStream
}

/// The body of a response, read by one task piece by piece; the server waits meanwhile. Read to its end it gives its connection back
/// for the next request; dropped before, or cancelled, it closes the connection.
package final class ResponseStream: Sendable {
    /// Bytes in all as the server announced; nil when it did not, and for answers that have no body.
    package let length: UInt64?
    private let state: Mutex<State>
    private let request: (method: Method, url: URL)
    private let isReusable: Bool
    private let stallTimeout: Duration

    private enum State: Sendable {
        case open(ClientConnection, Task<Void, any Error>?)
        case ended
        case broken(ClientError?)
    }

    init(
        length: UInt64?, _ connection: ClientConnection, _ sender: Task<Void, any Error>?, reusable: Bool, stallTimeout: Duration,
        for request: (method: Method, url: URL)
    ) {
        self.length = length
        self.request = request
        isReusable = reusable
        self.stallTimeout = stallTimeout
        state = Mutex(.open(connection, sender))
    }

    deinit { close() }

    /// The next piece, never empty; nil once the body is whole. Throws ClientError, `.cut` when the connection ends before the body
    /// does and `.timeout` when nothing comes for too long.
    package func next() async throws -> [UInt8]? {
        let (connection, sender): (ClientConnection, Task<Void, any Error>?)
        switch state.withLock({ $0 }) {
        case .ended: return nil
        case .broken(let error): throw error ?? named(ClientError(.cut, "http: read on closed response body"))
        case .open(let open, let task): (connection, sender) = (open, task)
        }
        do {
            try Task.checkCancellation()
            // Between two pieces it is the reader who takes his time.
            connection.reader.watchdog.expect(within: stallTimeout)
            if let bytes = try await connection.reader.piece() {
                connection.reader.watchdog.expect(within: nil)
                return bytes
            }
            await finish(connection, sender)
            return nil
        } catch {
            let failure =
                connection.reader.watchdog.hasExpired
                ? ClientError(.timeout, "context deadline exceeded (Client.Timeout or context cancellation while reading body)")
                : ClientError(error, isResponseBegun: true)
            let told = failure.map(named)
            state.withLock { $0 = .broken(told) }
            sender?.cancel()
            connection.end(reusable: false)
            throw told ?? error
        }
    }

    /// The whole response is there.
    private func finish(_ connection: ClientConnection, _ sender: Task<Void, any Error>?) async {
        state.withLock { $0 = .ended }
        connection.reader.watchdog.expect(within: nil)
        guard let sender else { return connection.end(reusable: isReusable) }
        // A server that has said everything before it has heard everything does not want the rest. Mostly the sender is just
        // about to end.
        let isSent = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                if case .success = await sender.result { true } else { false }
            }
            group.addTask {
                // Cut short when the sender ends.
                try? await AsyncIO.sleep(Self.senderGrace)
                sender.cancel()
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        connection.end(reusable: isReusable && isSent)
    }

    private static let senderGrace = Duration.milliseconds(50)

    /// For a response without a body.
    func finishAtOnce() async {
        guard case .open(let connection, let sender) = state.withLock({ $0 }) else { return }
        await finish(connection, sender)
    }

    private func named(_ error: ClientError) -> ClientError {
        var error = error
        (error.method, error.url) = request
        return error
    }

    /// Everything; throws ClientError `.tooLarge`, and closes the connection, when that is more than `limit` bytes.
    package func collect(limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        if let length, length > UInt64(max(limit, 0)) { throw tooLarge(limit) }
        while let bytes = try await next() {
            guard all.count + bytes.count <= limit else { throw tooLarge(limit) }
            all += bytes
        }
        return all
    }

    private func tooLarge(_ limit: Int) -> ClientError {
        close()
        return named(ClientError(.tooLarge, "response body is longer than \(limit) bytes"))
    }

    /// Reads a short rest away so that the connection can be used again; a long one is not worth it.
    package func discard() async throws {
        var count = 0
        if let length, length > Self.discardBytes { return close() }
        while let bytes = try await next() {
            count += bytes.count
            if count > Self.discardBytes { return close() }
        }
    }

    private static let discardBytes = 256 << 10

    /// Closes the connection unless the body has been read to its end.
    package func close() {
        let open = state.withLock { state -> (ClientConnection, Task<Void, any Error>?)? in
            guard case .open(let connection, let sender) = state else { return nil }
            state = .broken(nil)
            return (connection, sender)
        }
        open?.1?.cancel()
        open?.0.end(reusable: false)
    }
}
