internal import Database
internal import Diagnostics
internal import Values

/// Addresses and whose they are. The address is the key, whatever the network: no two networks of a data root overlap, except those that
/// share one subnet by different ranges, and they must not give the same address twice either.
enum Leases {
    /// Keeps an address from containers. Throws Docker's error when it is somebody's.
    static func reserve(_ address: IPAddress, of network: Identifier, as what: String, in t: borrowing Transaction) throws {
        guard try take(address, of: network, for: "", in: t) else {
            throw Fault(.internal, "failed to allocate \(what): Address already in use")
        }
    }

    /// The lowest free address of the pools, or of those with that family, as Docker gives them. The first pool with a free one serves.
    static func next(of network: Identifier, _ pools: [Pool], for container: Identifier, in t: borrowing Transaction) throws -> (Pool, IPAddress) {
        for pool in pools {
            var candidate: IPAddress? = pool.next
            while let address = candidate, address <= pool.last {
                candidate = address.advanced(by: 1)
                guard try take(address, of: network, for: container.description, in: t) else { continue }
                // All up to here are taken now; nobody need look at them again before one comes back.
                try t.run(
                    "UPDATE pools SET next = ? WHERE network = ? AND subnet = ?", .blob((candidate ?? address).bytes), .text(network.description),
                    .text(pool.subnet.description))
                return (pool, address)
            }
        }
        throw Fault(.unavailable, "no available addresses on this pool")
    }

    /// An address that was asked for. Throws Docker's error when it is somebody's.
    static func take(_ address: IPAddress, of network: Identifier, for container: Identifier, in t: borrowing Transaction) throws {
        guard try take(address, of: network, for: container.description, in: t) else { throw Fault(.forbidden, "Address already in use") }
    }

    private static func take(_ address: IPAddress, of network: Identifier, for container: String, in t: borrowing Transaction) throws -> Bool {
        try t.run(
            "INSERT INTO leases (address, network, container) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", .blob(address.bytes),
            .text(network.description), .text(container)) == 1
    }

    /// Gives back what a container has, on one network or on all.
    static func release(_ container: Identifier, of network: Identifier? = nil, in t: borrowing Transaction) throws {
        let rows = try t.rows(
            "SELECT address, network FROM leases WHERE container = ?1 AND (?2 IS NULL OR network = ?2)", .text(container.description),
            .optional(network?.description))
        for row in rows {
            let address = Value.blob(try row.blob("address"))
            try t.run("DELETE FROM leases WHERE address = ?", address)
            // Two networks may share the subnet: either may give the address again.
            try t.run("UPDATE pools SET next = ?1 WHERE first <= ?1 AND last >= ?1 AND next > ?1 AND length(first) = length(?1)", address)
        }
    }
}
