internal import Database
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import Linux
internal import Values

extension Networks {
    /// Makes the rows of `bridge`, `host` and `none` when they are not there: with the first word about networks. Nothing is made on the
    /// host before a container comes. A network `bridge` that the settings want otherwise is made anew as soon as no container runs on it.
    ///
    /// Throws for settings that are wrong, or that other networks stand in the way of.
    func providePredefined() throws {
        let settings = try settings()
        if try database.read({ t in try isProvided(in: t) }) { return }
        try database.transaction { t in try providePredefined(settings, in: t) }
    }

    func providePredefined(in t: borrowing Transaction) throws {
        if try !isProvided(in: t) { try providePredefined(settings(), in: t) }
    }

    /// Whether the rows follow the settings. Flags are another process's business when this one has none.
    private func isProvided(in t: borrowing Transaction) throws -> Bool {
        guard let noted = try t.first("SELECT settings FROM networks WHERE name = 'host'")?.optionalText("settings") else { return false }
        let wanted = try note()
        return noted == wanted || !isDaemon && noted.prefix { $0 != "\n" } == wanted.prefix { $0 != "\n" }
    }

    /// What the network `bridge` is made by: a line of the file's, and one of the flags'.
    private func note() throws(Fault) -> String {
        try [NetworkDefaults.read(), flags].map { String(decoding: $0.defaultBridge.json.compact, as: UTF8.self) }.joined(separator: "\n")
    }

    private func providePredefined(_ settings: NetworkDefaults, in t: borrowing Transaction) throws {
        var others = try Self.all(in: t)
        if let present = others.first(where: { $0.network.name == "bridge" }) {
            if try !Self.live(on: present.id.description, in: t).isEmpty { return }
            try NetworkRecord.delete(present.id, in: t)
            others.removeAll { $0.id == present.id }
        }
        for (name, driver) in [("host", NetworkDriver.host), ("none", .null)] where !others.contains(where: { $0.network.name == name }) {
            let id = Identifier.random()
            let network = Network(
                name: name, id: id.description, created: .now, scope: "local", driver: driver.rawValue, enableIPv4: true,
                ipam: IPAM(driver: "default"))
            try NetworkRecord(id: id, network, driver: driver, pools: []).insert(in: t)
        }
        if !settings.defaultBridge.isDisabled { try provideBridge(settings, others, in: t) }
        try t.run("UPDATE networks SET settings = ? WHERE name = 'host'", .text(note()))
    }

    private func provideBridge(_ settings: NetworkDefaults, _ others: [NetworkRecord], in t: borrowing Transaction) throws {
        let id = Identifier.random(), name = Self.bridgeName(id, firewallTable)
        // Where the host's routes cannot be read, nothing is known to stand in the way; listing networks need not fail for that.
        let free = FreeSubnet(settings, occupied: (try? host.occupied(settings.defaultBridge.bridge ?? name)) ?? [])
        let draft = try Draft(defaultBridge: settings.defaultBridge, id: id, ownName: name, addresses: host.addresses) { family in
            try free.next(family, beside: others.flatMap(\.pools).map(\.subnet))
        }
        let pools = try Pools.plan(draft, others: others, free)
        var record = NetworkRecord(id: id, draft.network, driver: .bridge, pools: pools)
        record.network.ipam.config = Pools.shown(pools, asked: draft.ranges)
        try checkConflicts(record, others)
        try record.insert(in: t)
    }

    /// What the bridge of the network `bridge` is called when nobody names one: of the usual data root always the same.
    static func bridgeName(_ id: Identifier, _ table: String) -> String { table == usualTable ? "davit0" : "br-\(id.short)" }
}
