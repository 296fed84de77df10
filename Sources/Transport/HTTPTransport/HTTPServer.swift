package import AsyncIO
internal import HTTP
package import Linux
internal import Synchronization

/// Answers HTTP/1.1 on connections, a task each.
package struct HTTPServer: Sendable {
    /// Answers one request; it is cancelled when the client goes away.
    package typealias Responder = @Sendable (Request) async -> Response

    private let respond: Responder
    private let connectionLimit: Int

    /// More than `connectionLimit` connections wait in the listener's queue.
    package init(connectionLimit: Int = 1024, _ respond: @escaping Responder) {
        self.respond = respond
        self.connectionLimit = connectionLimit
    }

    /// Accepts on `listener` until the task is cancelled; then requests under way are cancelled too, and it returns when all ended.
    package func serve(_ listener: borrowing FileDescriptor) async throws {
        let listener = DescriptorHolder(try listener.duplicate())
        try listener.file.setNonBlocking()
        let slots = Slots(connectionLimit)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                try await slots.take()
                guard let connection = try await accept(listener) else { continue }
                group.addTask {
                    // What a connection dies of is its own affair: the client sees it end.
                    try? await serve(connection)
                    connection.close()
                    slots.give()
                }
            }
        }
    }

    private func accept(_ listener: DescriptorHolder) async throws -> AsyncConnection? {
        while true {
            do throws(SyscallError) {
                if let file = try UnixSocket.accept(listener.file) { return try AsyncConnection(file) }
            } catch {
                // Out of descriptors or memory: others must end first.
                try await AsyncIO.sleep(.milliseconds(50))
                continue
            }
            try await AsyncIO.readable(listener.file)
        }
    }

    /// Answers the requests of one connection until it ends.
    package func serve(_ connection: AsyncConnection) async throws {
        let reader = MessageReader(connection)
        do {
            while let head = try await reader.request() {
                let exchange = ServerExchange(head, reader, respond)
                guard try await exchange.run() else { return }
            }
        } catch let error as HTTPError {
            let text = Array("\(error.status) \(ResponseHead.reason(error.status)): \(error.message)".utf8)
            let head = ResponseHead(
                error.status,
                headers: ["Content-Type": "text/plain; charset=utf-8", "Connection": "close", "Content-Length": "\(text.count)"])
            try await connection.writeAll(head.bytes + text)
            try connection.shutdownWrite()
        }
    }
}

private final class DescriptorHolder: Sendable {
    let file: FileDescriptor
    init(_ file: consuming FileDescriptor) { self.file = file }
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
