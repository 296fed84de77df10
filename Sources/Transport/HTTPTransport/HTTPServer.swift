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
        /// More connections than this wait in the listener's queue.
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
    package func serve(_ listener: borrowing FileDescriptor, tls: TLSServer? = nil) async throws {
        let listener = OpenFile(try listener.duplicate())
        try listener.descriptor.setNonBlocking()
        let slots = Slots(limits.connections)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                try await slots.take()
                let connection = try await accept(listener)
                group.addTask {
                    // What a connection dies of is its own affair: the client sees it end.
                    try? await serve(connection, tls)
                    connection.close()
                    slots.give()
                }
            }
        }
    }

    private func accept(_ listener: OpenFile) async throws -> AsyncConnection {
        while true {
            do throws(SyscallError) {
                if let file = try UnixSocket.accept(listener.descriptor) {
                    // Refused by what is no TCP socket, and needed by none of these.
                    try? file.setNoDelay()
                    return try AsyncConnection(file)
                }
            } catch {
                // Out of descriptors or memory: others must end first.
                try await AsyncIO.sleep(.milliseconds(50))
                continue
            }
            try await AsyncIO.readable(listener.descriptor)
        }
    }

    private func serve(_ connection: AsyncConnection, _ tls: TLSServer?) async throws {
        guard let tls else { return try await serve(connection) }
        let watchdog = Watchdog { connection.close() }
        defer { watchdog.stop() }
        watchdog.expect(within: limits.head)
        let stream = try await tls.accept(connection)
        watchdog.stop()
        try await serve(stream)
        // Some clients take an end without it for a cut; one that is gone does not mind.
        try? await stream.endWriting()
    }

    /// Answers the requests of one connection until it ends.
    package func serve(_ stream: any ByteStream) async throws {
        let reader = MessageReader(stream)
        defer { reader.watchdog.stop() }
        let origin = ServerExchange.Origin(stream)
        do {
            while let head = try await reader.request(within: limits.idle, headWithin: limits.head) {
                let exchange = ServerExchange(head, reader, origin, limits, respond)
                guard try await exchange.run() else { return }
            }
        } catch let error as HTTPError {
            let text = Array("\(error.status) \(ResponseHead.reason(error.status)): \(error.message)".utf8)
            let head = ResponseHead(
                error.status,
                headers: ["Content-Type": "text/plain; charset=utf-8", "Connection": "close", "Content-Length": "\(text.count)"])
            try await stream.writeAll(head.bytes + text)
            try await stream.endWriting()
        }
    }
}

/// A counting semaphore for tasks. One task takes.
private final class Slots: Sendable {
    private let state: Mutex<State>

    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    init(_ count: Int) { state = Mutex(State(free: count, waiter: nil)) }

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
