package import Database
internal import Diagnostics
internal import Linux
package import Values

/// The networks of a data root: which there are, which addresses are whose, and which containers are on them.
///
/// Networks, endpoints and leases are rows, so that any number of processes agree on them; bridges and firewall rules are made from the
/// rows when somebody needs them, and made again when they are gone.
package final class Networks: Sendable {
    /// The tables, for `Database.open` under the name `networks`.
    package static let migrations = [
        """
        CREATE TABLE networks (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, definition TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE pools (
            network TEXT NOT NULL REFERENCES networks (id), subnet TEXT NOT NULL, first BLOB NOT NULL, last BLOB NOT NULL, next BLOB NOT NULL,
            PRIMARY KEY (network, subnet)
        ) WITHOUT ROWID;
        CREATE TABLE leases (
            address BLOB PRIMARY KEY, network TEXT NOT NULL REFERENCES networks (id), container TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX leases_by_network ON leases (network);
        CREATE TABLE endpoints (
            container TEXT NOT NULL, network TEXT NOT NULL, settings TEXT NOT NULL, live TEXT, container_name TEXT NOT NULL DEFAULT '', PRIMARY KEY (container, network)
        ) WITHOUT ROWID;
        CREATE INDEX endpoints_by_network ON endpoints (network);
        """
    ]

    let paths: StatePaths
    let database: Database
    let host: NetworkHost

    package init(paths: StatePaths, database: Database, host: NetworkHost) {
        self.paths = paths
        self.database = database
        self.host = host
    }

    /// The nftables table of this data root: `davit`, or for another root than the usual one `davit-` and eight digits that follow from it.
    package var firewallTable: String { "davit" }
}
