package import Database
import Diagnostics
import DockerAPI
package import Images
import Linux
package import Networks
package import OCI
package import Values
package import Volumes
import Synchronization

/// The containers of one data root: making them, starting them, telling of them and ending them.
///
/// Several processes may hold one of these on the same roots at once. A container's durable facts are one row; what is true while
/// it runs is told by its supervisor, and whether it runs by a lock that the supervisor holds. Whoever finds that lock free
/// although the row says "running" repairs: see `Life/Recovery.swift`.
package final class Containers: Sendable {
    let paths: StatePaths
    let database: Database
    let images: Images
    let volumes: Volumes
    let networks: Networks
    /// This program's own file, to run supervisors from.
    let executable: String
    /// Sockets that clients attached to before their container was started, kept until `start` hands them on; see `EarlyListener`.
    let listeners = Mutex<[Identifier: EarlyListener]>([:])
    let definitions = Mutex<[Identifier: Definition]>([:])
    /// Supervisors that this process started and must reap.
    let children = Mutex<[ChildProcess]>([])
    /// One that was started before it was known what for.
    let spare = Mutex<NewSupervisor?>(nil)

    package init(paths: StatePaths, database: Database, images: Images, volumes: Volumes, networks: Networks, executable: String = "/proc/self/exe") {
        self.paths = paths
        self.database = database
        self.images = images
        self.volumes = volumes
        self.networks = networks
        self.executable = executable
    }

    /// Makes the skeleton: what is mounted over in every container stands in the lowest layer, where an image's own wins over it.
    package static func makeSkeleton(_ paths: StatePaths) throws {
        // The last one made tells that all are there.
        if FileSystem.exists("\(paths.skeleton)/etc/resolv.conf") { return }
        for directory in ["proc", "sys", "dev/pts", "dev/shm", "dev/mqueue", "etc"] {
            try FileSystem.makeDirectories("\(paths.skeleton)/\(directory)")
        }
        for file in ["dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"] {
            try FileDescriptor.open("\(paths.skeleton)/\(file)", [.writeOnly, .create], mode: 0o644).close()
        }
    }

    /// The tables of this service; see `Database`.
    package static let migrations: [String] = [
        """
        CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            image_id TEXT NOT NULL,
            image_name TEXT NOT NULL,
            mounts TEXT NOT NULL,
            layers TEXT NOT NULL,
            command TEXT NOT NULL,
            labels TEXT NOT NULL,
            network_mode TEXT NOT NULL,
            restart_policy TEXT NOT NULL,
            exposed TEXT NOT NULL,
            publishes INTEGER NOT NULL,
            auto_remove INTEGER NOT NULL,
            cgroup_parent TEXT NOT NULL,
            running INTEGER NOT NULL DEFAULT 0,
            paused INTEGER NOT NULL DEFAULT 0,
            stopped INTEGER NOT NULL DEFAULT 0,
            exit_code INTEGER NOT NULL DEFAULT 0,
            oom_killed INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            started_at INTEGER,
            finished_at INTEGER,
            restart_count INTEGER NOT NULL DEFAULT 0,
            checks_health INTEGER NOT NULL DEFAULT 0,
            health TEXT,
            annotations TEXT
        ) WITHOUT ROWID;
        -- What is long and hardly ever changes: lists need not read the pages that it fills, and changes of state need not write them.
        CREATE TABLE container_definitions (
            id TEXT PRIMARY KEY, config TEXT NOT NULL, host_config TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE container_links (
            parent TEXT NOT NULL, alias TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY (parent, alias, child)
        ) WITHOUT ROWID;
        CREATE INDEX container_links_child ON container_links (child);
        CREATE TABLE container_ports (
            container TEXT NOT NULL, port TEXT NOT NULL, host_ip TEXT NOT NULL, host_port TEXT
        );
        CREATE INDEX container_ports_of ON container_ports (container, port);
        CREATE INDEX containers_running ON containers (running) WHERE running = 1;
        CREATE INDEX containers_image ON containers (image_id);
        """
    ]

    /// Containers of an image, and those that mount it, for whoever wants to remove it.
    package static func users(ofImage id: Digest, in database: Database) throws -> [(id: String, running: Bool, image: String)] {
        try database.read { t in
            try t.rows("SELECT id, running, image_name FROM containers WHERE image_id = ?1 OR instr(mounts, ?1)", .text(id.description))
                .map { (try $0.text("id"), try $0.bool("running"), try $0.text("image_name")) }
        }
    }

    // MARK: - Looking up

    /// The container that a name, an id or the beginning of an id means. Throws `notFound` in Docker's words.
    func find(_ reference: String) throws -> ContainerRecord {
        let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
        guard !name.isEmpty else { throw Fault(.invalid, "invalid container name or ID: value is empty") }
        let rows = try database.read { t in
            let exact = try t.rows("SELECT * FROM \(ContainerRecord.tables) WHERE id = ?1 OR name = ?1", .text(name))
            if !exact.isEmpty { return exact }
            guard name.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }) else { return [] }
            return try t.rows("SELECT * FROM \(ContainerRecord.tables) WHERE id >= ?1 AND id < ?2 LIMIT 2", .text(name), .text(name + "g"))
        }
        if rows.count > 1 {
            // A name that is also another's id: the id is meant, as in Docker.
            if let byID = try rows.first(where: { try $0.text("id") == name }) { return try ContainerRecord(byID, known: definitions) }
            throw Fault(.invalid, "multiple IDs found with provided prefix: \(name)")
        }
        guard let row = rows.first else { throw Fault(.notFound, "No such container: \(reference)") }
        return try ContainerRecord(row, known: definitions)
    }

    func find(_ id: Identifier) throws -> ContainerRecord? {
        let row = try database.read { t in try t.first("SELECT * FROM \(ContainerRecord.tables) WHERE id = ?", .text(id.description)) }
        return try row.map { try ContainerRecord($0, known: definitions) }
    }

    func paths(_ record: ContainerRecord) -> ContainerPaths { paths.container(record.id) }

    /// Reaps supervisors of this process that have ended, so that a daemon gathers no zombies.
    func reapSupervisors() {
        children.withLock { children in
            // One that cannot be waited for is not ours any more.
            children.removeAll { child in (try? child.reap()) != .some(nil) }
        }
    }
}
