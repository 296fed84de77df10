internal import Synchronization

/// Tells synchronous work that nobody wants it any more.
final class Cancellation: Sendable {
    private let isOver = Atomic(false)

    func cancel() { isOver.store(true, ordering: .relaxed) }

    /// Throws `CancellationError` when it is over.
    func check() throws { if isOver.load(ordering: .relaxed) { throw CancellationError() } }
}
