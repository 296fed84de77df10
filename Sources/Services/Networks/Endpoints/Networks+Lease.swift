package import Database
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import NetworkPlumbing
internal import Values

extension Networks {
    /// Leases a container's addresses on all of its networks, in the order of its interfaces. `ensure` must follow, outside the transaction,
    /// before the supervisor starts, and `release` when the container has ended.
    ///
    /// Throws Docker's errors: `notFound` for a network that is not there, `forbidden` for an address that is taken, `invalid` for one
    /// that is out of range, `unavailable` when all are taken.
    package func lease(_ member: NetworkMember, in transaction: borrowing Transaction) throws -> [EndpointLease] {
        let wished = try EndpointRecord.all(of: member.id, in: transaction)
        if wished.isEmpty { return [] }
        let settings = try providePredefined(in: transaction)
        // Of a life that nobody has seen the end of.
        try Networks.release(member.id, in: transaction)
        var interfaces = InterfaceNames()
        var made: [(endpoint: EndpointRecord, record: NetworkRecord)] = []
        for var endpoint in wished {
            let record = try network(of: endpoint, in: transaction)
            endpoint.live = try live(endpoint, record, member, settings, &interfaces, in: transaction)
            made.append((endpoint, record))
        }
        Gateways.choose(&made)
        for (endpoint, record) in made {
            guard let live = endpoint.live else { continue }
            try endpoint.begin(live, on: record, containerName: member.name, in: transaction)
        }
        return try made.map { try lease($0.endpoint, $0.record, settings) }
    }

    /// By its id, or when that is gone by its whole name: a network that was removed while no container ran on it, and made again, is found.
    func network(of endpoint: EndpointRecord, in t: borrowing Transaction) throws -> NetworkRecord {
        let record: NetworkRecord
        if Identifier(endpoint.network) == nil {
            record = try Networks.find(endpoint.network, in: t)
        } else {
            let row = try t.first(
                "SELECT * FROM networks WHERE id = ?1 OR name = ?2 ORDER BY id != ?1", .text(endpoint.network), .text(endpoint.networkName))
            guard let row else { throw Networks.notFound(endpoint.networkName) }
            record = try NetworkRecord(row, in: t)
        }
        if record.network.configOnly { throw Fault(.forbidden, "cannot create endpoint on configuration-only network") }
        return record
    }

    /// What the endpoint is while the container runs: its addresses are leased here.
    func live(
        _ endpoint: EndpointRecord, _ record: NetworkRecord, _ member: NetworkMember, _ defaults: NetworkDefaults, _ interfaces: inout InterfaceNames, in t: borrowing Transaction
    ) throws -> EndpointRecord.Live {
        let settings = endpoint.settings
        try EndpointRules.check(settings, on: record.network.name, record)
        let id = Identifier.random().description
        guard let link = try link(record) else { return EndpointRecord.Live(id: id, attachment: nil) }
        var addresses: [IPPrefix] = []
        let asked = settings.ipamConfig ?? EndpointIPAMConfig(), sysctls = try sysctls(settings, record)
        let hasIPv6 = !member.disablesIPv6 && sysctls["ipv6.conf.IFNAME.disable_ipv6"] != "1"
        for (family, text) in [(IPAddress.Family.v4, asked.ipv4Address), (.v6, asked.ipv6Address)] {
            let pools = record.pools.filter { $0.subnet.first.family == family }
            if pools.isEmpty || family == .v6 && !hasIPv6 { continue }
            let (pool, address) = try lease(text, record, pools, member.id, in: t)
            if let prefix = IPPrefix(address, length: pool.subnet.length) { addresses.append(prefix) }
        }
        let prefix = record.options[BridgeOptions.prefixOption].flatMap { $0.isEmpty ? nil : $0 } ?? "eth"
        let interface = try interfaces.next(settings.driverOpts?[EndpointRules.interfaceOption], prefix: prefix)
        return EndpointRecord.Live(
            id: id,
            attachment: Attachment(
                network: record.id.description, link: link, interface: interface,
                mac: MACAddress(settings.macAddress) ?? MACAddress(of: addresses.first { $0.address.family == .v4 }?.address), addresses: addresses,
                linkLocal: (asked.linkLocalIPs ?? []).compactMap { EndpointRules.linkLocal($0) },
                gateways: [], mtu: try mtu(record), sysctls: sysctls, isIsolated: try bridge(record)?.allowsContainers == false,
                routed: try bridge(record)?.routedFamilies ?? [], isDirect: try bridge(record)?.trustedInterfaces.isEmpty == false || defaults.allowsDirectRouting == true,
                names: record.isUserDefined ? names(member, settings) : [],
                directory: paths.network(record.id),
                domain: record.isUserDefined ? record.network.name.lowercased() : ""))
    }

    private func lease(
        _ asked: String, _ record: NetworkRecord, _ pools: [Pool], _ container: Identifier, in t: borrowing Transaction
    ) throws -> (Pool, IPAddress) {
        guard let address = IPAddress(asked), let pool = pools.first(where: { $0.contains(address) }) else {
            return try Leases.next(of: record.id, pools, for: container, in: t)
        }
        // The network's own address and its broadcast address are nobody's.
        guard let usable = Pool.usable(pool.subnet), usable.contains(address) else { throw Fault(.forbidden, "Address already in use") }
        try Leases.take(address, of: record.id, for: container, in: t)
        return (pool, address)
    }

    private func link(_ record: NetworkRecord) throws -> Attachment.Link? {
        switch record.driver {
        case .host, .null: return nil
        case .bridge, .overlay: return .bridge(name: try BridgeOptions(record.options, id: record.id, isInternal: record.network.internal).name)
        case .macvlan, .ipvlan:
            let options = try LinkOptions(record.driver, record.options)
            let parent = options.parent.isEmpty ? "dm-\(record.id.short)" : options.parent
            return record.driver == .macvlan ? .macvlan(parent: parent, mode: options.mode) : .ipvlan(parent: parent, mode: options.mode, flag: options.flag)
        }
    }

    private func mtu(_ record: NetworkRecord) throws -> Int {
        record.driver == .overlay ? try OverlayOptions(record.options, name: record.network.name).mtu : try DriverOptions(values: record.options).mtu()
    }

    private func bridge(_ record: NetworkRecord) throws -> BridgeOptions? {
        record.driver == .bridge ? try BridgeOptions(record.options, id: record.id, isInternal: record.network.internal) : nil
    }

    private func sysctls(_ settings: EndpointSettings, _ record: NetworkRecord) throws -> [String: String] {
        let isSilent = try !DriverOptions(values: record.options).announces()
        let silent = record.pools.filter { _ in isSilent }.map { ($0.subnet.first.family == .v4 ? "ipv4.conf.IFNAME.arp_notify" : "ipv6.conf.IFNAME.ndisc_notify", "0") }
        let asked = (settings.driverOpts?[EndpointRules.sysctlOption] ?? "").split(separator: ",").compactMap { EndpointRules.sysctl($0) }
        return Dictionary(silent + asked.map { ($0.key, $0.value) }) { $1 }
    }

    /// What others on the network call the container, in the order that inspect shows.
    func names(_ member: NetworkMember, _ settings: EndpointSettings) -> [String] {
        var names: [String] = []
        for name in [member.name] + (settings.aliases ?? []) + [member.id.short, member.hostname] {
            let name = name.lowercased()
            if !name.isEmpty, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The unspecified address that the default network has is nobody's wish.
    private func hostBinding(_ bridge: BridgeOptions, _ record: NetworkRecord) throws -> IPAddress? {
        if let binding = bridge.hostBinding, record.isUserDefined || !binding.isUnspecified { return binding.isUnspecified ? nil : binding }
        return try PublishDefault.read(paths)
    }

    /// A row and its network as containers see them.
    func lease(_ endpoint: EndpointRecord, _ record: NetworkRecord, _ settings: NetworkDefaults) throws -> EndpointLease {
        let bridge = try bridge(record)
        return EndpointLease(
            network: record.network.name, host: try record.hostSide(firewallTable, settings), attachment: endpoint.live?.attachment,
            settings: Self.shown(endpoint, record), resolvesNames: record.isUserDefined && endpoint.live?.attachment != nil,
            isInternal: record.isInternal, isGateway: endpoint.live?.attachment?.gateways.isEmpty == false, publishesPorts: bridge != nil && !record.network.internal,
            hostBinding: try bridge.flatMap { try hostBinding($0, record) })
    }
}

extension MACAddress {
    /// Docker's: of an IPv4 address, so that whoever gets the address again answers to the same one; else a random one.
    init(of address: IPAddress?) {
        self = address.map { MACAddress(value: 0x0242_0000_0000 | UInt64(truncatingIfNeeded: $0.value & 0xffff_ffff)) } ?? .random()
    }
}
