/// Sleeping tasks, soonest first: a binary heap of deadlines, beside the continuations that have not been cancelled.
struct Timers {
    private var heap: [(deadline: ContinuousClock.Instant, id: UInt64)] = []
    private var continuations: [UInt64: UnsafeContinuation<Void, any Error>] = [:]

    var isEmpty: Bool { continuations.isEmpty }

    mutating func insert(_ id: UInt64, _ deadline: ContinuousClock.Instant, _ continuation: UnsafeContinuation<Void, any Error>) {
        continuations[id] = continuation
        // Cancelled timers stay in the heap until their time; most time-outs are cancelled, so they are swept now and then.
        if heap.count > 64 + 2 * continuations.count {
            heap = heap.filter { continuations[$0.id] != nil }.sorted { $0.deadline < $1.deadline }
        }
        heap.append((deadline, id))
        var child = heap.count - 1
        while child > 0, heap[child].deadline < heap[(child - 1) / 2].deadline {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func remove(_ id: UInt64) -> UnsafeContinuation<Void, any Error>? {
        continuations.removeValue(forKey: id)
    }

    /// For epoll_wait(2): rounded up, -1 when there is no timer.
    var millisecondsToNext: CInt {
        guard let next = heap.first, !continuations.isEmpty else { return -1 }
        let (seconds, attoseconds) = (next.deadline - .now).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        // A longer sleep is done in several waits.
        if seconds > 1_000_000 { return 1_000_000_000 }
        return CInt(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    mutating func takeDue() -> [UnsafeContinuation<Void, any Error>] {
        guard !heap.isEmpty else { return [] }
        let now = ContinuousClock.now
        var due: [UnsafeContinuation<Void, any Error>] = []
        while let first = heap.first, first.deadline <= now || continuations[first.id] == nil {
            if let continuation = continuations.removeValue(forKey: first.id) { due.append(continuation) }
            removeFirst()
        }
        return due
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            if left >= heap.count { return }
            let child = left + 1 < heap.count && heap[left + 1].deadline < heap[left].deadline ? left + 1 : left
            if heap[parent].deadline <= heap[child].deadline { return }
            heap.swapAt(parent, child)
            parent = child
        }
    }
}
