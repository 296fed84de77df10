internal import AsyncIO
internal import HTTP
package import Linux
internal import Synchronization
internal import TLS

/// Answers HTTP/1.1 on connections, plain or encrypted, a task each.
package struct HTTPServer: Sendable {
    /// Answers one request; it is cancelled when the client goes away.
    package typealias Responder = @Sendable (Request) async -> Response

    /// How long clients may take. Nil waits for ever.
    package struct Limits: Sendable {
        /// When there are more, those that have waited longest for a request go; and where all have one, the rest waits in the listener's
        /// queue.
        package var connections = 1024
        /// From a request's first byte to the end of its head, and for agreeing on TLS.
        package var head: Duration? = .seconds(30)
        /// Between two requests.
        package var idle: Duration? = .seconds(180)
        /// Without any byte of a request's body.
        package var body: Duration?
        /// Without taking anything of a response that there is.
        package var response: Duration?

        package init() {}

        /// For clients that nobody knows.
        package static var strict: Limits {
            var limits = Limits()
            limits.body = .seconds(120)
            limits.response = .seconds(300)
            return limits
        }
    }

    private let respond: Responder
    private let limits: Limits

    package init(limits: Limits = Limits(), _ respond: @escaping Responder) {
        self.respond = respond
        self.limits = limits
    }

    /// Accepts on `listener` until the task is cancelled; then requests under way are cancelled too, and it returns when all ended.
    /// With `drain` it returns once that has begun and all requests under way are answered.
    package func serve(_ listener: borrowing FileDescriptor, tls: TLSServer? = nil, drain: Drain = Drain()) async throws {
        try listener.setNonBlocking()
        let listener = try AsyncConnection(listener.duplicate())
        defer { listener.close() }
        guard let id = drain.beginWaiting(isConnection: false, { listener.close() }) else { return }
        defer { _ = drain.endWaiting(id) }
        let slots = Slots(limits.connections)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                if slots.areTaken {
                    // Nobody has to go before somebody comes.
                    guard try await hasCome(listener, drain) else { return }
                    drain.endLongestWaiting()
                }
                try await slots.take()
                guard let connection = try await accept(listener, drain) else { return }
                group.addTask {
                    // What a connection dies of is its own affair: the client sees it end.
                    try? await serve(connection, tls, drain, slots)
                    connection.close()
                    slots.give()
                }
            }
        }
    }

    /// Waits until a connection can be accepted; false when no more are wanted.
    private func hasCome(_ listener: AsyncConnection, _ drain: Drain) async throws -> Bool {
        do { try await listener.waitUntilReadable() } catch is SyscallError {
            try await AsyncIO.sleep(Self.retryPause)
        } catch is CancellationError where drain.hasBegun && !Task.isCancelled { return false }
        return !drain.hasBegun
    }

    /// Nil when no more are wanted.
    private func accept(_ listener: AsyncConnection, _ drain: Drain) async throws -> AsyncConnection? {
        while true {
            do {
                if let connection = try acceptNow(listener) { return connection }
                guard try await hasCome(listener, drain) else { return nil }
            } catch is SyscallError {
                // Out of descriptors or memory: others must end first. A closed listener says so when it is waited for.
                try await AsyncIO.sleep(Self.retryPause)
                if drain.hasBegun { return nil }
            }
        }
    }

    private static let retryPause = Duration.milliseconds(50)

    private func acceptNow(_ listener: AsyncConnection) throws(SyscallError) -> AsyncConnection? {
        try listener.withDescriptor { (listener) throws(SyscallError) in
            guard let file = try UnixSocket.accept(listener) else { return nil }
            // Refused by what is no TCP socket, and needed by none of these.
            try? file.setNoDelay()
            return try AsyncConnection(file)
        }
    }

    private func serve(_ connection: AsyncConnection, _ tls: TLSServer?, _ drain: Drain, _ slots: Slots) async throws {
        guard let tls else { return try await serve(connection, drain, slots) }
        let watchdog = Watchdog { connection.close() }
        defer { watchdog.stop() }
        watchdog.expect(within: limits.head)
        let stream = try await tls.accept(connection)
        watchdog.stop()
        try await serve(stream, drain, slots)
        // Some clients take an end without it for a cut; one that is gone does not mind.
        try? await stream.endWriting()
    }

    /// Answers the requests of one connection until it ends.
    package func serve(_ stream: any ByteStream, drain: Drain = Drain()) async throws { try await serve(stream, drain, nil) }

    private func serve(_ stream: any ByteStream, _ drain: Drain, _ slots: Slots?) async throws {
        let reader = MessageReader(stream)
        defer { reader.watchdog.stop() }
        let origin = ServerExchange.Origin(stream)
        do {
            while let id = drain.beginWaiting(isConnection: true, { stream.close() }) {
                // Somebody else needs the place more than one that may have nothing more to ask.
                if slots?.isWanted ?? false { drain.endLongestWaiting() }
                defer { _ = drain.endWaiting(id) }
                guard let head = try await reader.request(within: limits.idle, headWithin: limits.head), drain.endWaiting(id) else { return }
                let exchange = ServerExchange(head, reader, origin, limits, drain, respond)
                guard try await exchange.run() else { return await linger(reader) }
            }
        } catch let error as HTTPError {
            let text = Array("\(error.status) \(ResponseHead.reason(error.status)): \(error.message)".utf8)
            let head = ResponseHead(
                error.status,
                headers: ["Content-Type": "text/plain; charset=utf-8", "Connection": "close", "Content-Length": "\(text.count)"])
            try await stream.writeAll(head.bytes + text)
            try await stream.endWriting()
            await linger(reader)
        }
    }

    /// Reads away what a client still sends after the last response. Closing a TCP connection with unread input resets it, and the
    /// reset may overtake the response: RFC 9112 §9.6.
    private func linger(_ reader: MessageReader) async {
        guard reader.stream.socket.isInternet else { return }
        reader.watchdog.expect(within: Self.lingerTime)
        var count = 0
        // However it ends, it ends.
        while count < Self.lingerBytes, let bytes = try? await reader.stream.read(upTo: 64 << 10), !bytes.isEmpty { count += bytes.count }
    }

    private static let lingerTime = Duration.seconds(2)
    private static let lingerBytes = 4 << 20
}

/// A counting semaphore for tasks. One task takes.
private final class Slots: Sendable {
    private let state: Mutex<State>

    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    init(_ count: Int) { state = Mutex(State(free: count, waiter: nil)) }

    var areTaken: Bool { state.withLock { $0.free <= 0 } }
    /// Whether somebody waits for one.
    var isWanted: Bool { state.withLock { $0.waiter != nil } }

    func take() async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    state.free -= 1
                    if state.free >= 0 || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
        try Task.checkCancellation()
    }

    func give() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.free += 1
            return state.waiter.take()
        }?.resume()
    }
}
