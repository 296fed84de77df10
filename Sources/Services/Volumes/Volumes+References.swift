package import Database
package import DockerAPI
internal import Linux
internal import Values

// Which containers use which volumes. A container refers to its volumes from its creation to its removal, running or not.
extension Volumes {
    /// Finds or makes the volumes that a container needs, in the order asked for, marks them as used by it, and runs `body` (which
    /// inserts the container's own row) in the same transaction: either all of it happens or nothing.
    package func reserve<Result: Sendable>(
        _ requests: [VolumeCreateRequest], for container: String, alongside body: (borrowing Transaction, [Volume]) throws -> Result
    ) throws -> Result {
        // Without volumes there is no directory to guard, and most containers have none.
        if requests.isEmpty { return try database.transaction { transaction in try body(transaction, []) } }
        let now = Timestamp.now
        let records = try requests.map { request throws in try VolumeRecord(request, at: now) }
        return try adding(records) { transaction, records in
            for record in records {
                try transaction.run(
                    "INSERT INTO volume_references (volume, container) VALUES (?, ?) ON CONFLICT DO NOTHING", .text(record.name),
                    .text(container))
            }
            return try body(transaction, records.map { $0.volume(mountpoint: dataDirectory(of: $0.name)) })
        }
    }

    /// The same for a container whose row is written elsewhere. If that never happens, `release` must be called.
    package func reserve(_ requests: [VolumeCreateRequest], for container: String) throws -> [Volume] {
        try reserve(requests, for: container) { _, volumes in volumes }
    }

    /// The containers that refer to a volume, running or not.
    package func users(of name: String) throws -> [String] {
        try database.read { t in
            try t.rows("SELECT container FROM volume_references WHERE volume = ? ORDER BY container", .text(name)).map { row throws in try row.text("container") }
        }
    }

    /// Gives up a container's volumes, in the transaction that deletes its row. Returns the names of the anonymous ones that nobody
    /// uses any more, for `removeUnused` after the transaction if the user wants that.
    package static func release(container: String, in transaction: borrowing Transaction) throws -> [String] {
        let rows = try transaction.rows(
            "SELECT \(VolumeRecord.columns) FROM volumes JOIN volume_references ON volume = name WHERE container = ? ORDER BY name",
            .text(container))
        try transaction.run("DELETE FROM volume_references WHERE container = ?", .text(container))
        return try rows.map { row throws in try VolumeRecord(row) }.filter { record throws in
            guard record.isAnonymous else { return false }
            return try transaction.first("SELECT 1 FROM volume_references WHERE volume = ?", .text(record.name)) == nil
        }.map(\.name)
    }

    /// Gives up a container's volumes in a transaction of its own; nothing to give up is right.
    package func release(container: String) throws {
        _ = try database.transaction { transaction in try Volumes.release(container: container, in: transaction) }
    }

    /// Removes those of the volumes that no container uses; the others, and those that are gone, are left alone.
    package func removeUnused(_ names: [String]) throws {
        var isAnyRemoved = false
        for name in names where try removeUnlessUsed(name) { isAnyRemoved = true }
        if isAnyRemoved { try emptyTrash("remove") }
    }
}
