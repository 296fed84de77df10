internal import Database
internal import DockerAPI
internal import Linux
internal import Values

extension Networks {
    /// Makes the rows of `bridge`, `host` and `none` when they are not there: with the first word about networks. Nothing is made on the
    /// host before a container comes.
    func providePredefined() throws {
        let isThere = try database.read { t in try Self.hasPredefined(in: t) }
        if !isThere { try database.transaction { t in try providePredefined(in: t) } }
    }

    private static func hasPredefined(in t: borrowing Transaction) throws -> Bool {
        try t.first("SELECT 1 FROM networks WHERE name = 'bridge'") != nil
    }

    func providePredefined(in t: borrowing Transaction) throws {
        if try Self.hasPredefined(in: t) { return }
        for (name, driver) in [("host", NetworkDriver.host), ("none", .null)] {
            let id = Identifier.random()
            let network = Network(
                name: name, id: id.description, created: .now, scope: "local", driver: driver.rawValue, enableIPv4: true,
                ipam: IPAM(driver: "default"))
            try NetworkRecord(id: id, network, driver: driver, pools: []).insert(in: t)
        }
        // Where the host's routes cannot be read, nothing is known to stand in the way; listing networks need not fail for that.
        let occupied = (try? host.occupied()) ?? []
        let others = try Self.all(in: t).flatMap(\.pools)
        let subnet = try FreeSubnet.v4(occupied + others.map(\.subnet))
        guard var pool = Pool(subnet, isChosen: false) else { return }
        pool.gateway = pool.first
        let id = Identifier.random()
        var network = Network(
            name: "bridge", id: id.description, created: .now, scope: "local", driver: "bridge", enableIPv4: true,
            ipam: IPAM(driver: "default", config: Pools.shown([pool], asked: [])))
        network.options = [
            "com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "true",
            "com.docker.network.bridge.enable_ip_masquerade": "true", BridgeOptions.bindingOption: "0.0.0.0",
            BridgeOptions.nameOption: paths.dataRoot == Self.usualRoot ? "davit0" : "br-\(id.short)",
            "com.docker.network.driver.mtu": "1500",
        ]
        try NetworkRecord(id: id, network, driver: .bridge, pools: [pool]).insert(in: t)
    }
}
