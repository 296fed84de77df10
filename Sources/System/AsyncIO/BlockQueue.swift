/// Blocks of bytes handed from one thread to another, a few at a time, so that both can work at once: the stages of a pipeline.
package final class BlockQueue: @unchecked Sendable {
    // Sendable: the variables are read and written under the condition's lock only; a block's bytes belong to the side that holds it.
    private let condition = Condition()
    private let blocks: [UnsafeMutableRawBufferPointer]
    /// Bytes in each block that is full, in the order of the ring.
    private var counts: [Int]
    private var filled = 0
    private var next = 0
    private var used = 0
    private var isEnd = false
    private var isClosed = false
    private var failure: (any Error)?

    /// A ring of `count` blocks of `bytes` bytes each. Small ones stay in the processor's cache from one stage to the next.
    package init(count: Int = 16, bytes: Int = 64 << 10) {
        blocks = (0..<max(2, count)).map { _ in .allocate(byteCount: bytes, alignment: 4096) }
        counts = [Int](repeating: 0, count: blocks.count)
    }

    deinit { for block in blocks { block.deallocate() } }

    /// Starts a thread that calls `produce` for one block after the other, as `read(into:)` of a source, until that gives 0, throws, or the
    /// reader closes. False when the system gives no thread.
    package func start(_ makeProducer: @escaping @Sendable () throws -> (UnsafeMutableRawBufferPointer) throws -> Int) -> Bool {
        DetachedThread.start { [self] in
            do {
                let produce = try makeProducer()
                while let block = free() {
                    let count = try produce(block)
                    if count == 0 { break }
                    put(count)
                }
                finish(nil)
            } catch { finish(error) }
        }
    }

    private func free() -> UnsafeMutableRawBufferPointer? {
        condition.withLock {
            while filled == blocks.count, !isClosed { condition.wait() }
            return isClosed ? nil : blocks[(next + filled) % blocks.count]
        }
    }

    private func put(_ count: Int) {
        condition.withLock {
            counts[(next + filled) % blocks.count] = count
            filled += 1
            if filled == 1 { condition.broadcast() }
        }
    }

    private func finish(_ error: (any Error)?) {
        condition.withLock {
            isEnd = true
            failure = error
            condition.broadcast()
        }
    }

    /// The next bytes, at least one; 0 at the end. Throws what the producer threw.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        enum Found { case block(UnsafeMutableRawBufferPointer, Int), end, failure(any Error) }
        let found = condition.withLock { () -> Found in
            while filled == 0, !isEnd { condition.wait() }
            if filled > 0 { return .block(blocks[next], counts[next]) }
            return failure.map { .failure($0) } ?? .end
        }
        switch found {
        case .end: return 0
        case .failure(let error): throw error
        case .block(let block, let size):
            let count = min(buffer.count, size - used)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[used..<(used + count)]))
            used += count
            if used == size {
                used = 0
                condition.withLock {
                    next = (next + 1) % blocks.count
                    filled -= 1
                    // Not for each block: both sides would go to sleep and be woken all the time.
                    if filled <= blocks.count / 2 { condition.broadcast() }
                }
            }
            return count
        }
    }

    /// The reader wants no more: the producer ends at its next block, and is waited for.
    package func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
            while !isEnd { condition.wait() }
        }
    }
}
