internal import AsyncIO
internal import DockerClient
internal import Linux
internal import Terminal

/// Signals to this process that go to a container instead, and changes of the window's size.
struct SignalProxy: Sendable {
    /// SIGHUP, INT, QUIT, USR1, USR2, ALRM, TERM, CONT, TSTP, POLL and PWR: those that have a meaning for another process.
    private static let forwarded: [Int32] = [1, 2, 3, 10, 12, 14, 15, 18, 20, 29, 30]
    private static let windowChange: Int32 = 28

    private let events: SignalEvents

    /// Catches signals from now on; those that are forwarded only when `forwarding`. Nil when there is nothing to catch.
    init?(forwarding: Bool, watchingWindow: Bool) throws {
        let numbers = (forwarding ? SignalProxy.forwarded : []) + (watchingWindow ? [SignalProxy.windowChange] : [])
        if numbers.isEmpty { return nil }
        events = try SignalEvents(numbers)
    }

    /// Serves until cancelled. What the engine cannot do is of no account: the process may just have ended.
    func serve(kill: @Sendable (String) async throws -> Void, resize: @Sendable () async throws -> Void) async throws {
        while true {
            let number = try await events.next()
            do {
                if number == SignalProxy.windowChange { try await resize() } else { try await kill(Signal.name(number)) }
            } catch is APIError {}
        }
    }
}

/// Runs `body` with signals served beside it, and ends serving with it.
func withSignals<Result: Sendable>(
    _ proxy: SignalProxy?, kill: @escaping @Sendable (String) async throws -> Void, resize: @escaping @Sendable () async throws -> Void,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    guard let proxy else { return try await body() }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            do { try await proxy.serve(kill: kill, resize: resize) } catch is CancellationError {}
            return nil
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let result = try await group.next() { if let result { return result } }
        throw CancellationError()
    }
}

extension Client {
    /// Tells a container's terminal the size of ours, when we have one.
    func resizeToWindow(container id: String) async throws {
        if let size = TerminalDevice.size { try await resizeContainer(id, height: size.rows, width: size.columns) }
    }

    /// Tells an exec session's terminal the size of ours, when we have one.
    func resizeToWindow(exec id: String) async throws {
        if let size = TerminalDevice.size { try await resizeExec(id, height: size.rows, width: size.columns) }
    }
}
