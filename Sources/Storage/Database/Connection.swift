internal import CSQLite
internal import Diagnostics

/// One SQLite connection with its prepared statements.
///
/// `@unchecked Sendable`: SQLite is opened without its own mutex, and every use of a connection after `Database.open`
/// returned it happens between `lock` and `unlock`. SQLite's mutex rather than Synchronization's, because it is recursive: a
/// transaction inside another meets SQLite's error and not itself.
final class Connection: @unchecked Sendable {
    let path: String
    private let handle: OpaquePointer
    private let mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE)
    private var statements: [String: OpaquePointer] = [:]

    /// More different statements than the program has; a bound all the same.
    static let statementLimit = 256

    /// Opens an existing file; nil when there is none that can be opened.
    init?(existing path: String) throws(Fault) {
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            sqlite3_close(handle)
            if code == SQLITE_CANTOPEN { return nil }
            throw Connection.fault(code, path, String(cString: sqlite3_errstr(code)))
        }
        self.handle = handle
        self.path = path
        sqlite3_extended_result_codes(handle, 1)
        // The library's own handler sleeps up to 100 ms at once; commands that run side by side hold the lock for far less than one.
        sqlite3_busy_handler(
            handle,
            { _, tries in
                tries < 2000
                    ? {
                        sqlite3_sleep(tries < 20 ? 1 : 5); return 1
                    }() : 0
            }, nil)
        // A command's last act must not be two fsyncs: the log stays, and is taken over when it has grown (`watchLog`).
        _ = csqlite_disable_checkpoint_on_close(handle)
        try execute("PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL")
        watchLog()
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close(handle)
        sqlite3_mutex_free(mutex)
    }

    /// How long the log was after this connection's last commit, in pages.
    private final class LogSize { var pages: CInt = 0 }
    private let logSize = LogSize()
    /// A log of this many pages is taken over by whoever commits next, wait as it may: 8 MB.
    private static let logLimit: CInt = 2000

    private func watchLog() {
        sqlite3_wal_hook(
            handle,
            { size, handle, schema, pages in
                if let size { Unmanaged<LogSize>.fromOpaque(size).takeUnretainedValue().pages = pages }
                // What is returned becomes the error of a commit that has succeeded: a checkpoint that another is making is none.
                if pages >= Connection.logLimit { sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nil, nil) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(logSize).toOpaque())
    }

    /// Takes over a log that has more pages than this.
    func checkpoint(ifPagesExceed limit: Int) {
        lock()
        defer { unlock() }
        // Busy means that another does it.
        if logSize.pages > CInt(clamping: limit) { sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil) }
    }

    /// How long the log was after this connection's last commit; 0 when it made none.
    var logPages: Int { Int(logSize.pages) }

    func lock() { sqlite3_mutex_enter(mutex) }
    func unlock() { sqlite3_mutex_leave(mutex) }

    /// Runs statements that take no parameters and give no rows.
    func execute(_ sql: String) throws(Fault) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw fault(code) }
    }

    /// Runs one prepared statement to its end.
    func query(_ sql: String, _ parameters: [Value], limit: Int = .max) throws(Fault) -> [Row] {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        guard parameters.count == Int(sqlite3_bind_parameter_count(statement)) else {
            throw Fault(.internal, "database: \(parameters.count) values given for \(sqlite3_bind_parameter_count(statement)) parameters: \(sql)")
        }
        for (index, value) in parameters.enumerated() { try bind(value, at: CInt(index + 1), of: statement) }
        var rows: [Row] = []
        var columns: Columns?
        while rows.count < limit {
            switch sqlite3_step(statement) {
            case SQLITE_DONE: return rows
            case SQLITE_ROW:
                let count = sqlite3_column_count(statement)
                let names = columns ?? Columns((0..<count).map { String(cString: sqlite3_column_name(statement, $0)) })
                columns = names
                rows.append(Row(columns: names, values: (0..<count).map { column(of: statement, at: $0) }))
            case let code: throw fault(code)
            }
        }
        return rows
    }

    /// Gives another process the time to finish; 5 ms.
    func pause() { sqlite3_sleep(5) }

    /// How many rows the last INSERT, UPDATE or DELETE touched.
    var changes: Int { Int(sqlite3_changes64(handle)) }
    var lastRowID: Int64 { sqlite3_last_insert_rowid(handle) }
    /// False once an error made SQLite roll the transaction back by itself.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func prepared(_ sql: String) throws(Fault) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        if statements.count >= Connection.statementLimit {
            for statement in statements.values { sqlite3_finalize(statement) }
            statements = [:]
        }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK else { throw fault(code) }
        guard let statement else { throw Fault(.internal, "database: empty statement") }
        statements[sql] = statement
        return statement
    }

    private func bind(_ value: Value, at index: CInt, of statement: OpaquePointer) throws(Fault) {
        // SQLITE_TRANSIENT, a cast that Swift cannot import: SQLite takes its own copy.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .int(let number): sqlite3_bind_int64(statement, index, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    // An empty string may have no address, which SQLite would take for null.
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        characters.isEmpty
                            ? sqlite3_bind_text(statement, index, "", 0, transient)
                            : sqlite3_bind_text64(statement, index, characters.baseAddress, UInt64(characters.count), transient, UInt8(SQLITE_UTF8))
                    }
                }
            case .blob(let bytes):
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), transient)
            }
        if code != SQLITE_OK { throw fault(code) }
    }

    private func column(of statement: OpaquePointer, at index: CInt) -> Value {
        switch sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: return .int(sqlite3_column_int64(statement, index))
        case SQLITE_NULL: return .null
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, index)
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))))
        default:
            let start = sqlite3_column_text(statement, index)
            let count = Int(sqlite3_column_bytes(statement, index))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        }
    }

    private func fault(_ code: CInt) -> Fault { Connection.fault(code, path, String(cString: sqlite3_errmsg(handle))) }

    /// Only what callers can act on has a kind of its own: a broken uniqueness is a conflict, a full disk or a lock that
    /// nobody gives back makes the database unavailable.
    private static func fault(_ code: CInt, _ path: String, _ words: String) -> Fault {
        switch code & 0xff {
        // SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE, expressions that Swift cannot import.
        case SQLITE_CONSTRAINT where code >> 8 == 6 || code >> 8 == 8: Fault(.conflict, "database: \(words)")
        case SQLITE_CORRUPT, SQLITE_NOTADB: Fault(.internal, "the database \(path) is damaged: \(words)")
        case SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM:
            Fault(.unavailable, "the database \(path) cannot be used: \(words)")
        default: Fault(.internal, "database: \(words)")
        }
    }
}
