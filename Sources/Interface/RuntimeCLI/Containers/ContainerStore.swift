import JSON
import Linux
import Values

/// All containers below one root.
struct ContainerStore {
    let root: String

    /// Throws for what is no name of a container.
    private static func check(_ id: String) throws {
        if id.isEmpty { throw RuntimeFault("container id cannot be empty") }
        let isFine = id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [43, 45, 46, 95].contains(byte)
        }
        guard isFine, id != ".", id != "..", id.utf8.count <= 255 else { throw RuntimeFault("invalid container ID format: \(id)") }
    }

    /// The one of that name.
    func container(_ id: String) throws -> StoredContainer {
        try Self.check(id)
        let paths = RuntimePaths(root: root, id: id)
        guard let bytes = try FileSystem.readIfPresent(paths.state) else { throw RuntimeFault("container does not exist") }
        return StoredContainer(
            paths: paths, directory: try FileDescriptor.open(paths.directory, [.path, .directory]),
            record: try ContainerRecord(json: JSONValue(parsing: bytes)))
    }

    /// A new one with its lock, which the caller holds. What somebody who was killed has left of one is used again.
    func add(_ record: ContainerRecord) throws -> (container: StoredContainer, lock: OpenFile) {
        try Self.check(record.id)
        try FileSystem.makeDirectories(root, mode: 0o711)
        let paths = RuntimePaths(root: root, id: record.id)
        let taken = RuntimeFault("container with given ID already exists")
        let isNew = try unless(.exists) { () throws(SyscallError) in try FileSystem.makeDirectory(paths.directory, mode: 0o700) } != nil
        if !isNew, FileSystem.exists(paths.state) { throw taken }
        let directory = try FileDescriptor.open(paths.directory, [.path, .directory, .noFollow])
        let lock = try directory.open(RuntimePaths.lock, [.readWrite, .create], mode: 0o600)
        // Another one is just being created or deleted.
        guard try lock.lock(wait: false), !FileSystem.exists(paths.state), FileSystem.exists(paths.directory) else { throw taken }
        let container = StoredContainer(paths: paths, directory: directory, record: record)
        try container.save()
        return (container, OpenFile(lock))
    }

    /// All of them, by name.
    func all() throws -> [StoredContainer] {
        let names = try unless(.noEntry) { () throws(SyscallError) in try FileDescriptor.open(root, [.readOnly, .directory]).entries() }
        guard let names else {
            if root == RuntimePaths.defaultRoot { return [] }
            throw SyscallError("open", root, errno: .noEntry)
        }
        // One that is deleted meanwhile is none.
        return names.sorted().compactMap { try? container($0) }
    }
}
