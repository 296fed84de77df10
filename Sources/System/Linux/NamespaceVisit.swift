internal import CLinux

extension Namespace {
    /// Runs `body` on a thread of its own that has joined the namespace of `file`, and waits for it. The calling thread stays where it is, and
    /// no other thread ever finds itself elsewhere, since this one ends: for programs with several threads. Some 50 µs.
    ///
    /// Processes that `body` starts are born in the namespace. They must not ask for a signal at their parent's death: that is the thread's.
    package static func visit<Result>(_ file: borrowing FileDescriptor, _ kind: CloneFlags, _ body: () throws -> Result) throws -> Result {
        let number = file.rawValue
        return try onThread {
            if setns(number, CInt(truncatingIfNeeded: kind.rawValue)) != 0 { throw SyscallError("setns", "fd \(number)") }
            return try body()
        }
    }

    /// A new network namespace, in which no thread is: it lives as long as this descriptor, or whoever joins it.
    package static func makeNetwork() throws -> FileDescriptor {
        let number = try onThread {
            try unshare(.newNetwork)
            return try FileDescriptor.open("/proc/thread-self/ns/net").release()
        }
        return FileDescriptor(owning: number)
    }

    private static func onThread<Result>(_ body: () throws -> Result) throws -> Result {
        var outcome: Swift.Result<Result, any Error>?
        let code = withoutActuallyEscaping({ outcome = Swift.Result { try body() } }) { body in
            // It is waited for below, so what it points to outlives the thread.
            var box: () -> Void = body
            return withUnsafeMutablePointer(to: &box) { pointer in
                var thread = pthread_t()
                let code = pthread_create(
                    &thread, nil,
                    {
                        $0?.assumingMemoryBound(to: (() -> Void).self).pointee(); return nil
                    }, pointer)
                if code == 0 { pthread_join(thread, nil) }
                return code
            }
        }
        if code != 0 { throw SyscallError("pthread_create", errno: Errno(rawValue: code)) }
        guard let outcome else { throw SyscallError("pthread_create", errno: .inputOutput) }
        return try outcome.get()
    }
}
