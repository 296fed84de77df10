internal import Database
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import Values

/// A row of the table `networks` with its pools.
struct NetworkRecord: Sendable {
    let id: Identifier
    /// As list shows it.
    var network: Network
    var pools: [Pool]
    let driver: NetworkDriver

    init(id: Identifier, _ network: Network, driver: NetworkDriver, pools: [Pool]) {
        self.id = id
        self.network = network
        self.pools = pools
        self.driver = driver
    }

    init(_ row: Row, in t: borrowing Transaction) throws {
        guard let id = Identifier(try row.text("id")) else { throw Fault(.internal, "the database holds a network without a proper id") }
        self.id = id
        network = try JSON.decode(Network.self, from: try row.text("definition"))
        // Configuration-only networks are no network at all.
        driver = NetworkDriver(rawValue: network.driver) ?? .null
        pools = try t.rows("SELECT * FROM pools WHERE network = ? ORDER BY number", .text(id.description)).map { try Pool($0) }
    }

    func insert(in t: borrowing Transaction) throws {
        try t.run(
            "INSERT INTO networks (id, name, definition) VALUES (?, ?, ?)", .text(id.description), .text(network.name),
            .text(String(decoding: try JSON.encode(network), as: UTF8.self)))
        for (index, pool) in pools.enumerated() { try pool.insert(index, of: id, in: t) }
    }

    /// Removes all that is said of it but the endpoints that do not live: containers keep their wish to be on it.
    static func delete(_ id: Identifier, in t: borrowing Transaction) throws {
        try t.run("DELETE FROM leases WHERE network = ?", .text(id.description))
        try t.run("DELETE FROM pools WHERE network = ?", .text(id.description))
        try t.run("DELETE FROM networks WHERE id = ?", .text(id.description))
    }

    var options: [String: String] { network.options }
    /// Nothing leaves the network: `--internal`, and what stands on a parent of its own.
    var isInternal: Bool {
        switch driver {
        case .macvlan, .ipvlan: network.internal || (options["parent"] ?? "").isEmpty
        case .bridge, .host, .null, .overlay: network.internal
        }
    }
    /// ipvlan in a mode in which the host routes: containers have no neighbours, and no router's address.
    var isRouted: Bool {
        // Options are checked before there is a row.
        driver == .ipvlan && (try? LinkOptions(driver, options).isRouted) == true
    }
    /// Where packets leave the pool's subnet by: the host, or whom an auxiliary address of Docker's name says.
    func gateway(_ pool: Pool) -> IPAddress? {
        let config = network.ipam.config?.first { IPPrefix($0.subnet)?.network == pool.subnet }
        return config?.auxiliaryAddresses?[Draft.gatewayName(pool.subnet.first.family)].flatMap { IPAddress($0) } ?? pool.gateway
    }
    var isPredefined: Bool { Networks.predefined.contains(network.name) }
    /// Docker's own word for networks in which containers find each other by name.
    var isUserDefined: Bool { !isPredefined }
}
