internal import Diagnostics
internal import Linux
internal import Values

/// Who may work on the host's side of networks at once: all that make something, or one that takes something away.
enum HostLock {
    case shared, exclusive
}

extension Networks {
    /// Runs `body` with the lock held, outside of transactions. What goes wrong on the host is an error of the server, as in Docker.
    func withHost<Result>(_ lock: HostLock, _ body: () throws -> Result) throws -> Result {
        do {
            let file = try lockFile()
            _ = try file.lock(exclusive: lock == .exclusive)
            // Closing it is what gives the lock back, and that must not happen before the end.
            return try withExtendedLifetime(file) { try body() }
        } catch let fault as Fault { throw fault } catch { throw Fault(.internal, "\(error)") }
    }

    private func lockFile() throws(SyscallError) -> FileDescriptor {
        do throws(SyscallError) {
            return try FileDescriptor.open(paths.networksLock, [.readWrite, .create], mode: 0o600)
        } catch  where error.errno == .noEntry {
            // Search without read: supervisors' users need no list.
            try FileSystem.makeDirectories(paths.networks, mode: 0o711)
            return try FileDescriptor.open(paths.networksLock, [.readWrite, .create], mode: 0o600)
        }
    }
}
