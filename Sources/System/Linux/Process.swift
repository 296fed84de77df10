package import CLinux

/// What clone3(2) gives a new process of its own. See clone(2) for the meaning and least kernels.
package struct CloneFlags: OptionSet, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let newMount = CloneFlags(rawValue: 0x0002_0000)
    package static let newCgroup = CloneFlags(rawValue: 0x0200_0000)
    package static let newUTS = CloneFlags(rawValue: 0x0400_0000)
    package static let newIPC = CloneFlags(rawValue: 0x0800_0000)
    package static let newUser = CloneFlags(rawValue: 0x1000_0000)
    package static let newPID = CloneFlags(rawValue: 0x2000_0000)
    package static let newNetwork = CloneFlags(rawValue: 0x4000_0000)
    package static let newTime = CloneFlags(rawValue: 0x80)
    /// The child is the caller's parent's.
    package static let siblingOfCaller = CloneFlags(rawValue: 0x8000)
    /// The child starts in the version 2 cgroup whose directory is given.
    package static let intoCgroup = CloneFlags(rawValue: 0x2_0000_0000)
}

/// A child made by `fork`: its number and the descriptor that names it without a race.
package struct ForkedProcess: ~Copyable, Sendable {
    package let pid: pid_t
    package let pidfd: FileDescriptor

    /// A process that another made for the caller, whose child it is.
    package init(pid: pid_t, pidfd: consuming FileDescriptor) {
        self.pid = pid
        self.pidfd = pidfd
    }

    /// Its status when it has ended, which is asked for once only; nil while it runs.
    package borrowing func reap() throws(SyscallError) -> ExitStatus? { try ChildProcess(pid: pid).reap() }
}

/// Makes a child that runs `body` and then ends with its result. For single-threaded programs only: the child is a copy of
/// the calling thread, and a lock that another thread held would stay locked for ever.
package func fork(
    _ flags: CloneFlags = [], cgroup: borrowing FileDescriptor? = nil, _ body: () -> CInt
) throws(SyscallError) -> ForkedProcess {
    var pidfd: CInt = -1
    let directory: CInt
    switch cgroup {
    case .some(let cgroup): directory = cgroup.rawValue
    case .none: directory = -1
    }
    let pid = withoutActuallyEscaping(body) { body in
        var box = body
        return withUnsafeMutablePointer(to: &box) {
            // A sibling tells of its end as the caller does.
            clinux_clone3(
                flags.rawValue, flags.contains(.siblingOfCaller) ? 0 : SIGCHLD, directory, &pidfd, { _exit($0!.assumingMemoryBound(to: (() -> CInt).self).pointee()) }, $0)
        }
    }
    if pid < 0 { throw SyscallError("clone3") }
    return ForkedProcess(pid: pid, pidfd: FileDescriptor(owning: pidfd))
}

/// The calling process and others.
package enum Process {
    package static var id: pid_t { getpid() }

    /// execve(2). Returns only the error.
    package static func execute(_ path: String, _ arguments: [String], environment: [String]) -> SyscallError {
        withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                _ = execve(path, arguments, environment)
                return SyscallError("exec", path)
            }
        }
    }

    /// execveat(2) of an open file, whose descriptor the program does not get. Returns only the error.
    package static func execute(_ file: borrowing FileDescriptor, _ arguments: [String], environment: [String]) -> SyscallError {
        let number = file.rawValue
        return withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                _ = clinux_execveat(number, arguments, environment)
                return SyscallError("exec", "fd \(number)")
            }
        }
    }

    /// _exit(2): ends at once, without any clean-up of the C library.
    package static func exit(_ code: CInt) -> Never { _exit(code) }

    /// setsid(2).
    package static func newSession() throws(SyscallError) {
        if setsid() < 0 { throw SyscallError("setsid") }
    }

    /// pidfd_open(2).
    package static func open(_ pid: pid_t) throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("pidfd_open", "\(pid)") { clinux_pidfd_open(pid, 0) })
    }

    /// pidfd_send_signal(2).
    package static func signal(_ pidfd: borrowing FileDescriptor, _ number: CInt) throws(SyscallError) {
        if clinux_pidfd_send_signal(pidfd.rawValue, number) != 0 { throw SyscallError("pidfd_send_signal", "signal \(number)") }
    }

    /// kill(2).
    package static func signal(_ pid: pid_t, _ number: CInt) throws(SyscallError) {
        if kill(pid, number) != 0 { throw SyscallError("kill", "\(pid)") }
    }

    /// waitpid(2) for a child that is known to have ended, or blocks until it has.
    package static func wait(_ pid: pid_t) throws(SyscallError) -> ExitStatus {
        try ChildProcess(pid: pid).wait()
    }

    /// A child that has ended and is still to be waited for, as waitid(2) tells with `WNOWAIT`; nil without one.
    package static func ended() -> pid_t? {
        let pid = clinux_ended_child()
        return pid > 0 ? pid : nil
    }

    /// waitpid(2) for any child: nil when `block` is false and none has ended, or when there is none at all.
    package static func waitAny(block: Bool) throws(SyscallError) -> (pid: pid_t, status: ExitStatus)? {
        var status: CInt = 0
        do throws(SyscallError) {
            let pid = try retrying("waitpid", "-1") { waitpid(-1, &status, block ? 0 : WNOHANG) }
            return pid == 0 ? nil : (pid, ExitStatus(waitStatus: status))
        } catch  where error.errno == .noChild { return nil }
    }

    /// Whether `pid` was stopped by a signal. False when there is no such process.
    package static func isStopped(_ pid: pid_t) -> Bool { stateLetter(pid) == UInt8(ascii: "T") }

    /// Who holds a flock(2) lock on that file, as /proc/locks (proc(5)) tells; nil when nobody does, or nobody who can be seen from here.
    package static func holdingLock(on status: FileStatus) -> pid_t? {
        // Without that file nobody is seen.
        guard let bytes = try? FileSystem.read("/proc/locks", limit: 16 << 20) else { return nil }
        let major = gnu_dev_major(UInt(status.device)), minor = gnu_dev_minor(UInt(status.device))
        return bytes.split(separator: 10).lazy.compactMap { line -> pid_t? in
            // "1: FLOCK  ADVISORY  WRITE 708 08:01:13109 0 EOF"; "->" comes before those that wait.
            let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
            guard words.count >= 6, words[1] == "FLOCK", let pid = pid_t(words[4]), pid > 0 else { return nil }
            let file = words[5].split(separator: ":").map(String.init)
            guard file.count == 3, UInt32(file[0], radix: 16) == major, UInt32(file[1], radix: 16) == minor else { return nil }
            return UInt64(file[2]) == status.inode ? pid : nil
        }.first
    }

    /// The words that `pid` was started with (proc(5), cmdline), as one line of at most 80 characters; nil when there is no such process.
    package static func commandLine(_ pid: pid_t) -> String? {
        // No such process is the answer, not an error.
        guard let bytes = try? FileSystem.read("/proc/\(pid)/cmdline", limit: 1 << 16), !bytes.isEmpty else { return nil }
        return String(bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ").prefix(80))
    }

    /// When `pid` started, in clock ticks since boot (proc(5), stat, field 22): together with the number it names a process
    /// for as long as the machine is up. Nil when there is no such process.
    package static func startTime(_ pid: pid_t) -> UInt64? {
        // No such process is the answer, not an error.
        guard let bytes = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096),
            let parenthesis = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[bytes.index(after: parenthesis)...], as: UTF8.self).split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// prctl(2) `PR_SET_PDEATHSIG`: the signal this process gets when the thread that made it ends.
    package static func setParentDeathSignal(_ number: CInt) throws(SyscallError) {
        try control("PR_SET_PDEATHSIG", PR_SET_PDEATHSIG, UInt(number))
    }

    /// prctl(2) `PR_SET_DUMPABLE`: 0 keeps others out of this process's /proc files and ptrace(2).
    package static func setDumpable(_ on: Bool) throws(SyscallError) { try control("PR_SET_DUMPABLE", PR_SET_DUMPABLE, on ? 1 : 0) }

    /// prctl(2) `PR_SET_NO_NEW_PRIVS`.
    package static func setNoNewPrivileges() throws(SyscallError) { try control("PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS, 1) }

    /// prctl(2) `PR_SET_NAME`: at most 15 bytes are kept.
    package static func setName(_ name: String) {
        name.withCString { pointer in _ = clinux_prctl(PR_SET_NAME, UInt(bitPattern: pointer), 0, 0, 0) }
    }

    /// Has ps(1) show another word in place of one of the program's arguments, 0 being its name. It must be as long: else nothing changes.
    package static func replaceArgument(_ index: Int, with text: String) {
        guard var place = clinux_first_argument() else { return }
        for _ in 0..<index { place += strlen(place) + 1 }
        if strlen(place) == text.utf8.count { text.withCString { _ = memcpy(place, $0, text.utf8.count) } }
    }

    /// malloc_trim(3): gives memory that is free back to the kernel, for processes that from now on do little.
    package static func releaseFreeMemory() { malloc_trim(0) }

    /// prctl(2) `PR_SET_CHILD_SUBREAPER`.
    package static func becomeSubreaper() throws(SyscallError) { try control("PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER, 1) }

    static func control(_ name: String, _ option: CInt, _ argument: UInt, _ second: UInt = 0) throws(SyscallError) {
        if clinux_prctl(option, argument, second, 0, 0) < 0 { throw SyscallError("prctl", name) }
    }

    /// umask(2).
    package static func setFileModeMask(_ mask: mode_t) { umask(mask) }

    /// What umask(2) set, which itself tells only by setting it for every thread: proc_pid_status(5), `Umask`.
    package static func fileModeMask() throws(SyscallError) -> UInt32 {
        let lines = try FileSystem.readIfPresent("/proc/thread-self/status")?.split(separator: UInt8(ascii: "\n"))
        let line = lines?.first { $0.starts(with: "Umask:".utf8) }.map { String(decoding: $0.dropFirst(6), as: UTF8.self) }
        // Where that is not told, any bit may be taken off.
        return line.flatMap { UInt32($0.filter(\.isNumber), radix: 8) } ?? 0o777
    }

    /// chdir(2).
    package static func changeDirectory(_ path: String) throws(SyscallError) {
        if chdir(path) != 0 { throw SyscallError("chdir", path) }
    }

    /// fchdir(2).
    package static func changeDirectory(_ directory: borrowing FileDescriptor) throws(SyscallError) {
        if fchdir(directory.rawValue) != 0 { throw SyscallError("fchdir", "fd \(directory.rawValue)") }
    }

    /// Whether the working directory lies below the root: the kernel itself tells, which no path can mislead. getcwd(2)
    package static func isInsideRoot() -> Bool {
        var buffer = [CChar](repeating: 0, count: 4097)
        // What is too long for that lies outside or is nothing to run programs in.
        return clinux_getcwd(&buffer, buffer.count) > 0 && buffer[0] == CChar(UInt8(ascii: "/"))
    }

    /// The state letter of `pid` (proc(5), stat, field 3), such as `Z`; nil when there is no such process.
    package static func stateLetter(_ pid: pid_t) -> UInt8? {
        // No such process is the answer, not an error.
        guard let bytes = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096), let parenthesis = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        return bytes[bytes.index(after: parenthesis)...].first { $0 != UInt8(ascii: " ") }
    }

    /// dup2(2): `file` also has the number `target`, and that one is inherited by exec.
    package static func place(_ file: borrowing FileDescriptor, as target: CInt) throws(SyscallError) {
        let number = file.rawValue
        if number == target {
            _ = try retrying("fcntl", "F_SETFD \(number)") { clinux_fcntl(number, F_SETFD, 0) }
        } else {
            _ = try retrying("dup2", "\(number) \(target)") { dup2(number, target) }
        }
    }

    /// close_range(2) with `CLOSE_RANGE_CLOEXEC`: nothing from `first` on passes the next exec.
    package static func closeOnExec(from first: UInt32) throws(SyscallError) {
        if clinux_close_range(first, .max, 4) != 0 { throw SyscallError("close_range", "\(first)-") }
    }

    /// Takes over descriptors that whoever started this program handed down under known numbers.
    package static func inherited(_ number: CInt) throws(SyscallError) -> FileDescriptor {
        _ = try retrying("fcntl", "F_SETFD \(number)") { clinux_fcntl(number, F_SETFD, Int(FD_CLOEXEC)) }
        return FileDescriptor(owning: number)
    }

    /// Whether this process has a file open under that number.
    package static func hasDescriptor(_ number: CInt) -> Bool { clinux_fcntl(number, F_GETFD, 0) != -1 }

    /// Has the next program inherit what is open under these numbers.
    package static func passOn(_ numbers: Range<CInt>) throws(SyscallError) {
        for number in numbers { _ = try retrying("fcntl", "F_SETFD \(number)") { clinux_fcntl(number, F_SETFD, 0) } }
    }

    /// RLIMIT_NOFILE.
    package static let openFiles: CInt = 7

    /// setrlimit(2) by the number of the resource.
    package static func setLimit(_ resource: CInt, soft: UInt64, hard: UInt64) throws(SyscallError) {
        var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard))
        if prlimit(0, __rlimit_resource(UInt32(resource)), &limit, nil) != 0 { throw SyscallError("setrlimit", "\(resource)") }
    }

    /// getrlimit(2).
    package static func limit(_ resource: CInt) throws(SyscallError) -> (soft: UInt64, hard: UInt64) {
        var limit = rlimit()
        if prlimit(0, __rlimit_resource(UInt32(resource)), nil, &limit) != 0 { throw SyscallError("getrlimit", "\(resource)") }
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    /// sethostname(2) of the UTS namespace this process is in.
    package static func setHostName(_ name: String) throws(SyscallError) {
        if sethostname(name, name.utf8.count) != 0 { throw SyscallError("sethostname", name) }
    }

    /// setdomainname(2).
    package static func setDomainName(_ name: String) throws(SyscallError) {
        if setdomainname(name, name.utf8.count) != 0 { throw SyscallError("setdomainname", name) }
    }

    /// A new, empty session keyring, so that the parent's keys are out of reach. Kernels without keys have none to protect.
    package static func newSessionKeyring(_ name: String) throws(SyscallError) {
        if clinux_keyctl_join_session(name) < 0, Errno.current != .notImplemented { throw SyscallError("keyctl", "join session \(name)") }
    }
}

/// Names and numbers of signals, signal(7).
package enum Signal {
    private static let names: [String] = [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]

    /// The number for `9`, `KILL`, `SIGKILL`, `RTMIN+3`, …; nil when there is no such signal.
    package static func number(_ text: String) -> CInt? {
        if let number = CInt(text) { return (1...64).contains(number) ? number : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let index = names.firstIndex(of: name), index > 0 { return CInt(index) }
        switch name {
        case "IOT": return 6
        case "CLD": return 17
        case "POLL": return 29
        case "RTMIN": return 34
        case "RTMAX": return 64
        default: break
        }
        if name.hasPrefix("RTMIN+"), let offset = CInt(name.dropFirst(6)), (0...30).contains(offset) { return 34 + offset }
        if name.hasPrefix("RTMAX-"), let offset = CInt(name.dropFirst(6)), (0...30).contains(offset) { return 64 - offset }
        return nil
    }

    /// `SIGKILL` and the like; the plain number where there is no name.
    package static func name(_ number: CInt) -> String {
        (1..<CInt(names.count)).contains(number) ? "SIG\(names[Int(number)])" : "\(number)"
    }

    /// Ignores or restores a signal for the whole process.
    package static func ignore(_ number: CInt) { _ = clinux_signal_ignore(number) }
    package static func restore(_ number: CInt) { _ = clinux_signal_default(number) }

    /// Default actions for every signal and none blocked, as a program expects to be started: execve(2) keeps what is ignored.
    package static func reset() {
        for number: CInt in 1...64 where number != SIGKILL && number != SIGSTOP { restore(number) }
        block([])
    }

    /// sigprocmask(2): blocks exactly these in the calling thread.
    package static func block(_ numbers: [CInt]) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        sigprocmask(SIG_SETMASK, &set, nil)
    }

    /// sigwaitinfo(2) over the given signals, which must be blocked: the one that came.
    package static func wait(for numbers: [CInt]) -> CInt {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        while true {
            let number = sigwaitinfo(&set, nil)
            if number > 0 { return number }
        }
    }
}

extension Process {
    /// fork(2) that returns twice: the child's number in the parent; `isChild` is true in the child. Single-threaded programs only.
    package static func duplicate(_ isChild: inout Bool) throws(SyscallError) -> pid_t {
        let pid = clinux_fork()
        if pid < 0 { throw SyscallError("fork") }
        isChild = pid == 0
        return pid
    }

    /// close(2) of one that this process has as a copy of another's, and that nothing in it owns.
    package static func close(_ number: CInt) {
        if let number = UInt32(exactly: number) { _ = clinux_close_range(number, number, 0) }
    }

    /// close_range(2) of everything but these.
    package static func closeAll(from first: UInt32, except kept: [CInt] = []) throws(SyscallError) {
        var first = first
        for number in kept.map({ UInt32(clamping: $0) }).sorted() where number >= first {
            if number > first, clinux_close_range(first, number - 1, 0) != 0 { throw SyscallError("close_range", "\(first)-") }
            first = number + 1
        }
        if clinux_close_range(first, .max, 0) != 0 { throw SyscallError("close_range", "\(first)-") }
    }
}
