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
    @discardableResult
    func providePredefined() throws -> NetworkDefaults {
        let (settings, isProvided) = try database.read { t in try wanted(in: t) }
        return try isProvided ? settings : database.transaction { t in try providePredefined(in: t) }
    }

    @discardableResult
    func providePredefined(in t: borrowing Transaction) throws -> NetworkDefaults {
        let (settings, isProvided) = try wanted(in: t)
        if !isProvided { try providePredefined(settings, in: t) }
        return settings
    }

    /// What the administrator wants of networks: the flags of the daemon that was started last, and `daemon.json`, which is read anew each time.
    /// Throws for what is wrong with it.
    package func settings() throws -> NetworkDefaults { try database.read { t in try wanted(in: t).settings } }

    func settings(in t: borrowing Transaction) throws -> NetworkDefaults { try wanted(in: t).settings }

    /// And whether the rows follow it.
    private func wanted(in t: borrowing Transaction) throws -> (settings: NetworkDefaults, isProvided: Bool) {
        let row = try t.first("SELECT settings, flags FROM networks WHERE name = 'host'")
        let told = try row?.optionalText("flags").map { try JSON.decode(NetworkDefaults.self, from: $0) }
        let settings = try NetworkDefaults.read().overridden(by: flags ?? told ?? NetworkDefaults())
        return try (settings, row?.optionalText("settings") == Self.text(settings.defaultBridge))
    }

    /// As the database has them.
    static func text(_ settings: some JSONRecord) -> String { String(decoding: settings.json.compact, as: UTF8.self) }

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
        try t.run("UPDATE networks SET settings = ? WHERE name = 'host'", .text(Self.text(settings.defaultBridge)))
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
