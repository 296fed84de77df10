internal import Synchronization

/// Mutual exclusion by name, with a fixed number of locks: two names may share one, which costs time and nothing else.
/// Never take two at once.
final class LockTable: Sendable {
    private final class Lock: Sendable {
        let mutex = Mutex<Void>(())
    }

    private let locks: [Lock]

    init(count: Int = 64) { locks = (0..<count).map { _ in Lock() } }

    func with<Result, Failure: Error>(_ name: some Hashable, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let lock = locks[Int(UInt(bitPattern: name.hashValue) % UInt(locks.count))]
        return try lock.mutex.withLock { (_: inout Void) throws(Failure) -> Result in try body() }
    }
}
