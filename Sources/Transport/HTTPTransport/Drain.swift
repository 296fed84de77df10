internal import Synchronization

/// Lets servers end gently: what is under way is answered, nothing new begins.
package final class Drain: Sendable {
    private let state = Mutex(State())

    private struct State {
        var hasBegun = false
        var lastID: UInt64 = 0
        /// Those who only wait, the longest first by id: listeners, and connections between two requests.
        var waiting: [UInt64: Waiting] = [:]
    }

    private struct Waiting {
        var close: @Sendable () -> Void
        /// A connection, which can go when another one needs its place.
        var isConnection: Bool
    }

    package init() {}

    /// No more connections are accepted, idle ones close, and responses under way are the last ones of theirs. The servers' `serve`
    /// returns when all have ended; how long that may take is the caller's affair.
    package func begin() {
        let waiting = state.withLock { state in
            state.hasBegun = true
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.close)
        }
        for close in waiting { close() }
    }

    package var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// From now on only waiting goes on, and `close` ends it. Nil when it is to end at once.
    func beginWaiting(isConnection: Bool, _ close: @escaping @Sendable () -> Void) -> UInt64? {
        state.withLock { state in
            if state.hasBegun { return nil }
            state.lastID += 1
            state.waiting[state.lastID] = Waiting(close: close, isConnection: isConnection)
            return state.lastID
        }
    }

    /// Closes the connection that has waited longest, if any waits.
    func endLongestWaiting() {
        let close = state.withLock { state -> (@Sendable () -> Void)? in
            guard let id = state.waiting.filter(\.value.isConnection).keys.min() else { return nil }
            return state.waiting.removeValue(forKey: id)?.close
        }
        close?()
    }

    /// False when it was ended meanwhile.
    func endWaiting(_ id: UInt64) -> Bool { state.withLock { $0.waiting.removeValue(forKey: id) != nil } }
}
