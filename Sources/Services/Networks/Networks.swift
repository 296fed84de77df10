package import Database
internal import Diagnostics
package import DockerAPI
package import Values

/// The networks of a data root: which there are, which addresses are whose, and which containers are on them.
///
/// Networks, endpoints and leases are rows, so that any number of processes agree on them; bridges and firewall rules are made from the
/// rows when somebody needs them, and made again when they are gone.
package final class Networks: Sendable {
    /// The tables, for `Database.open` under the name `networks`. Addresses are blobs of 4 or 16 bytes, which sort as the numbers they are.
    /// In `leases` the empty container stands for what the network keeps for itself: gateways and auxiliary addresses.
    package static let migrations = [
        """
        CREATE TABLE networks (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL, made INTEGER NOT NULL DEFAULT 0, settings TEXT, flags TEXT
        ) WITHOUT ROWID;
        CREATE TABLE pools (
            network TEXT NOT NULL REFERENCES networks (id), number INTEGER NOT NULL, subnet TEXT NOT NULL, range TEXT, gateway TEXT, chosen INTEGER NOT NULL,
            first BLOB NOT NULL, last BLOB NOT NULL, next BLOB NOT NULL, PRIMARY KEY (network, number)
        ) WITHOUT ROWID;
        CREATE TABLE leases (
            address BLOB PRIMARY KEY, network TEXT NOT NULL REFERENCES networks (id), container TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX leases_by_network ON leases (network);
        CREATE INDEX leases_by_container ON leases (container);
        CREATE TABLE endpoints (
            container TEXT NOT NULL, network TEXT NOT NULL, network_name TEXT NOT NULL, position INTEGER NOT NULL, settings TEXT,
            container_name TEXT NOT NULL DEFAULT '', live TEXT, attachment TEXT, PRIMARY KEY (container, network)
        ) WITHOUT ROWID;
        CREATE INDEX endpoints_by_network ON endpoints (network);
        """
    ]

    let paths: StatePaths
    let database: Database
    let host: NetworkHost
    /// nil for whoever is no daemon.
    let flags: NetworkDefaults?

    /// `flags` are the daemon's; nil for whoever is none: those of the daemon that was started last count.
    package init(paths: StatePaths, database: Database, flags: NetworkDefaults? = nil, host: NetworkHost = .kernel) {
        self.paths = paths
        self.database = database
        self.host = host
        self.flags = flags
    }

    /// Where ports of the network `bridge` are published that name no address; nil for all addresses of the host.
    package func publishDefault() throws -> IPAddress? {
        let binding = try settings().defaultBridge.hostBinding
        return try binding.flatMap { $0.isUnspecified ? nil : $0 } ?? PublishDefault.read(paths)
    }

    /// Whether there is no network `bridge`, and containers that name no network have none.
    package var isDefaultBridgeDisabled: Bool { get throws { try settings().defaultBridge.isDisabled } }

    /// The nftables table of this data root: `davit`, or for another root than the usual one `davit-` and eight digits that follow from it.
    package var firewallTable: String { Self.firewallTable(paths) }

    static func firewallTable(_ paths: StatePaths) -> String {
        paths.dataRoot == usualRoot ? usualTable : "davit-\(hash(paths.dataRoot))"
    }

    /// The data root whose names on the host carry no mark.
    static let usualRoot = "/var/lib/davit"
    static let usualTable = "davit"

    /// Eight digits that stay the same for the same text: FNV-1a, 32 bits.
    static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(UInt32(0x811c_9dc5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Hex.encode((0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) })
    }

    // MARK: - Looking up

    /// The network that a name, an id or the beginning of an id means. Throws Docker's errors.
    package func resolve(_ reference: String) throws -> Network {
        try providePredefined()
        return try database.read { t in try Self.find(reference, in: t).network }
    }

    static func find(_ reference: String, in t: borrowing Transaction) throws -> NetworkRecord {
        let exact = try t.rows("SELECT * FROM networks WHERE id = ?1 OR name = ?1", .text(reference))
        // A name that is also another's id: the id is meant.
        if let row = try exact.first(where: { try $0.text("id") == reference }) ?? exact.first { return try NetworkRecord(row, in: t) }
        let isPrefix = !reference.isEmpty && reference.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        let rows = isPrefix ? try t.rows("SELECT * FROM networks WHERE id >= ?1 AND id < ?2", .text(reference), .text(reference + "g")) : []
        if rows.count > 1 { throw Fault(.invalid, "network \(reference) is ambiguous (\(rows.count) matches found based on ID prefix)") }
        guard let row = rows.first else { throw Self.notFound(reference) }
        return try NetworkRecord(row, in: t)
    }

    static func all(in t: borrowing Transaction) throws -> [NetworkRecord] {
        try t.rows("SELECT * FROM networks ORDER BY name").map { try NetworkRecord($0, in: t) }
    }

    static func notFound(_ reference: String) -> Fault { Fault(.notFound, "network \(reference) not found") }
}
