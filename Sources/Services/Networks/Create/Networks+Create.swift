internal import Database
internal import Diagnostics
package import DockerAPI
internal import Linux
internal import Values

extension Networks {
    /// Names that nobody can give: those of the networks that are there by themselves, and Docker's word for the usual one.
    static let reserved: Set = ["bridge", "host", "none", "default"]
    static let predefined: Set = ["bridge", "host", "none"]

    /// POST /networks/create. The row comes first and reserves name and subnets; should the host's side fail, it goes again.
    ///
    /// Throws Docker's errors: `conflict` for a name that is taken, `forbidden` for a subnet that is, `invalid`, `notFound` for a driver
    /// that there is not.
    package func create(_ request: NetworkCreateRequest) throws -> NetworkCreateResponse {
        let settings = try providePredefined()
        let draft = try Draft(request, defaults: settings.networkOptions ?? [:], at: .now)
        let free = FreeSubnet(settings, occupied: try host.occupied(nil))
        let record = try database.transaction { t in try insert(draft, free, in: t) }
        do {
            let isMade = try withHost(.shared) { try host.ensure(record.hostSide(firewallTable, settings)) }
            if isMade { try noteMade(record.id) }
        } catch {
            // Why it failed is what the caller must know; what stays on the host is taken away by `recover`.
            try? withHost(.exclusive) { try host.remove(record.hostSide(firewallTable)) }
            try database.transaction { t in try NetworkRecord.delete(record.id, in: t) }
            throw error
        }
        publish("create", record.network)
        return NetworkCreateResponse(id: record.id.description, warning: warning(record))
    }

    /// What the user must know of a host whose own firewall stands in the way; see docs/networking.md.
    private func warning(_ record: NetworkRecord) -> String {
        guard record.driver == .bridge, !record.network.internal else { return "" }
        // Chains that cannot be listed cannot be warned of, and the network is there all the same.
        let obstacles = (try? host.obstacles()) ?? []
        if obstacles.isEmpty { return "" }
        return "the firewall of this host drops forwarded packets (\(obstacles.joined(separator: ", "))): let those of network \(record.network.name) through, "
            + "or its containers reach nothing but the host and each other"
    }

    private func insert(_ asked: Draft, _ free: FreeSubnet, in t: borrowing Transaction) throws -> NetworkRecord {
        var draft = asked
        if try t.first("SELECT 1 FROM networks WHERE name = ?", .text(draft.network.name)) != nil {
            throw Fault(.conflict, "network with name \(draft.network.name) already exists")
        }
        try draft.inherit(in: t)
        try draft.checkOptions()
        let others = try Self.all(in: t)
        let pools = draft.network.configOnly ? [] : try Pools.plan(draft, others: others, free)
        var record = NetworkRecord(id: draft.id, draft.network, driver: draft.driver, pools: pools)
        if !draft.network.configOnly {
            record.network.ipam.config = Pools.shown(pools, asked: draft.ranges)
            try checkConflicts(record, others)
        }
        try record.insert(in: t)
        return record
    }

    /// Whether the networks can stand beside each other on this host. Throws Docker's errors.
    func checkConflicts(_ record: NetworkRecord, _ others: [NetworkRecord]) throws {
        for other in others {
            switch (record.driver, other.driver) {
            case (.bridge, .bridge), (.bridge, .overlay), (.overlay, .bridge), (.overlay, .overlay):
                let own = try BridgeOptions(record.options, id: record.id, isInternal: record.network.internal)
                let theirs = try BridgeOptions(other.options, id: other.id, isInternal: other.network.internal)
                func conflict(_ why: String) -> Fault {
                    Fault(.forbidden, "cannot create network \(record.id) (\(own.name)): conflicts with network \(other.id) (\(theirs.name)): \(why)")
                }
                if own.name == theirs.name { throw conflict("networks have same bridge name") }
                for pool in record.pools where other.pools.contains(where: { $0.subnet.overlaps(pool.subnet) }) {
                    throw conflict("networks have overlapping \(pool.subnet.first.family == .v4 ? "IPv4" : "IPv6")")
                }
                guard record.driver == .overlay, other.driver == .overlay else { break }
                let (mine, other) = (try OverlayOptions(record.options, name: record.network.name), try OverlayOptions(other.options, name: other.network.name))
                if mine.identifier == other.identifier { throw conflict("networks have the same vxlan id") }
                if mine.port == other.port, mine.isEncrypted || other.isEncrypted { throw conflict("an encrypted network has a port of its own, and networks have the same") }
            case (.macvlan, .macvlan), (.ipvlan, .ipvlan):
                try LinkOptions(record.driver, record.options).check(
                    record.driver, beside: LinkOptions(other.driver, other.options), other.driver, other.id.description)
            default: continue
            }
        }
    }

    /// Notes that an interface of the host was made for the network, and goes with it.
    private func noteMade(_ id: Identifier) throws {
        try database.transaction { t in try t.run("UPDATE networks SET made = 1 WHERE id = ?", .text(id.description)) }
    }
}
