internal import AsyncIO
internal import Synchronization

/// Closes a stream that has made no progress for some time: the one defence against peers that hang or trickle.
///
/// One timer serves a whole connection. Setting a later time costs a lock and no timer, so it may be done for every piece.
final class Watchdog: Sendable {
    private let state = Mutex(State())
    private let expire: @Sendable () -> Void

    private struct State {
        var deadline: ContinuousClock.Instant?
        var interval: Duration = .zero
        /// When the timer looks again; nil when there is none.
        var wakesAt: ContinuousClock.Instant?
        var timer: Task<Void, any Error>?
        var hasExpired = false
        var isStopped = false
    }

    /// `expire` is called once at most.
    init(_ expire: @escaping @Sendable () -> Void) { self.expire = expire }

    deinit { state.withLock { $0.timer }?.cancel() }

    /// From now on something must happen every `interval`; nil means that nothing need.
    func expect(within interval: Duration?) {
        state.withLock { state in
            guard let interval, !state.isStopped else { return state.deadline = nil }
            let deadline = ContinuousClock.now + interval
            state.deadline = deadline
            state.interval = interval
            if let wakesAt = state.wakesAt, wakesAt <= deadline { return }
            state.timer?.cancel()
            state.wakesAt = deadline
            state.timer = startTimer(deadline)
        }
    }

    /// Something has happened.
    func touch() {
        state.withLock { if $0.deadline != nil { $0.deadline = ContinuousClock.now + $0.interval } }
    }

    /// Why the stream is closed.
    var hasExpired: Bool { state.withLock { $0.hasExpired } }

    /// Nothing more is expected.
    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            state.deadline = nil
            return state.timer.take()
        }
        timer?.cancel()
    }

    /// The timer has no parent: it belongs to the stream, which outlives the tasks that use it, and goes with this object.
    private func startTimer(_ first: ContinuousClock.Instant) -> Task<Void, any Error> {
        AsyncIO.begin { [weak self] in
            var next: ContinuousClock.Instant? = first
            while let time = next {
                // A cancelled sleep means that another timer has taken over.
                do { try await AsyncIO.sleep(time - .now) } catch { return }
                next = self?.wake()
            }
        }
    }

    /// The time to look again; nil when there is nothing to look for.
    private func wake() -> ContinuousClock.Instant? {
        let (next, expired) = state.withLock { state -> (ContinuousClock.Instant?, Bool) in
            if Task.isCancelled { return (nil, false) }
            state.wakesAt = nil
            guard let deadline = state.deadline else { return (nil, false) }
            if deadline > .now {
                state.wakesAt = deadline
                return (deadline, false)
            }
            state.hasExpired = true
            state.isStopped = true
            state.deadline = nil
            return (nil, true)
        }
        if expired { expire() }
        return next
    }
}
