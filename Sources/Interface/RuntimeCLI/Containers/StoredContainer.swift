import Cgroups
import ContainerRuntime
import JSON
import Linux
import OCI
import Values

/// What went wrong, in words that runc's users and clients know.
struct RuntimeFault: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What a call gives; nil when it fails for this reason, which is an answer too.
func unless<Result: ~Copyable>(_ errno: Errno, _ body: () throws(SyscallError) -> Result) throws(SyscallError) -> Result? {
    do { return try body() } catch {
        if error.errno == errno { return nil }
        throw error
    }
}

/// One container below the runtime's root: a directory that holds all there is to know of it.
///
/// Facts that change are the kernel's to tell: a socket listens as long as the program has not begun, a cgroup is frozen, a process is there.
/// So nothing has to be written when they do, and nothing is wrong when somebody is killed.
final class StoredContainer {
    let paths: RuntimePaths
    let directory: FileDescriptor
    var record: ContainerRecord

    init(paths: RuntimePaths, directory: consuming FileDescriptor, record: ContainerRecord) {
        self.paths = paths
        self.directory = directory
        self.record = record
    }

    /// Keeps others from changing the container's life until the lock is let go of. What is known of it is read again.
    func lock() throws -> OpenFile {
        let lock = try directory.open(RuntimePaths.lock, [.readWrite, .create], mode: 0o600)
        _ = try lock.lock()
        guard let bytes = try FileSystem.readIfPresent(paths.state) else { throw RuntimeFault("container does not exist") }
        record = try ContainerRecord(json: JSONValue(parsing: bytes))
        return OpenFile(lock)
    }

    func save() throws { try FileSystem.replace(paths.state, with: record.json.compact, mode: 0o600) }

    var cgroup: Cgroup? {
        get throws { try record.cgroup.map { try Cgroup(path: $0) } }
    }

    /// Its first process; nil when that has ended, whether its parent has asked how or not.
    func process() throws -> FileDescriptor? {
        guard record.pid > 0, Process.startTime(record.pid) == record.startTime else { return nil }
        let pid = record.pid
        guard let file = try unless(.noSuchProcess, { () throws(SyscallError) in try Process.open(pid) }) else { return nil }
        // Whoever it is now, it is the one that the descriptor names.
        let letter = Process.stateLetter(record.pid)
        guard Process.startTime(record.pid) == record.startTime, letter != UInt8(ascii: "Z"), letter != UInt8(ascii: "X") else { return nil }
        return file
    }

    func status() throws -> RuntimeState.Status {
        if record.pid == 0, try isLocked() { return .creating }
        guard try process() != nil else { return .stopped }
        if try isWaiting() { return .created }
        return try cgroup?.isFrozen() == true ? .paused : .running
    }

    /// Gives the first process the word to begin the program, and returns when it has.
    func begin() throws {
        guard let start = try connect() else { throw RuntimeFault("cannot start a container that has stopped") }
        try start.writeAll([Independence.beginning])
        let answer = try start.readToEnd(limit: 64 << 10)
        // What went wrong, after the byte that tells so.
        if !answer.isEmpty { throw RuntimeFault(String(decoding: answer.dropFirst(), as: UTF8.self)) }
    }

    /// To the first process, as long as it waits for the word; nil when it does not any more, or never did.
    private func connect() throws(SyscallError) -> FileDescriptor? {
        do { return try UnixSocket.connect(RuntimePaths.start, in: directory) } catch {
            if error.errno == .connectionRefused || error.errno == .noEntry { return nil }
            throw error
        }
    }

    /// Whether its first process waits for the word to begin: then it takes connections, and after that nobody does.
    private func isWaiting() throws -> Bool { try connect() != nil }

    /// Whether somebody changes its life.
    private func isLocked() throws(SyscallError) -> Bool {
        let file = try unless(.noEntry) { () throws(SyscallError) in try directory.open(RuntimePaths.lock, [.readOnly]) }
        return try file?.lock(exclusive: false, wait: false) == false
    }
}
