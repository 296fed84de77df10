internal import AsyncIO
internal import Synchronization

/// Things by their names, which whoever asks for them may do before they are there: calls of one client come in any order.
final class Meeting<Value: Sendable>: Sendable {
    /// How long somebody waits.
    private static var patience: Duration { .seconds(15) }

    private struct State {
        var values: [String: Value] = [:]
        var waiting: [Int: (name: String, sender: AsyncStream<Value>.Continuation)] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// False when there is one of that name.
    func add(_ value: Value, as name: String) -> Bool {
        state.withLock { state in
            guard state.values[name] == nil else { return false }
            state.values[name] = value
            for one in state.waiting.values where one.name == name { one.sender.yield(value) }
            return true
        }
    }

    func remove(_ name: String) { state.withLock { $0.values[name] = nil } }

    /// Nil when it does not come in time.
    func value(_ name: String) async throws -> Value? {
        let (stream, sender) = AsyncStream.makeStream(of: Value.self)
        let number = state.withLock { state in
            if let value = state.values[name] { sender.yield(value) }
            state.next += 1
            state.waiting[state.next] = (name, sender)
            return state.next
        }
        defer { state.withLock { $0.waiting[number] = nil } }
        do {
            return try await AsyncIO.withDeadline(Self.patience) {
                for await value in stream { return value }
                throw CancellationError()
            }
        } catch is DeadlineExceeded { return nil }
    }
}
