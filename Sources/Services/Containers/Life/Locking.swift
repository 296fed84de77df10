import Diagnostics
import Linux
import Supervisor
import Values

extension Containers {
    /// Runs `body` alone among all who change this container's life, in all processes. Supervisors do not take this lock.
    func locked<Result>(_ id: Identifier, _ body: () throws -> Result) throws -> Result {
        let place = paths.container(id)
        let lock = try acquireLock(place)
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    private func acquireLock(_ place: ContainerPaths) throws -> OpenFile {
        do throws(SyscallError) {
            while true {
                try FileSystem.makeDirectories(place.run, mode: 0o711)
                let file = try FileDescriptor.open(place.lock, [.readWrite, .create], mode: 0o600)
                _ = try file.lock()
                // Removing a container removes the file while others wait for it: theirs is not the lock any more.
                if let there = try FileSystem.status(place.lock), there.inode == (try file.status().inode) { return OpenFile(file) }
            }
        } catch { throw Fault(.internal, "lock the container", cause: error) }
    }

    /// What its supervisor says of a container that has one; nil when nothing runs.
    func living(_ record: ContainerRecord) throws -> LivingState? {
        guard record.running, try isSupervised(record.id) else { return nil }
        return try LivingState.read(paths(record))
    }

    /// Whether a supervisor holds its lock.
    func isSupervised(_ id: Identifier) throws(SyscallError) -> Bool {
        try Self.isHeld(paths.container(id).supervisorLock)
    }

    static func isHeld(_ path: String) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            return try !FileDescriptor.open(path, [.readWrite]).lock(exclusive: false, wait: false)
        } catch where error.errno == .noEntry || error.errno == .notDirectory { return false }
    }

    /// The record as it is now, repaired when its supervisor died and waited for when it is just ending. To be called with the lock held.
    func current(_ id: Identifier, reference: String) throws -> ContainerRecord {
        guard var record = try find(id) else { throw Fault(.notFound, "No such container: \(reference)") }
        if record.running {
            let place = paths.container(id)
            if try isSupervised(id) {
                guard try ContainerExit.read(place) != nil else { return record }
                // It has ended and is cleaning up: that takes milliseconds, and what it leaves is what the caller wants to see.
                _ = try FileDescriptor.open(place.supervisorLock, [.readWrite]).lock(exclusive: false)
            }
            try repair(record)
            guard let fresh = try find(id) else { throw Fault(.notFound, "No such container: \(reference)") }
            record = fresh
        }
        return record
    }
}
