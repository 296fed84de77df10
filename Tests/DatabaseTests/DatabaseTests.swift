import Database
import Diagnostics
import Glibc
import Testing

/// A directory that is gone when the test ends.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/davit-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        for name in ["a.db", "a.db-wal", "a.db-shm"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var database: String { "\(path)/a.db" }
}

private let people: Database.Component = ("people", ["CREATE TABLE person (name TEXT PRIMARY KEY, age INTEGER, photo BLOB) STRICT"])

@Suite struct DatabaseTests {
    let directory = TemporaryDirectory()

    @Test func rowsComeBackAsTheyWent() throws {
        let database = try Database.open(directory.database, components: [people])
        try database.transaction { t in
            #expect(try t.run("INSERT INTO person VALUES (?, ?, ?)", .text("Łukasz 🚢"), .int(.max), .blob([0, 255])) == 1)
            try t.run("INSERT INTO person VALUES (?, ?, ?)", .text(""), .null, .blob([]))
        }
        let rows = try database.read { try $0.rows("SELECT * FROM person ORDER BY name") }
        #expect(rows.count == 2)
        #expect(try rows[0].text("name") == "" && rows[0].optionalInt("age") == nil && rows[0].blob("photo") == [])
        #expect(try rows[1].text("name") == "Łukasz 🚢" && rows[1].int("age") == .max && rows[1].blob("photo") == [0, 255])
        #expect(throws: Fault.self) { try rows[0].int("name") }
        #expect(throws: Fault.self) { try rows[0].int("nothing") }
    }

    @Test func failureUndoesTheTransaction() throws {
        let database = try Database.open(directory.database, components: [people])
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try database.transaction { t in
                try t.run("INSERT INTO person (name) VALUES ('a')")
                throw Stop()
            }
        }
        #expect(try database.read { try $0.first("SELECT * FROM person") } == nil)
    }

    @Test func transactionsDoNotNest() throws {
        let database = try Database.open(directory.database, components: [people])
        try database.transaction { t in
            try t.run("INSERT INTO person (name) VALUES ('a')")
            #expect(throws: Fault.self) { try database.read { _ in } }
        }
        #expect(try database.read { try $0.first("SELECT * FROM person") } != nil)
    }

    @Test func duplicatesAreConflicts() throws {
        let database = try Database.open(directory.database, components: [people])
        let fault = try #require(throws: Fault.self) {
            try database.transaction { t in
                try t.run("INSERT INTO person (name) VALUES ('a')")
                try t.run("INSERT INTO person (name) VALUES ('a')")
            }
        }
        #expect(fault.kind == .conflict)
        #expect(throws: Fault.self) { try database.read { try $0.rows("SELECT ?", .int(1), .int(2)) } }
    }

    @Test func migrationsRunOnceAndInOrder() throws {
        var grown = people
        _ = try Database.open(directory.database, components: [people])
        grown.migrations.append("ALTER TABLE person ADD COLUMN town TEXT; UPDATE person SET town = 'x'")
        for _ in 0..<2 {
            let database = try Database.open(directory.database, components: [grown, ("pets", ["CREATE TABLE pet (name TEXT)"])])
            #expect(try database.read { try $0.rows("SELECT town FROM person, pet") }.isEmpty)
        }
        let fault = try #require(throws: Fault.self) { try Database.open(directory.database, components: [people]) }
        #expect(fault.kind == .unavailable && fault.message.contains("newer version"))
    }

    @Test func damagedFileIsNamed() throws {
        let file = try #require(fopen(directory.database, "w"))
        for _ in 0..<1000 { fputs("this is no database ", file) }
        fclose(file)
        let fault = try #require(throws: Fault.self) { try Database.open(directory.database, components: [people]) }
        #expect(fault.message.contains("damaged") && fault.message.contains(directory.database))
        #expect(throws: Fault.self) { try Database.open("\(directory.path)/missing/a.db") }
    }

    @Test func onlyTheOwnerReadsIt() throws {
        let database = try Database.open(directory.database, components: [people])
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(directory.database + suffix, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        withExtendedLifetime(database) {}
    }

    /// Each thread has a connection of its own, as processes have.
    @Test func writersWaitForEachOther() async throws {
        let path = directory.database
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let database = try Database.open(path, components: [people])
                    for _ in 0..<50 {
                        try database.transaction { t in
                            let count = try t.first("SELECT count(*) AS n FROM person")?.int("n") ?? 0
                            try t.run("INSERT INTO person (name) VALUES (?)", .text("\(count)"))
                        }
                    }
                }
            }
        }
        let database = try Database.open(path)
        #expect(try database.read { try $0.first("SELECT count(*) AS n FROM person")?.int("n") } == 200)
    }

    @Test func openingIsFast() throws {
        _ = try Database.open(directory.database, components: [people])
        let clock = ContinuousClock()
        let best = try (0..<50).map { _ in
            try clock.measure { try Database.open(directory.database, components: [people]).read { _ = try $0.rows("SELECT * FROM person") } }
        }.min()
        print("open and read:", best as Any)
    }
}
