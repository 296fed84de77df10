internal import CLinux
package import Linux

/// Signals of this process as events: a signalfd(2) to wait on. Made on the thread of `main`, whose mask it changes; the
/// process's other threads block every signal.
package final class SignalEvents: Sendable {
    private let watched: WatchedDescriptor

    /// From now on these signals do nothing but appear here.
    package init(_ numbers: [CInt]) throws(SyscallError) {
        Signal.block(numbers)
        watched = WatchedDescriptor(try FileDescriptor.signals(numbers))
    }

    /// The next signal's number. Throws CancellationError when the task is cancelled.
    package func next() async throws -> CInt {
        while true {
            if let number = try watched.use({ (file) throws(SyscallError) in try file.nextSignal() }) { return number }
            try await watched.wait(.read)
        }
    }
}
