import Diagnostics
import Linux
import Supervisor
import Values

/// How long others wait for a supervisor. Each of its answers takes milliseconds; one that was stopped (SIGSTOP, a debugger) or hangs in a
/// system call must not keep commands waiting for ever.
enum Patience {
    /// For one that does not answer.
    static let limit = Duration.seconds(30)
    /// For one that is seen not to be scheduled at all.
    static let stopped = Duration.seconds(1)
    /// For a command that holds a lock: what takes long under it is copying into a container, and file systems far away.
    static let lock = Duration.seconds(120)
}

extension Containers {
    /// The reply to a request; nil when the supervisor closed without one. Throws `unavailable` when it is stuck.
    func reply(on connection: OpenFile, of id: Identifier) throws -> SupervisorReply? {
        try awaitInput(on: connection, of: id)
        return try SupervisorClient.reply(connection.descriptor)
    }

    /// Waits until the supervisor closes, which is when all of an end is done. One that is stopped in the middle of it is killed: the next
    /// who looks completes what it left.
    func awaitEnd(of connection: OpenFile, _ id: Identifier) throws {
        repeat {
            do { try awaitInput(on: connection, of: id, limit: nil) } catch let fault as Fault where fault.kind == .unavailable {
                try killSupervisor(id)
                return try recover(id)
            }
        } while try !connection.descriptor.read(upTo: 4096).isEmpty
    }

    /// Waits for the word of a supervisor that was just started. What a start takes (a file system that a server far away must give)
    /// has no limit; one that is stopped is killed.
    func awaitReport(_ channel: OpenFile, of child: ChildProcess) throws {
        try wait(for: channel, limit: nil, isStopped: { Process.isStopped(child.pid) }) {
            try child.signal(9)
            throw Fault(.unavailable, "the supervisor is stopped: process \(child.pid)")
        }
        try SupervisorReport.receive(channel.descriptor)
    }

    private func awaitInput(on connection: OpenFile, of id: Identifier, limit: Duration? = Patience.limit) throws {
        try wait(for: connection, limit: limit, isStopped: { try isStopped(id) }) { throw try silent(id) }
    }

    /// Returns when there is something to read; calls `stuck`, which throws, when that takes too long.
    private func wait(for file: OpenFile, limit: Duration?, isStopped: () throws -> Bool, stuck: () throws -> Void) throws {
        let start = MonotonicClock.now
        while true {
            var set = PollSet()
            set.add(file.descriptor, read: true, token: 0)
            if try !set.wait(timeoutMilliseconds: 250).isEmpty { return }
            let waited = MonotonicClock.now - start
            if try waited >= Patience.stopped && isStopped() { return try stuck() }
            if let limit, waited >= limit { return try stuck() }
        }
    }

    /// Waits for a supervisor that is cleaning up to let go of its lock: that takes milliseconds, unless it removes a lot.
    func awaitSupervisor(_ id: Identifier) throws {
        let start = MonotonicClock.now
        while try isSupervised(id) {
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 1)
            // What it has not done is done by the caller.
            if try MonotonicClock.now - start >= Patience.stopped && isStopped(id) { try killSupervisor(id) }
        }
    }

    /// Takes a lock that another process holds. One that was stopped, by Ctrl-Z say, holds it until somebody lets it go on: the fault names it.
    func awaitLock(_ file: OpenFile, _ path: String) throws {
        let start = MonotonicClock.now
        while try !file.descriptor.lock(wait: false) {
            let waited = MonotonicClock.now - start
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: waited < Patience.stopped ? 1 : 100)
            guard waited >= Patience.stopped else { continue }
            let holder = Process.holdingLock(on: try file.descriptor.status())
            let isStopped = holder.map(Process.isStopped) ?? false
            guard isStopped || waited >= Patience.lock else { continue }
            let name = holder.flatMap { pid in Process.commandLine(pid).map { "process \(pid) (\($0))" } } ?? "a process that is not seen from here"
            throw Fault(.unavailable, "\(path) is locked by \(name)\(isStopped ? ", which is stopped" : "")")
        }
    }

    func silent(_ id: Identifier) throws -> Fault {
        let process = try supervisorProcess(id).map { Process.isStopped($0) ? ": process \($0) is stopped" : ": process \($0)" } ?? ""
        return Fault(.unavailable, "the supervisor of container \(id) does not answer\(process)")
    }

    func isStopped(_ id: Identifier) throws -> Bool { try supervisorProcess(id).map { Process.isStopped($0) } ?? false }

    // MARK: - Ending without it

    /// Ends a container whose supervisor does not answer: that is killed, and by the kernel and the cgroup all that it stood behind.
    func abandon(_ id: Identifier) throws {
        let place = paths.container(id)
        guard let lock = try acquire(place.lock, in: place.run, waiting: true) else { return }
        defer { withExtendedLifetime(lock) {} }
        // Somebody asked for this end: no restart policy applies. The supervisor, which alone writes this file, writes no more.
        if var state = try LivingState.read(place) {
            state.stopRequested = true
            try state.write(place)
        }
        try killSupervisor(id)
        _ = try settled(id)
    }

    /// Returns when its lock is free.
    private func killSupervisor(_ id: Identifier) throws {
        guard let process = try supervisorProcess(id) else { throw try silent(id) }
        try Self.kill(process)
        let start = MonotonicClock.now
        while try isSupervised(id) {
            if MonotonicClock.now - start >= Patience.limit {
                throw Fault(.unavailable, "the supervisor of container \(id) cannot be killed: process \(process)")
            }
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 1)
        }
    }

    /// Not being there is right.
    private static func kill(_ process: Int32) throws(SyscallError) {
        do throws(SyscallError) { try Process.signal(process, 9) } catch  where error.errno == .noSuchProcess { return }
    }

    /// The process that was started as the container's supervisor; nil when it is not seen. Only for the rare case: it looks at all
    /// processes, as no file tells of it from its first to its last moment.
    private func supervisorProcess(_ id: Identifier) throws -> Int32? {
        let words = Self.supervisorArguments(paths, id)
        // What runs in a container may call itself anything, but has a mount namespace of its own.
        let here = try? FileDescriptor.currentDirectory().readLink("/proc/self/ns/mnt")
        return try FileDescriptor.open("/proc", [.directory]).entries().lazy.compactMap { Int32($0) }.first { process in
            // One that ends meanwhile is not it.
            guard let bytes = try? FileSystem.read("/proc/\(process)/cmdline", limit: 1 << 16) else { return false }
            return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } == words
                && here == (try? FileDescriptor.currentDirectory().readLink("/proc/\(process)/ns/mnt"))
        }
    }
}
