import Diagnostics
import Linux
import Supervisor
import Values

extension Containers {
    /// Runs `body` alone among all who change this container's life, in all processes, with its record as it then is: what a process
    /// that was killed left undone has been done. Throws `notFound` when there is no such container (any more).
    ///
    /// The order of locks: this one, then the supervisor's. A supervisor holds only its own, and never waits for this one.
    func locked<Result>(_ id: Identifier, reference: String, _ body: (ContainerRecord) throws -> Result) throws -> Result {
        guard let result = try lockedIfFree(id, reference: reference, waiting: true, body) else {
            throw Fault(.internal, "lock the container")
        }
        return result
    }

    /// The same; nil, without waiting, when somebody else is at it.
    func lockedIfFree<Result>(
        _ id: Identifier, reference: String, waiting: Bool = false, _ body: (ContainerRecord) throws -> Result
    ) throws -> Result? {
        let place = paths.container(id)
        guard let lock = try acquire(place.lock, in: place.run, waiting: waiting) else { return nil }
        defer { withExtendedLifetime(lock) {} }
        guard let record = try settled(id) else {
            // Ids are not used twice, so nothing but our own lock is in there.
            try Self.removeAll(place.run)
            throw Fault(.notFound, "No such container: \(reference)")
        }
        return try body(record)
    }

    /// Makes and locks a file; nil when another holds it and we are not to wait. Throws `unavailable` when it is held for too long.
    func acquire(_ path: String, in directory: String, waiting: Bool) throws -> OpenFile? {
        do {
            while true {
                try FileSystem.makeDirectories(directory, mode: 0o711)
                guard let file = try Self.openLock(path) else { continue }
                if try !file.descriptor.lock(wait: false) {
                    guard waiting else { return nil }
                    try awaitLock(file, path)
                }
                // Removing a container removes the file while others wait for it: theirs is not the lock any more.
                if let there = try FileSystem.status(path), there.inode == (try file.descriptor.status().inode) { return file }
            }
        } catch let error as SyscallError { throw Fault(.internal, "lock \(path)", cause: error) }
    }

    /// Nil when its directory has just been removed.
    private static func openLock(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) {
            return OpenFile(try FileDescriptor.open(path, [.readWrite, .create], mode: 0o600))
        } catch  where error.errno == .noEntry { return nil }
    }

    /// What its supervisor says of a container that has one; nil when nothing runs.
    func living(_ record: ContainerRecord) throws -> LivingState? {
        guard record.running, try isSupervised(record.id) else { return nil }
        return try LivingState.read(paths(record))
    }

    /// Whether it has a supervisor, or is just being given one.
    func isSupervised(_ id: Identifier) throws(SyscallError) -> Bool { try Supervision(paths).covers(id) }

    /// The record, repaired when its supervisor died, waited for when it is just ending, nil when there is none. To be called with
    /// the container's lock held.
    func settled(_ id: Identifier) throws -> ContainerRecord? {
        guard var record = try find(id) else { return nil }
        if try isSupervised(id) {
            if record.running, try ContainerExit.read(paths.container(id)) == nil { return record }
            // It has ended, and what its supervisor leaves is what the caller wants to see.
            try awaitSupervisor(id)
            guard let fresh = try find(id) else { return nil }
            record = fresh
        }
        guard record.running else { return record }
        try repair(record)
        return try find(id)
    }
}
