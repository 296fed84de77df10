internal import CLinux
internal import Linux
internal import Synchronization

/// What a task can wait for on a descriptor.
enum Readiness: Sendable {
    case read, write
    /// Both directions are gone.
    case hangUp
    /// The peer will write no more.
    case readHangUp

    /// What epoll is asked for; `.hangUp` and `.error` it reports unasked.
    var interest: EpollEvents {
        switch self {
        case .read: [.read, .readHangUp]
        case .write: .write
        case .hangUp: []
        case .readHangUp: .readHangUp
        }
    }
}

/// An open file that tasks can wait for. Closed by `close` or with its last owner.
final class WatchedDescriptor: Sendable {
    let token: UInt64
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var file: FileDescriptor?
        /// Known to epoll.
        var added = false
        /// Of a kind that epoll refuses because it is always ready, such as regular files.
        var alwaysReady = false
        var waiters: [(id: UInt64, readiness: Readiness, continuation: UnsafeContinuation<Void, any Error>)] = []
        var lastID: UInt64 = 0

        var interest: EpollEvents { waiters.reduce(into: []) { $0.formUnion($1.readiness.interest) } }
    }

    init(_ file: consuming FileDescriptor) {
        token = Reactor.shared.newToken()
        state = Mutex(State(file: file))
    }

    deinit { close() }

    /// Lends the file for one short call; throws `EBADF` when it is closed. The lock is held meanwhile, so that `close` cannot
    /// pull the number away under a call.
    func use<Result>(_ body: (borrowing FileDescriptor) throws(SyscallError) -> Result) throws(SyscallError) -> Result {
        try state.withLock { state throws(SyscallError) in
            switch state.file {
            case .some(let file): return try body(file)
            case .none: throw SyscallError("use", "closed descriptor", errno: Errno(rawValue: EBADF))
            }
        }
    }

    /// Closes the file; who waits for it gets CancellationError.
    func close() { _ = take() }

    /// Gives the file away as `close` would close it; nil when it is closed.
    func take() -> FileDescriptor? {
        var file: FileDescriptor?
        var waiters: [UnsafeContinuation<Void, any Error>] = []
        state.withLock { state in
            waiters = state.waiters.map(\.continuation)
            state.waiters = []
            file = state.file.take()
            Reactor.shared.disarm(token)
            guard state.added else { return }
            state.added = false
            if let taken = file.take() {
                Reactor.shared.forget(taken)
                file = consume taken
            }
        }
        for waiter in waiters { waiter.resume(throwing: CancellationError()) }
        return file
    }

    /// Returns when the file is ready or was found broken, which the next call on it will tell. Several tasks may wait at once.
    /// Throws CancellationError when the task is cancelled or the file closed.
    func wait(_ readiness: Readiness) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { begin(id, readiness, $0) }
        } onCancel: {
            cancel(id)
        }
    }

    private enum Outcome {
        case waits, ready
        case fails(any Error)
    }

    private func begin(_ id: UInt64, _ readiness: Readiness, _ continuation: UnsafeContinuation<Void, any Error>) {
        let outcome = state.withLock { state -> Outcome in
            // Checked with the lock held: a cancellation from now on finds the waiter in place.
            if Task.isCancelled || state.file == nil { return .fails(CancellationError()) }
            state.waiters.append((id, readiness, continuation))
            if !state.alwaysReady {
                do throws(SyscallError) {
                    state.alwaysReady = try !arm(&state)
                } catch {
                    state.waiters.removeAll { $0.id == id }
                    return .fails(error)
                }
            }
            if state.alwaysReady, readiness == .read || readiness == .write {
                state.waiters.removeAll { $0.id == id }
                return .ready
            }
            return .waits
        }
        switch outcome {
        case .waits: break
        case .ready: continuation.resume()
        case .fails(let error): continuation.resume(throwing: error)
        }
    }

    private func arm(_ state: inout State) throws(SyscallError) -> Bool {
        let interest = state.interest, added = state.added
        switch state.file {
        case .some(let file):
            guard try Reactor.shared.arm(self, file, interest, added: added) else { return false }
            state.added = true
            return true
        case .none: return false
        }
    }

    private func cancel(_ id: UInt64) {
        let continuation = state.withLock { state -> UnsafeContinuation<Void, any Error>? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            let continuation = state.waiters.remove(at: index).continuation
            // What epoll still reports then, once at most, finds nobody.
            if state.waiters.isEmpty { Reactor.shared.disarm(token) }
            return continuation
        }
        continuation?.resume(throwing: CancellationError())
    }

    /// The reactor saw `events`: whom they concern goes on, for the others the file is armed again.
    func report(_ events: EpollEvents) {
        let broken = !events.isDisjoint(with: [.hangUp, .error])
        let ready = state.withLock { state in
            var ready: [UnsafeContinuation<Void, any Error>] = []
            state.waiters.removeAll { waiter in
                let concerned = broken || !events.isDisjoint(with: waiter.readiness.interest)
                if concerned { ready.append(waiter.continuation) }
                return concerned
            }
            if state.waiters.isEmpty {
                Reactor.shared.disarm(token)
            } else {
                do throws(SyscallError) {
                    _ = try arm(&state)
                } catch {
                    // Their next call on the file tells them what is wrong with it.
                    ready += state.waiters.map(\.continuation)
                    state.waiters = []
                }
            }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }
}
