package import Database
internal import Diagnostics
package import DockerAPI
internal import JSON
internal import NetworkPlumbing
package import Values

// The containers' side: which networks a container is on. A row of `endpoints` lasts from the container's creation, or from `connect`, to
// its removal, or to `disconnect`; addresses are leased from `lease` to `release`.
extension Networks {
    /// Notes which networks a new container is to be on, in the transaction that inserts its row. Networks are named as the user did: that
    /// there is no such network is an error of `lease`, as in Docker. `first` is the one of the network mode: its interface is eth0.
    /// Throws `invalid` for settings that no network could take.
    package static func add(
        _ endpoints: [String: EndpointSettings], first: String = "", of container: Identifier, in transaction: borrowing Transaction
    ) throws {
        for (name, settings) in endpoints {
            let name = name == "default" ? "bridge" : name
            // What is there already is held against it; what is not may come until the container is started.
            let row =
                try reserved.contains(name)
                ? nil : transaction.first("SELECT * FROM networks WHERE name = ?1 OR id = ?1 ORDER BY id != ?1", .text(name))
            try EndpointRules.check(settings, on: name, row.map { try NetworkRecord($0, in: transaction) })
            try EndpointRecord.insert(settings, of: container, network: name, name: name, position: name == first ? 0 : 1, in: transaction)
        }
    }

    /// Sees to it that the host's side of the networks is there: bridges, firewall rules. Nothing is to be done in the usual case. Should it
    /// throw, the leases are to be released.
    package func ensure(_ leases: [EndpointLease]) throws {
        if leases.allSatisfy({ $0.host == .nothing }) { return }
        try withHost(.shared) {
            for lease in leases {
                _ = try host.ensure(lease.host)
                if case .bridge(let plan, _, _) = lease.host, let overlay = plan.overlay, overlay.peers == nil, let id = lease.attachment?.network {
                    try host.attend(paths, id)
                }
            }
        }
    }

    /// Gives a container's addresses back at its end, in the transaction that says that it has ended. Nothing to give back is right.
    package static func release(_ container: Identifier, in transaction: borrowing Transaction) throws {
        try Leases.release(container, in: transaction)
        try transaction.run("UPDATE endpoints SET live = NULL, attachment = NULL WHERE container = ? AND live IS NOT NULL", .text(container.description))
    }

    /// Deletes all that is known of a container, in the transaction that deletes its row.
    package static func forget(_ container: Identifier, in transaction: borrowing Transaction) throws {
        try Leases.release(container, in: transaction)
        try transaction.run("DELETE FROM endpoints WHERE container = ?", .text(container.description))
    }

    /// Notes a container's new name. The names file of its interfaces is the supervisor's to change: `leases(of:)` has what it is to be.
    package static func rename(_ container: Identifier, to name: String, in transaction: borrowing Transaction) throws {
        for endpoint in try EndpointRecord.all(of: container, in: transaction) where endpoint.live != nil {
            try endpoint.rename(to: name, in: transaction)
        }
    }

    /// POST /networks/{id}/connect: notes that the container is on the network, and when it runs leases its addresses there, makes the
    /// host's side and gives what the supervisor is to make. nil for a container that does not run. Of one that is on the network already
    /// nothing changes: whether its supervisor knows, or somebody was killed before he told it, only that can tell.
    package func connect(_ member: NetworkMember, to network: String, _ settings: EndpointSettings, isRunning: Bool) throws -> EndpointLease? {
        let defaults = try providePredefined()
        let lease: EndpointLease? = try database.transaction { t in
            let known = try EndpointRecord.all(of: member.id, in: t)
            guard let record = try record(network, isRunning: isRunning, in: t) else {
                // As in Docker: the network may come until the container is started.
                if !known.contains(where: { $0.network == network }) { try Networks.add([network: settings], of: member.id, in: t) }
                return nil
            }
            if record.network.configOnly { throw Fault(.forbidden, "cannot create endpoint on configuration-only network") }
            try EndpointRules.check(settings, on: record.network.name, record)
            let others = known.compactMap { endpoint in try? self.network(of: endpoint, in: t) }  // One that is gone is beside nothing.
            try EndpointRules.check(record, beside: others, isHostMode: others.contains { $0.driver == .host })
            if let present = known.first(where: { $0.network == record.id.description || $0.network == record.network.name }) {
                guard isRunning, present.live != nil else { return nil }
                return try leases(of: member.id, in: t).first { $0.settings.networkID == record.id.description }
            }
            let position = (known.map(\.position).max() ?? 0) + 1
            try EndpointRecord.insert(
                settings, of: member.id, network: record.id.description, name: record.network.name, position: position, in: t)
            return isRunning ? try join(member, record, known, defaults, in: t) : nil
        }
        guard let lease else { return nil }
        do { try ensure([lease]) } catch {
            // What cannot be taken back now goes with the container; why it failed is what the caller must know.
            try? disconnect(member.id, from: lease.settings.networkID)
            throw error
        }
        return lease
    }

    private func record(_ network: String, isRunning: Bool, in t: borrowing Transaction) throws -> NetworkRecord? {
        do { return try Networks.find(network, in: t) } catch let fault as Fault where fault.kind == .notFound && !isRunning { return nil }
    }

    private func join(
        _ member: NetworkMember, _ record: NetworkRecord, _ known: [EndpointRecord], _ defaults: NetworkDefaults, in t: borrowing Transaction
    ) throws -> EndpointLease {
        guard var endpoint = try EndpointRecord.all(of: member.id, in: t).first(where: { $0.network == record.id.description }) else {
            throw Networks.notFound(record.network.name)
        }
        var interfaces = InterfaceNames(known.compactMap { $0.live?.attachment?.interface })
        endpoint.live = try live(endpoint, record, member, defaults, &interfaces, in: t)
        try settle(member, adding: (endpoint, record), in: t)
        guard let joined = try leases(of: member.id, in: t).first(where: { $0.settings.networkID == record.id.description }) else {
            throw Networks.notFound(record.network.name)
        }
        return joined
    }

    /// Chooses again which network of a running container has its default routes, and notes it.
    private func settle(_ member: NetworkMember, adding new: (EndpointRecord, NetworkRecord)? = nil, in t: borrowing Transaction) throws {
        var all = try EndpointRecord.all(of: member.id, in: t).filter { $0.live != nil }.map { ($0, try network(of: $0, in: t)) }
        if let new { all.append(new) }
        var endpoints = all.map { (endpoint: $0.0, record: $0.1) }
        Gateways.choose(&endpoints)
        for (endpoint, record) in endpoints {
            guard let live = endpoint.live else { continue }
            try endpoint.begin(live, on: record, containerName: member.name, in: t)
        }
    }

    /// POST /networks/{id}/disconnect, after the supervisor has taken the interface away: forgets the endpoint and gives its addresses
    /// back. What the other networks' default routes are now, `leases(of:)` tells. Throws Docker's errors for a network that is not there
    /// or that the container is not on.
    package func disconnect(_ container: Identifier, from network: String) throws {
        try database.transaction { t in
            let known = try EndpointRecord.all(of: container, in: t)
            let record: NetworkRecord?
            do { record = try Networks.find(network, in: t) } catch let fault as Fault where fault.kind == .notFound {
                guard known.contains(where: { $0.networkName == network || $0.network == network }) else { throw fault }
                record = nil
            }
            let name = record?.network.name ?? network
            guard let endpoint = known.first(where: { $0.network == record?.id.description || $0.networkName == name || $0.network == network }) else {
                throw Fault(.internal, "container \(container) is not connected to network \(name)")
            }
            if let id = Identifier(endpoint.network) { try Leases.release(container, of: id, in: t) }
            try t.run("DELETE FROM endpoints WHERE container = ? AND network = ?", .text(container.description), .text(endpoint.network))
            if endpoint.live != nil {
                try settle(NetworkMember(id: container, name: endpoint.containerName, hostname: ""), in: t)
            }
        }
    }
}
