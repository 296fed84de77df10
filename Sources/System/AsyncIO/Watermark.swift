internal import Synchronization

/// How far something has come that one side fills and the other follows, such as a file that grows while it is read.
package final class Watermark: @unchecked Sendable {
    // Sendable: the variables are read and written under the condition's lock only.
    private let condition = Condition()
    private var level: Int64
    private var isEnd = false
    private var failure: (any Error)?

    package init(_ level: Int64 = 0) { self.level = level }

    /// What is there by now.
    package var current: Int64 { condition.withLock { level } }

    /// There is more.
    package func rise(to level: Int64) {
        condition.withLock {
            self.level = max(self.level, level)
            condition.broadcast()
        }
    }

    /// Nothing more comes.
    package func end() {
        condition.withLock {
            isEnd = true
            condition.broadcast()
        }
    }

    /// Nothing more comes, and what is there is not whole: whoever waits gets the error. The first one counts.
    package func fail(_ error: any Error) {
        condition.withLock {
            failure = failure ?? error
            condition.broadcast()
        }
    }

    /// Blocks until there is more than `level`, and tells how much; `level` itself at the end. Throws the error of `fail`.
    package func wait(past level: Int64) throws -> Int64 {
        try condition.withLock { () -> Result<Int64, any Error> in
            while true {
                if let failure { return .failure(failure) }
                if self.level > level || isEnd { return .success(max(self.level, level)) }
                condition.wait()
            }
        }.get()
    }
}
