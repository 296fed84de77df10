package import CLinux

/// A program to start as a process of its own: the one way a multi-threaded Davit process makes another. See posix_spawn(3).
package struct Spawn: ~Copyable {
    package var path: String
    package var arguments: [String]
    /// The whole environment; nil passes this process's on.
    package var environment: [String]?
    /// The child leads a session of its own, without controlling terminal.
    package var newSession = false

    private var inherited: [(number: CInt, target: CInt)] = []

    package init(_ path: String, _ arguments: [String], environment: [String]? = nil) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// The path of a program, found as shells do by `PATH`; nil when there is none.
    package static func find(_ program: String) -> String? {
        let path = Environment.value("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { FileSystem.exists($0) }
    }

    /// Gives the child `file` under the number `target`. Whatever is not given here stays closed to it, but for 0, 1 and 2.
    package mutating func give(_ file: borrowing FileDescriptor, as target: CInt) {
        inherited.append((file.rawValue, target))
    }

    /// Starts it. Signals have their default actions and none is blocked; the caller must `wait()` for the child.
    package consuming func start() throws(SyscallError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // First out of the way of every target, then into place; dup2 clears close-on-exec.
        let clear = max(64, (inherited.map { max($0.number, $0.target) }.max() ?? 0) + 1)
        for (offset, pair) in inherited.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, pair.number, clear + CInt(offset))
        }
        for (offset, pair) in inherited.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, clear + CInt(offset), pair.target)
            posix_spawn_file_actions_addclose(&actions, clear + CInt(offset))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if newSession { flags |= 0x80 /* POSIX_SPAWN_SETSID */ }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let failure = withCStrings(arguments) { arguments in
            if let environment {
                withCStrings(environment) { posix_spawn(&pid, path, &actions, &attributes, arguments, $0) }
            } else {
                posix_spawn(&pid, path, &actions, &attributes, arguments, clinux_environ())
            }
        }
        if failure != 0 { throw SyscallError("exec", path, errno: Errno(rawValue: failure)) }
        return ChildProcess(pid: pid)
    }
}

/// A child that this process started and must wait for.
package struct ChildProcess: Sendable, Hashable {
    package let pid: pid_t

    /// waitpid(2): blocks until it has ended.
    package func wait() throws(SyscallError) -> ExitStatus {
        var status: CInt = 0
        let pid = pid
        _ = try retrying("waitpid", "\(pid)") { waitpid(pid, &status, 0) }
        return ExitStatus(waitStatus: status)
    }

    /// Its status when it has ended, which is asked for once only; nil while it runs.
    package func reap() throws(SyscallError) -> ExitStatus? {
        var status: CInt = 0
        let pid = pid
        return try retrying("waitpid", "\(pid)", { waitpid(pid, &status, WNOHANG) }) == 0 ? nil : ExitStatus(waitStatus: status)
    }

    /// kill(2).
    package func signal(_ number: CInt) throws(SyscallError) {
        if kill(pid, number) != 0 { throw SyscallError("kill", "\(pid)") }
    }
}

/// How a process ended.
package enum ExitStatus: Sendable, Hashable {
    case exited(CInt)
    case signaled(CInt)

    package init(waitStatus: CInt) {
        self = clinux_wifsignaled(waitStatus) != 0 ? .signaled(clinux_wtermsig(waitStatus)) : .exited(clinux_wexitstatus(waitStatus))
    }

    /// The shell's number for it: the exit code, or 128 plus the signal.
    package var code: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signaled(let number): 128 + Int(number)
        }
    }
}

/// Lays strings out as the null-terminated array that exec(3) takes, for the length of `body`.
package func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // Never empty: the terminator is there.
        body(buffer.baseAddress.unsafelyUnwrapped)
    }
}
