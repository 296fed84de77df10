package import Diagnostics
package import Linux

/// The durable facts: one SQLite file in WAL mode, used by several threads and several processes at once.
///
/// One connection a process, one transaction at a time in it: a transaction's body must be short; starting another in it
/// throws. What is committed survives the death of the process at once, and a power cut up to the last
/// checkpoint (`synchronous=NORMAL`): older facts may come back, never half of a transaction.
package final class Database: Sendable {
    private let connection: Connection

    private init(_ connection: Connection) { self.connection = connection }

    /// The tables of one service: their name in the `schema` table, and statements that lead from each version to the next.
    /// Published entries are never edited; a change is a new entry at the end.
    package typealias Component = (name: String, migrations: [String])

    /// Opens the file, making it (mode 0600) or bringing its tables up to date when needed. Its directory must exist.
    ///
    /// Throws when the file is damaged, and when a newer Davit has changed the tables: an older one would misread them.
    package static func open(_ path: String, components: [Component] = []) throws -> Database {
        let connection = try existing(path) ?? create(path)
        try migrate(connection, components)
        return Database(connection)
    }

    /// Keeps the log's index good for whoever opens the database while this process lives, as an open connection would, at the price of one
    /// descriptor. Who finds nobody else there takes the index for a crash's, throws it away, and reads the whole log to make it again:
    /// most of a short command's time.
    ///
    /// That is a shared lock on a byte of the index (SQLite's "WAL-mode File Format", 2.3.1, and `UNIX_SHM_DMS` in its source). It ends when
    /// this process closes a `Database` of its own; nil where there is no index yet, or someone is making it.
    package static func holdIndex(of path: String) -> OpenFile? {
        do throws(SyscallError) {
            let index = try FileDescriptor.open(path + "-shm", [.readOnly])
            return try index.shareByte(at: 128) ? OpenFile(index) : nil
        } catch { return nil }
    }

    private static func existing(_ path: String) throws(Fault) -> Connection? { try Connection(existing: path) }

    private static func create(_ path: String) throws -> Connection {
        // SQLite gives its other two files the mode of this one. It is never opened here once it exists: closing it again would
        // drop the locks of this process's other connections (fcntl(2), "as well as being removed").
        do throws(SyscallError) {
            try FileDescriptor.open(path, [.readWrite, .create], mode: 0o600).close()
        } catch { throw Fault(.unavailable, "the database \(path) cannot be made", cause: error) }
        guard let connection = try existing(path) else { throw Fault(.unavailable, "the database \(path) cannot be opened") }
        return connection
    }

    /// Reads `schema` and, only when a component lags behind, changes anything.
    private static func migrate(_ connection: Connection, _ components: [Component]) throws {
        if try lagging(connection, components).isEmpty { return }
        // Persistent in the file. Another process may do the same just now, and then SQLite says busy without asking its handler.
        try enableWriteAheadLog(connection)
        try connection.inTransaction("BEGIN IMMEDIATE") {
            try connection.execute("CREATE TABLE IF NOT EXISTS schema (component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
            // Asked again: it may have been done while this process waited for the lock.
            for (component, version) in try lagging(connection, components) {
                for statements in component.migrations.dropFirst(version) { try connection.execute(statements) }
                _ = try connection.query(
                    "INSERT INTO schema VALUES (?1, ?2) ON CONFLICT DO UPDATE SET version = ?2",
                    [.text(component.name), .int(component.migrations.count)])
            }
        }
    }

    private static func enableWriteAheadLog(_ connection: Connection) throws {
        var attempt = 0
        while true {
            do {
                return try connection.execute("PRAGMA journal_mode=WAL")
            } catch {
                guard error.kind == .unavailable, attempt < 50 else { throw error }
                attempt += 1
                connection.pause()
            }
        }
    }

    private static func lagging(_ connection: Connection, _ components: [Component]) throws -> [(Component, version: Int)] {
        let isNew = try connection.query("SELECT 1 FROM sqlite_schema WHERE name = 'schema'", []).isEmpty
        var versions: [String: Int] = [:]
        if !isNew {
            for row in try connection.query("SELECT component, version FROM schema", []) {
                versions[try row.text("component")] = Int(clamping: try row.int("version"))
            }
        }
        return try components.compactMap { component in
            let version = versions[component.name] ?? 0
            guard version <= component.migrations.count else {
                throw Fault(
                    .unavailable,
                    "the database \(connection.path) was changed by a newer version of this program: its \(component.name) tables "
                        + "have version \(version), this one knows \(component.migrations.count)")
            }
            guard version >= 0 else { throw Fault(.internal, "the database \(connection.path) is damaged: version \(version) of \(component.name)") }
            return version < component.migrations.count ? (component, version) : nil
        }
    }

    /// Pages in the log from which on it is worth taking over. Whoever opens the database alone reads all of the log first.
    private static let grownPages = 48

    /// Takes the log over into the database when it has grown, which waits for the disk. For a moment when nobody waits for this
    /// process; another that does the same, or reads, is not disturbed.
    package func checkpointIfGrown() { connection.checkpoint(ifPagesExceed: Self.grownPages) }

    /// Takes the log over, however long it is.
    package func checkpoint() { connection.checkpoint(ifPagesExceed: -1) }

    /// Whether this connection has seen the log well beyond what is worth taking over.
    package var hasLongLog: Bool { connection.logPages > 3 * Self.grownPages }

    /// Runs `body` alone among all writers of all processes (`BEGIN IMMEDIATE`); what it throws undoes everything it did.
    @discardableResult
    package func transaction<Result: Sendable>(_ body: (borrowing Transaction) throws -> Result) throws -> Result {
        try connection.inTransaction("BEGIN IMMEDIATE") { try body(Transaction(connection)) }
    }

    /// Runs `body` on one consistent view of the database, beside writers. It must not write: that could fail for no reason but bad luck.
    package func read<Result: Sendable>(_ body: (borrowing Transaction) throws -> Result) throws -> Result {
        try connection.inTransaction("BEGIN") { try body(Transaction(connection)) }
    }
}

/// The database inside `Database.transaction` or `read`; it cannot leave it.
package struct Transaction: ~Copyable {
    private let connection: Connection

    fileprivate init(_ connection: Connection) { self.connection = connection }

    /// Runs one statement with its parameters (`?`, or `?1`, `?2`, …) and returns how many rows it changed.
    ///
    /// A broken uniqueness throws a `Fault` of kind `.conflict`.
    @discardableResult
    package borrowing func run(_ sql: String, _ parameters: Value...) throws(Fault) -> Int {
        _ = try connection.query(sql, parameters)
        return connection.changes
    }

    /// The `INTEGER PRIMARY KEY` that the last INSERT got.
    package var lastRowID: Int64 { connection.lastRowID }

    /// All rows of the answer. Limits belong into the statement.
    package borrowing func rows(_ sql: String, _ parameters: Value...) throws(Fault) -> [Row] {
        try connection.query(sql, parameters)
    }

    /// The first row of the answer, nil when there is none.
    package borrowing func first(_ sql: String, _ parameters: Value...) throws(Fault) -> Row? {
        try connection.query(sql, parameters, limit: 1).first
    }
}

extension Connection {
    fileprivate func inTransaction<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result {
        lock()
        defer { unlock() }
        _ = try query(begin, [])
        do {
            let result = try body()
            _ = try query("COMMIT", [])
            return result
        } catch {
            // Some errors (a full disk) have already rolled back. A failure to do so has no more to say than the error itself.
            if isInTransaction { _ = try? query("ROLLBACK", []) }
            throw error
        }
    }
}
