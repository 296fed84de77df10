internal import Diagnostics
internal import DockerAPI
internal import Values

/// The subnets of a network that is about to be made.
enum Pools {
    /// Those that were asked for, or where none was, free ones. Throws Docker's errors.
    static func plan(_ draft: Draft, others: [NetworkRecord], _ free: FreeSubnet) throws -> [Pool] {
        // Addresses are the business of whoever is on the network.
        if draft.network.ipam.driver == "null" { return [] }
        let theirs = others.flatMap(\.pools)
        var pools: [Pool] = []
        for (family, isEnabled) in [(IPAddress.Family.v4, draft.network.enableIPv4), (.v6, draft.network.enableIPv6)] where isEnabled {
            let asked = draft.ranges.filter { IPPrefix($0.subnet)?.address.family == family }
            if asked.isEmpty {
                pools.append(try make(free.next(family, beside: (theirs + pools).map(\.subnet)), nil, draft))
            }
            if asked.count > 1, draft.driver == .bridge { throw Fault(.forbidden, "bridge driver doesn't support multiple subnets") }
            for config in asked {
                guard let subnet = IPPrefix(config.subnet)?.network else { continue }
                let pool = try make(subnet, config, draft)
                // One subnet may be split between networks, by ranges.
                let isTaken = (theirs + pools).contains { $0.subnet.overlaps(subnet) && ($0.subnet != subnet || pool.range == nil || $0.range == pool.range) }
                if isTaken { throw Fault(.forbidden, "invalid pool request: Pool overlaps with other one on this address space") }
                if draft.driver == .bridge || draft.driver == .overlay { try AddressRules.checkBridge(subnet) }
                pools.append(pool)
            }
        }
        return pools
    }

    private static func make(_ subnet: IPPrefix, _ config: IPAMConfig?, _ draft: Draft) throws -> Pool {
        let range = config.flatMap { IPPrefix($0.ipRange)?.network }
        let auxiliary = (config?.auxiliaryAddresses ?? [:]).compactMapValues { IPAddress($0) }
        guard var pool = Pool(subnet, range: range, isChosen: config != nil, auxiliary: auxiliary) else {
            throw Fault(.unavailable, "no available addresses on this pool")
        }
        if let gateway = config.flatMap({ IPAddress($0.gateway) }) {
            pool.gateway = gateway
        } else if try draft.needsGateway(subnet.first.family) {
            // The first that is given unasked, as with Docker.
            pool.gateway = auxiliary.values.contains(pool.first) ? Self.first(pool, except: Set(auxiliary.values)) : pool.first
        }
        return pool
    }

    private static func first(_ pool: Pool, except taken: Set<IPAddress>) -> IPAddress? {
        var candidate: IPAddress? = pool.first
        while let address = candidate, taken.contains(address) { candidate = address.advanced(by: 1) }
        return candidate.flatMap { $0 <= pool.last ? $0 : nil }
    }

    /// As inspect shows them: what was asked for as it was, what was chosen with its gateway.
    static func shown(_ pools: [Pool], asked: [IPAMConfig]) -> [IPAMConfig] {
        pools.map { pool in
            if let config = asked.first(where: { IPPrefix($0.subnet)?.network == pool.subnet }) { return config }
            return IPAMConfig(subnet: pool.subnet.description, gateway: pool.gateway?.description ?? "")
        }
    }
}
