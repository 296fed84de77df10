internal import CLinux

/// Work in a mount namespace of its own: what it mounts nobody else sees, and all of it is gone when the work is done, or this process
/// is killed.
package enum PrivateMounts {
    private final class Work {
        var run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private final class Outcome<Value> {
        var result: Result<Value, any Error>?
    }

    /// Runs `body` on a thread that is made for it, enters a new namespace and ends afterwards: no other thread's view changes. The calling
    /// thread waits. Descriptors that were open before belong to the old namespace, where nothing can be mounted on them. Needs
    /// `CAP_SYS_ADMIN`; see mount_namespaces(7).
    package static func run<Value>(_ body: () throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        try withoutActuallyEscaping(body) { body in
            let work = Unmanaged.passRetained(
                Work {
                    outcome.result = Result {
                        try Namespace.unshare(.newMount)
                        try Mounts.mount(nil, on: "/", [.slave, .recursive])
                        return try body()
                    }
                })
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeUnretainedValue().run() }
                    return nil
                }, work.toOpaque())
            // The thread has ended before the work is let go of, so nothing of `body` escapes.
            if code == 0 { pthread_join(thread, nil) }
            work.takeUnretainedValue().run = {}
            work.release()
            if code != 0 { throw SyscallError("pthread_create", "", errno: Errno(rawValue: code)) }
        }
        guard let result = outcome.result else { throw SyscallError("pthread_create", "", errno: .invalid) }
        return try result.get()
    }
}
