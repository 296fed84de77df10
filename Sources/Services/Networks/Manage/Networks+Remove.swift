internal import Database
internal import Diagnostics
package import DockerAPI
internal import NetworkPlumbing
internal import Linux
internal import Values

extension Networks {
    /// DELETE /networks/{id}. Containers that do not run keep their wish to be on it. Throws `forbidden` for a predefined network, and while
    /// a container runs on it. The row goes first: what is left on the host when this process dies, `recover` finds.
    package func remove(_ reference: String) throws {
        try providePredefined()
        let (record, keepsInterface) = try database.transaction { t in try delete(reference, in: t) }
        // What is told there of containers whose supervisors were killed: nobody believes it, and a network's id never comes again.
        try? FileSystem.removeTree(paths.network(record.id))
        publish("destroy", record.network)
        if keepsInterface { return }
        try withHost(.exclusive) { try host.remove(record.hostSide(firewallTable)) }
    }

    /// Deletes the row; gives what was in it, and whether its interface is none of ours or still another's too.
    private func delete(_ reference: String, in t: borrowing Transaction) throws -> (NetworkRecord, keepsInterface: Bool) {
        let record = try Self.find(reference, in: t)
        if record.isPredefined { throw Fault(.forbidden, "\(record.network.name) is a pre-defined network and cannot be removed") }
        if record.network.configOnly, try Self.all(in: t).contains(where: { $0.network.configFrom.network == record.network.name }) {
            throw Fault(.forbidden, "error while removing network: configuration network \"\(record.network.name)\" is in use")
        }
        let active = try Self.live(on: record.id.description, in: t)
        if !active.isEmpty {
            let list = active.map { "name:\"\($0.containerName)\" id:\"\($0.live?.id.prefix(12) ?? "")\"" }.joined(separator: ", ")
            throw Fault(
                .forbidden, "error while removing network: network \(record.network.name) has active endpoints (\(list))")
        }
        let isMade = try t.first("SELECT made FROM networks WHERE id = ?", .text(record.id.description)).map { try $0.bool("made") } ?? false
        try NetworkRecord.delete(record.id, in: t)
        switch record.driver {
        case .host, .null: return (record, true)
        case .bridge, .overlay: return (record, false)
        case .macvlan, .ipvlan:
            let parent = try LinkOptions(record.driver, record.options).parent
            let others = try Self.all(in: t).filter { $0.driver == .macvlan || $0.driver == .ipvlan }
            // Whoever removes the last network on it takes it away.
            let heirs = try others.filter { try !parent.isEmpty && LinkOptions($0.driver, $0.options).parent == parent }
            if isMade, let heir = heirs.first { try t.run("UPDATE networks SET made = 1 WHERE id = ?", .text(heir.id.description)) }
            return (record, !isMade || !heirs.isEmpty)
        }
    }

    /// POST /networks/prune: removes networks that no container runs on. Filters: `until`, `label`, `label!`.
    package func prune(_ filters: Filters = Filters()) throws -> NetworksPruneReport {
        do throws(Filters.Invalid) {
            try filters.validate(["until", "label", "label!"])
        } catch { throw Fault(.invalid, error.description) }
        let until = try filters["until"].first.map { text throws(Fault) in
            guard let time = Timestamp(filter: text, now: .now) else { throw Fault(.invalid, "invalid filter 'until=\(text)'") }
            return time
        }
        var report = NetworksPruneReport()
        for network in try list(Filters(["dangling": ["true"]])) where !network.configOnly {
            if let until, network.created > until { continue }
            let isKept = filters["label!"].contains { Filters(["label": [$0]]).matchesLabels(network.labels) }
            guard !isKept, filters.matchesLabels(network.labels) else { continue }
            do { try remove(network.id) } catch let fault as Fault where fault.kind == .forbidden || fault.kind == .notFound {
                // Somebody came, or was quicker.
                continue
            }
            report.networksDeleted = (report.networksDeleted ?? []) + [network.name]
        }
        publishPrune()
        return report
    }

    /// Takes away what the host has of networks that are no more, and brings back what it lost of those that containers run on. For a
    /// daemon's start; others may be at work meanwhile.
    package func recover() throws {
        let flags = flags ?? NetworkDefaults()
        try database.transaction { t in
            try providePredefined(in: t)
            // Commands that go past the daemon do as it was told, too.
            try t.run("UPDATE networks SET flags = ? WHERE name = 'host'", .text(Self.text(flags)))
        }
        let known = Set(try database.read { t in try t.rows("SELECT id FROM networks").map { try $0.text("id") } })
        for (interface, owner) in try host.bridges() {
            guard let id = owner.hasPrefix("\(firewallTable):") ? String(owner.dropFirst(firewallTable.utf8.count + 1)) : nil, !known.contains(id) else { continue }
            let plan = BridgePlan(name: interface, owner: owner, addresses: [])
            try withHost(.exclusive) { try host.remove(.bridge(plan, FirewallNetwork(bridge: interface, owner: ""), table: firewallTable)) }
        }
        for container in try members() { try ensure(leases(of: container)) }
    }
}
