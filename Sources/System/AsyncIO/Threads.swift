internal import CLinux
internal import Synchronization

/// A thread of our own. It takes no signals: those that matter are read by `SignalEvents`.
enum DetachedThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// The work that comes here decodes JSON and walks archives; the pages are taken only when touched.
    private static let stackBytes = 2 << 20

    /// Starts one; false when the system refuses.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var all = sigset_t(), before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &thread, &attributes,
            { pointer in
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        if result != 0 { box.release() }
        return result == 0
    }
}

/// pthread_mutex and pthread_cond in one, which live as long as this object.
final class Condition: @unchecked Sendable {
    // Sendable: the two are made for use from any thread and never move.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// With the lock held.
    func signal() { pthread_cond_signal(condition) }

    /// With the lock held: wakes all that wait.
    func broadcast() { pthread_cond_broadcast(condition) }

    /// With the lock held.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// With the lock held; false when the time ran out.
    func wait(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += seconds
        return pthread_cond_timedwait(condition, mutex, &deadline) == 0
    }
}

/// Something that happens once and that a thread can wait for.
final class Gate: @unchecked Sendable {
    // Sendable: `opened` is read and written under the condition's lock only.
    private let condition = Condition()
    private var opened = false

    var isOpen: Bool { condition.withLock { opened } }

    func open() {
        condition.withLock {
            opened = true
            condition.signal()
        }
    }

    func wait() {
        condition.withLock { while !opened { condition.wait() } }
    }
}

/// Threads for work that blocks: made on demand, at most `limit`, gone after a while without work.
final class BlockingThreads: @unchecked Sendable {
    // Sendable: the variables are read and written under the condition's lock only.
    static let shared = BlockingThreads()

    /// Enough for every container of a large compose file to be stopped at once; what comes on top waits its turn.
    static let limit = 64
    private static let idleSeconds = 10

    private let condition = Condition()
    private var queue: [Work] = []
    private var next = 0
    private var threads = 0
    /// Threads that take the next work without being waited for: those that sleep, and those that only tell of theirs.
    private var idle = 0
    /// Work that was taken and is not yet told of.
    private var unfinished = 0

    /// Does something, and gives what tells of it. Who is told may have more to do for the very thread that tells.
    typealias Work = @Sendable () -> (@Sendable () -> Void)

    /// Something is queued or being done.
    var isBusy: Bool { condition.withLock { next < queue.count || unfinished > 0 } }

    func enqueue(_ work: @escaping Work) {
        let startsThread = condition.withLock { () -> Bool in
            queue.append(work)
            // Each idle thread takes one; the queue may already hold as many.
            if idle >= queue.count - next {
                condition.signal()
                return false
            }
            if threads >= Self.limit { return false }
            threads += 1
            return true
        }
        guard startsThread, !DetachedThread.start({ BlockingThreads.shared.work() }) else { return }
        // The system gives no thread: another of ours will come to it, or if there is none, this one must do it.
        let orphan = condition.withLock { () -> Work? in
            threads -= 1
            return threads == 0 ? take() : nil
        }
        guard let orphan else { return }
        orphan()()
        condition.withLock { unfinished -= 1 }
    }

    private func take() -> Work? {
        guard next < queue.count else { return nil }
        unfinished += 1
        let work = queue[next]
        next += 1
        if next == queue.count || next > 256 {
            queue.removeFirst(next)
            next = 0
        }
        return work
    }

    private func work() {
        var isFree = false
        while true {
            let work = condition.withLock { () -> Work? in
                while true {
                    if let work = take() {
                        if isFree { idle -= 1 }
                        return work
                    }
                    if !isFree { idle += 1 }
                    isFree = true
                    if !condition.wait(seconds: Self.idleSeconds), next == queue.count {
                        idle -= 1
                        threads -= 1
                        return nil
                    }
                }
            }
            guard let work else { return }
            let tell = work()
            condition.withLock { idle += 1 }
            isFree = true
            tell()
            condition.withLock { unfinished -= 1 }
        }
    }
}
