internal import AsyncIO
internal import Synchronization

/// Things by their names, which whoever asks for them may do before they are there: calls of one client come in any order.
final class Meeting<Value: Sendable>: Sendable {
    /// How long somebody waits.
    private static var patience: Duration { .seconds(15) }

    private let state = Mutex<(values: [String: Value], waiting: [String: [AsyncStream<Value>.Continuation]])>(([:], [:]))

    /// False when there is one of that name.
    func add(_ value: Value, as name: String) -> Bool {
        let waiting: [AsyncStream<Value>.Continuation]? = state.withLock { state in
            guard state.values[name] == nil else { return nil }
            state.values[name] = value
            return state.waiting.removeValue(forKey: name) ?? []
        }
        for one in waiting ?? [] { one.yield(value) }
        return waiting != nil
    }

    func remove(_ name: String) { state.withLock { $0.values[name] = nil } }

    /// Nil when it does not come in time.
    func value(_ name: String) async throws -> Value? {
        let (stream, sender) = AsyncStream.makeStream(of: Value.self)
        let present: Value? = state.withLock { state in
            if let value = state.values[name] { return value }
            state.waiting[name, default: []].append(sender)
            return nil
        }
        if let present { return present }
        do {
            return try await AsyncIO.withDeadline(Self.patience) {
                for await value in stream { return value }
                throw CancellationError()
            }
        } catch is DeadlineExceeded { return nil }
    }
}
