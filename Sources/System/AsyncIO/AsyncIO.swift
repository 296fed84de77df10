internal import CLinux
package import Linux
internal import Synchronization

/// Thrown by `withDeadline`.
package struct DeadlineExceeded: Error, Sendable, CustomStringConvertible {
    package init() {}

    package var description: String { "deadline exceeded" }
}

/// The doorway between synchronous and asynchronous code.
package enum AsyncIO {
    /// Runs asynchronous code from a synchronous `main` and returns what it gives. The calling thread drives the event loop
    /// meanwhile; no other thread is made until something is offloaded. Child tasks run on the same loop.
    package static func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        // The mutex outlives the task, since `run` returns after it only; a class gives the closure something to hold.
        let box = Box(outcome)
        Reactor.shared.run {
            do {
                let value = try await body()
                box.value.withLock { $0 = .success(value) }
            } catch {
                box.value.withLock { $0 = .failure(error) }
            }
        }
        guard let result = box.value.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    private final class Box<Value: Sendable>: Sendable {
        let value: Mutex<Value?>
        init(_ value: consuming Mutex<Value?>) { self.value = value }
    }

    /// Runs synchronous code that may block, for long even, on a thread apart. Cancelling the task does not interrupt it:
    /// the call returns when the body does. Where nothing else is going on, as in a short command, it runs right here: that
    /// saves making a thread.
    package static func offload<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        if Reactor.shared.isAlone { return try body() }
        return try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
            BlockingThreads.shared.enqueue {
                let result = Swift.Result { try body() }
                return { continuation.resume(with: result) }
            }
        }
    }

    /// Starts a task of its own on the event loop, for what must outlive the caller. Whoever starts it sees to its end.
    package static func begin<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) -> Task<Result, any Error> {
        Task(executorPreference: Reactor.shared) { try await body() }
    }

    /// Sleeps; throws CancellationError when the task is cancelled.
    package static func sleep(_ duration: Duration) async throws {
        try await Reactor.shared.sleep(until: .now + duration)
    }

    /// Returns when `file` can be read without waiting, or is at its end. The file itself is not taken.
    package static func readable(_ file: borrowing FileDescriptor) async throws {
        let watched = WatchedDescriptor(try file.duplicate())
        defer { watched.close() }
        try await watched.wait(.read)
    }

    /// Returns when `file` can be written without waiting, or is broken. The file itself is not taken.
    package static func writable(_ file: borrowing FileDescriptor) async throws {
        let watched = WatchedDescriptor(try file.duplicate())
        defer { watched.close() }
        try await watched.wait(.write)
    }

    /// Runs `body` and cancels it when `duration` has passed: DeadlineExceeded is thrown once the body has ended.
    package static func withDeadline<Result: Sendable>(
        _ duration: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await sleep(duration)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw DeadlineExceeded() }
            return value
        }
    }
}
