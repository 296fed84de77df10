package import Database
package import Diagnostics
package import DockerAPI
internal import Events
internal import Linux
internal import Synchronization
package import Values

/// The named and anonymous volumes of a data root: directories that outlive the containers that use them.
///
/// Every change of which volumes there are happens under a lock of the volumes' directory (flock(2)) and inside it in one
/// transaction, so a row never names a directory that is not there, whatever process dies when. Lock before transaction,
/// always: nothing here may be called from inside a transaction except what takes one.
package final class Volumes: Sendable {
    /// The tables, for `Database.open` under the name `volumes`.
    package static let migrations = [
        """
        CREATE TABLE volumes (
            name TEXT PRIMARY KEY, driver TEXT NOT NULL, options TEXT, labels TEXT, created INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE volume_references (
            volume TEXT NOT NULL REFERENCES volumes (name), container TEXT NOT NULL, PRIMARY KEY (volume, container)
        ) WITHOUT ROWID;
        CREATE INDEX volume_references_by_container ON volume_references (container);
        """
    ]

    let database: Database
    let root: String
    let events: EventJournal
    /// Of servers that were looked up for a container which is about to be started, and when: they may move.
    private let servers = Mutex<[String: (address: Result<IPAddress, Fault>, found: ContinuousClock.Instant)]>([:])

    package init(paths: StatePaths, database: Database) {
        self.database = database
        root = paths.volumes
        events = EventJournal(paths)
    }

    /// Where the volume's content is: `Mountpoint` of the API. It says nothing about whether there is such a volume.
    package func dataDirectory(of name: String) -> String { "\(root)/\(name)/_data" }

    /// POST /volumes/create. A volume that is there already is given as it is, whatever else was asked for, as Docker does.
    package func create(_ request: VolumeCreateRequest) throws -> Volume {
        let record = try VolumeRecord(request, at: .now)
        return try adding([record]) { _, records in records[0].volume(mountpoint: dataDirectory(of: record.name)) }
    }

    /// Finds or makes the volumes, and runs `body` with what there is now in the same transaction.
    func adding<Result: Sendable>(
        _ records: [VolumeRecord], _ body: (borrowing Transaction, [VolumeRecord]) throws -> Result
    ) throws -> Result {
        try withRootLock {
            var made: [String] = []
            do {
                let result = try database.transaction { transaction in
                    let present = try records.map { record throws in
                        if let existing = try find(record, in: transaction) { return existing }
                        made.append(record.name)
                        try makeDirectory(record.name)
                        try record.insert(in: transaction)
                        return record
                    }
                    return try body(transaction, present)
                }
                for name in made { events.publish(.volume, "create", name, ["driver": "local"]) }
                return result
            } catch {
                // Nothing was committed, so the directories are nobody's. If they cannot be put aside, `recover` does it.
                for name in made { try? discard(name) }
                throw error
            }
        }
    }

    private func find(_ record: VolumeRecord, in transaction: borrowing Transaction) throws -> VolumeRecord? {
        guard let existing = try find(record.name, in: transaction) else { return nil }
        guard existing.driver == record.driver else {
            throw Fault(
                .conflict,
                "create \(record.name): conflict: volume name must be unique: a volume named \(record.name) already exists with the "
                    + "\(existing.driver) driver")
        }
        return existing
    }

    /// The row comes after it. The root must be locked.
    private func makeDirectory(_ name: String) throws(Fault) {
        try wrapping("create \(name)") { () throws(SyscallError) in
            // What a dead process left under this name is nobody's, and must not show up in a new volume.
            if FileSystem.exists("\(root)/\(name)") { try discard(name) }
            try FileSystem.makeDirectories(dataDirectory(of: name))
            // Whatever the umask: a container's users must get in.
            for path in ["\(root)/\(name)", dataDirectory(of: name)] { try FileDescriptor.open(path, [.directory]).changeMode(to: 0o755) }
        }
    }

    /// GET /volumes/{name}.
    package func inspect(_ name: String) throws -> Volume {
        try record(name).volume(mountpoint: dataDirectory(of: name))
    }

    func record(_ name: String) throws -> VolumeRecord {
        try database.read { transaction in
            guard let record = try find(name, in: transaction) else { throw Volumes.notFound(name) }
            return record
        }
    }

    func find(_ name: String, in transaction: borrowing Transaction) throws -> VolumeRecord? {
        try transaction.first("SELECT \(VolumeRecord.columns) FROM volumes WHERE name = ?", .text(name)).map { try VolumeRecord($0) }
    }

    static func notFound(_ name: String) -> Fault { Fault(.notFound, "get \(name): no such volume") }

    /// Where the content of a volume that exists is.
    package func directory(of name: String) throws -> String {
        _ = try record(name)
        return dataDirectory(of: name)
    }

    /// How a container mounts the volume.
    package func mountPlan(for name: String) throws -> VolumeMountPlan {
        let record = try record(name)
        guard let device = record.options?["device"], let type = record.options?["type"] else {
            return .directory(dataDirectory(of: name))
        }
        return .device(device, type: type, options: record.options?["o"])
    }

    /// The plan with its server's address. Throws `UnknownServer` unless that was told within the last seconds.
    package func addressed(_ plan: VolumeMountPlan) throws -> VolumeMountPlan {
        let known = servers.withLock { servers in
            servers = servers.filter { $0.value.found.duration(to: .now) < .seconds(30) }
            return servers.mapValues(\.address)
        }
        return try plan.withAddress(known)
    }

    /// Where a server is, or why nobody knows.
    package func remember(_ address: Result<IPAddress, Fault>, of server: String) { servers.withLock { $0[server] = (address, .now) } }

    /// DELETE /volumes/{name}. Its content is gone afterwards. With `force` an unknown volume is no error; one in use always is.
    package func remove(_ name: String, force: Bool = false) throws {
        let isRemoved = try removeIf(name) { transaction in
            guard try find(name, in: transaction) != nil else {
                if force { return false }
                throw Volumes.notFound(name)
            }
            let users = try transaction.rows("SELECT container FROM volume_references WHERE volume = ? ORDER BY container", .text(name))
            if !users.isEmpty {
                let ids = try users.map { row throws in try row.text("container") }.joined(separator: ", ")
                throw Fault(.conflict, "remove \(name): volume is in use - [\(ids)]")
            }
            return true
        }
        if isRemoved { try emptyTrash("remove \(name)") }
    }

    /// Takes the row and then the directory away when `condition`, asked in the same transaction, says so. The content is only
    /// put aside: `emptyTrash` deletes it without the lock.
    func removeIf(_ name: String, _ condition: (borrowing Transaction) throws -> Bool) throws -> Bool {
        try withRootLock {
            let isRemoved = try database.transaction { transaction in
                guard try condition(transaction) else { return false }
                try transaction.run("DELETE FROM volumes WHERE name = ?", .text(name))
                return true
            }
            if isRemoved {
                try wrapping("remove \(name)") { () throws(SyscallError) in try discard(name) }
                events.publish(.volume, "destroy", name, ["driver": "local"])
            }
            return isRemoved
        }
    }
}

// The directory, its lock and what is thrown away.
extension Volumes {
    /// What is about to be deleted. No volume's name begins like that.
    static let trashPrefix = ".removed-"

    /// Runs `body` alone among all processes and threads that add or remove volumes. Short, and never inside a transaction.
    func withRootLock<Result>(_ body: () throws -> Result) throws -> Result {
        let directory = try wrapping("volumes") { () throws(SyscallError) in
            do throws(SyscallError) {
                return try FileDescriptor.open(root, [.directory])
            } catch  where error.errno == .noEntry {
                // Search without read: containers' users must get through it to their volume, and need no list.
                try FileSystem.makeDirectories(root)
                let made = try FileDescriptor.open(root, [.directory])
                try made.changeMode(to: 0o711)
                return made
            }
        }
        _ = try wrapping("volumes") { () throws(SyscallError) in try directory.lock() }
        // Closing the descriptor is what gives the lock back, and that must not happen before the end.
        return try withExtendedLifetime(directory) { try body() }
    }

    /// Puts a directory aside, so that its name is free at once. Not being there is right.
    func discard(_ name: String) throws(SyscallError) {
        do throws(SyscallError) {
            try FileSystem.rename("\(root)/\(name)", to: "\(root)/\(Volumes.trashPrefix)\(Identifier.random().short)")
        } catch  where error.errno == .noEntry { return }
    }

    /// Deletes what was put aside, by this process or one that died. Several may do so at once.
    func emptyTrash(_ attempt: String) throws {
        try wrapping(attempt) { () throws(SyscallError) in
            let directory = try FileDescriptor.open(root, [.directory])
            for name in try directory.entries() where name.hasPrefix(Volumes.trashPrefix) { try directory.removeTree(name) }
        }
    }

    /// Says what was attempted when a system call fails.
    func wrapping<Result: ~Copyable>(_ attempt: String, _ body: () throws(SyscallError) -> Result) throws(Fault) -> Result {
        do throws(SyscallError) { return try body() } catch { throw Fault(.internal, "\(attempt): \(error)", cause: error) }
    }
}
