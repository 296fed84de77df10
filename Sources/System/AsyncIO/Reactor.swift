internal import CLinux
internal import Linux
internal import Synchronization

/// The process's event loop: an epoll(7) instance with timers, and the executor that asynchronous code runs on.
///
/// `AsyncIO.run` drives it on the calling thread, which costs no start-up; without one, the first use starts a background thread.
/// A job runs to its next suspension, so nothing that runs here may block: see `offload`.
final class Reactor: TaskExecutor {
    static let shared = Reactor()

    private let epoll: Epoll
    private let wakeUp: FileDescriptor
    private let state = Mutex(State())

    private struct State {
        var jobs: [UnownedJob] = []
        var timers = Timers()
        /// Those that tasks wait for. Lock order: a descriptor's lock first, then this one.
        var awaited: [UInt64: WatchedDescriptor] = [:]
        var lastToken: UInt64 = 0
        /// A thread runs `drive`, or is being started to.
        var driven = false
        /// The driver is in epoll_wait(2) or about to be: only the event descriptor reaches it.
        var sleeping = false
        /// The thread that drives the loop for `run`.
        var runner: pthread_t?
    }

    /// How many times the queue of jobs is emptied before descriptors are looked at again.
    private static let roundsBetweenPolls = 16

    /// Jobs that the driver has taken from the queue and not begun. Only the driver touches it.
    private nonisolated(unsafe) var jobsTaken = 0

    private init() {
        // EPIPE tells it better. Programs that we start get the default action back, which Linux.Spawn sees to.
        Signal.ignore(SIGPIPE)
        do throws(SyscallError) {
            epoll = try Epoll()
            wakeUp = try FileDescriptor.event()
            try epoll.add(wakeUp, .read, token: 0)
        } catch {
            // Only a process out of descriptors gets here, and nothing asynchronous can be done without these two.
            preconditionFailure("cannot start the event loop: \(error)")
        }
    }

    // MARK: Jobs

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        alert { $0.jobs.append(job) }
    }

    /// Changes the state and sees to it that a driver looks at it.
    private func alert(_ change: (inout State) -> Void) {
        let (start, wake) = state.withLock { state in
            change(&state)
            let start = !state.driven, wake = state.sleeping
            state.driven = true
            state.sleeping = false
            return (start, wake)
        }
        if start { DetachedThread.start { Reactor.shared.drive(until: nil) } }
        // Fails only when the counter is full, and then the driver is awake.
        if wake { try? wakeUp.signalEvent() }
    }

    /// Runs `body` as a task of this executor and returns when it has ended, driving the loop meanwhile unless another thread does.
    func run(_ body: @escaping @Sendable () async -> Void) {
        let drives = state.withLock { state in
            if state.driven { return false }
            state.driven = true
            state.runner = pthread_self()
            return true
        }
        let gate = Gate()
        // The root of all tasks: its parent is this synchronous function, which waits for it.
        Task(executorPreference: self) {
            await body()
            gate.open()
            if drives { Reactor.shared.alert { _ in } }
        }
        if !drives { return gate.wait() }
        drive(until: gate)
        // Others may have work left, as tests have that run side by side.
        let left = state.withLock { state in
            state.runner = nil
            state.driven = !state.jobs.isEmpty || !state.timers.isEmpty || !state.awaited.isEmpty
            return state.driven
        }
        if left { DetachedThread.start { Reactor.shared.drive(until: nil) } }
    }

    /// True on the thread of `run` when the current job is all that there is: no other is queued and no task waits for anything.
    /// Then nobody suffers when it blocks.
    var isAlone: Bool {
        state.withLock { state in
            guard let runner = state.runner, pthread_equal(runner, pthread_self()) != 0 else { return false }
            return jobsTaken == 0 && state.jobs.isEmpty && state.awaited.isEmpty && state.timers.isEmpty
        } && !BlockingThreads.shared.isBusy
    }

    private func drive(until gate: Gate?) {
        var reports: [Epoll.Report] = []
        var jobs: [UnownedJob] = []
        while true {
            for _ in 0..<Self.roundsBetweenPolls {
                state.withLock { swap(&$0.jobs, &jobs) }
                if jobs.isEmpty { break }
                jobsTaken = jobs.count
                for job in jobs {
                    jobsTaken -= 1
                    job.runSynchronously(on: asUnownedTaskExecutor())
                }
                jobs.removeAll(keepingCapacity: true)
            }
            if gate?.isOpen == true { return }
            let timeout = state.withLock { state -> CInt in
                if !state.jobs.isEmpty { return 0 }
                let timeout = state.timers.millisecondsToNext
                state.sleeping = timeout != 0
                return timeout
            }
            do throws(SyscallError) {
                try epoll.wait(into: &reports, timeoutMilliseconds: timeout)
            } catch {
                preconditionFailure("cannot wait for events: \(error)")
            }
            let (found, due) = state.withLock { state in
                state.sleeping = false
                return (reports.map { (state.awaited[$0.token], $0.events) }, state.timers.takeDue())
            }
            for (descriptor, events) in found {
                descriptor?.report(events)
            }
            // Fails only when it is clear already.
            if reports.contains(where: { $0.token == 0 }) { try? wakeUp.clearEvent() }
            for continuation in due { continuation.resume() }
        }
    }

    // MARK: Descriptors, called with the descriptor's lock held

    func newToken() -> UInt64 {
        state.withLock { state in
            state.lastToken += 1
            return state.lastToken
        }
    }

    /// Has the next of `events` reported to `descriptor`, once. False when the file is of a kind that is always ready.
    func arm(
        _ descriptor: WatchedDescriptor, _ file: borrowing FileDescriptor, _ events: EpollEvents, added: Bool
    ) throws(SyscallError) -> Bool {
        // In the table first: the report may come on another thread before this call returns. A sleeping driver notices
        // by itself, so it is not woken.
        let start = state.withLock { state in
            state.awaited[descriptor.token] = descriptor
            defer { state.driven = true }
            return !state.driven
        }
        if start { DetachedThread.start { Reactor.shared.drive(until: nil) } }
        do throws(SyscallError) {
            if added {
                try epoll.modify(file, events.union(.oneShot), token: descriptor.token)
            } else {
                try epoll.add(file, events.union(.oneShot), token: descriptor.token)
            }
            return true
        } catch {
            disarm(descriptor.token)
            if error.errno == .notPermitted { return false }
            throw error
        }
    }

    /// Nobody waits any more.
    func disarm(_ token: UInt64) {
        state.withLock { _ = $0.awaited.removeValue(forKey: token) }
    }

    /// Makes epoll forget the file, which is about to be closed.
    func forget(_ file: borrowing FileDescriptor) {
        // Fails only when epoll does not know it.
        try? epoll.remove(file)
    }

    // MARK: Timers

    /// Returns at `deadline`; throws CancellationError when the task is cancelled first.
    func sleep(until deadline: ContinuousClock.Instant) async throws {
        let id = newToken()
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                var cancelled = false
                alert { state in
                    // Checked with the lock held: a cancellation from now on finds the timer in place.
                    cancelled = Task.isCancelled
                    if !cancelled { state.timers.insert(id, deadline, continuation) }
                }
                if cancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.timers.remove(id) }?.resume(throwing: CancellationError())
        }
    }
}
