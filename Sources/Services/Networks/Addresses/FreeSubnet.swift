internal import Diagnostics
internal import Values

/// Where subnets come from that nobody chose.
struct FreeSubnet {
    /// Docker's own pools, with the length of the subnets that are cut from each.
    static let usual: [(base: String, length: Int)] = [
        ("172.17.0.0/16", 16), ("172.18.0.0/16", 16), ("172.19.0.0/16", 16), ("172.20.0.0/14", 16), ("172.24.0.0/14", 16), ("172.28.0.0/14", 16),
        ("192.168.0.0/16", 20),
    ]

    private let pools: [(base: IPPrefix, length: Int)]
    private let occupied: [IPPrefix]

    /// Of the settings' pools, or of the usual ones in families that they have none of; never one that overlaps `occupied`.
    init(_ settings: NetworkDefaults, occupied: [IPPrefix]) {
        let own = (settings.addressPools ?? []).map { (base: $0.base, length: $0.size) }
        let usual = Self.usual.compactMap { pool in IPPrefix(pool.base).map { (base: $0, length: pool.length) } }
        pools = own.contains { $0.base.first.family == .v4 } ? own : own + usual
        self.occupied = occupied
    }

    /// The first subnet of the family that overlaps none of `others` either. Throws Docker's error when there is none.
    func next(_ family: IPAddress.Family, beside others: [IPPrefix]) throws -> IPPrefix {
        let taken = occupied + others, pools = pools.filter { $0.base.first.family == family }
        if family == .v6, pools.isEmpty { return try Self.random(taken) }
        for pool in pools { if let subnet = Self.first(of: pool, taken) { return subnet } }
        throw Self.exhausted
    }

    private static let exhausted = Fault(.invalid, "all predefined address pools have been fully subnetted")

    private static func first(of pool: (base: IPPrefix, length: Int), _ taken: [IPPrefix]) -> IPPrefix? {
        var candidate = IPPrefix(pool.base.first, length: pool.length)
        while let subnet = candidate, pool.base.contains(subnet.first) {
            guard let obstacle = taken.first(where: { $0.overlaps(subnet) }) else { return subnet }
            // What lies below the end of the obstacle need not be tried.
            candidate = max(obstacle.last, subnet.last).advanced(by: 1).flatMap { after in
                IPPrefix(after, length: pool.length).flatMap { $0.first == after ? $0 : $0.last.advanced(by: 1).flatMap { IPPrefix($0, length: pool.length) } }
            }
        }
        return nil
    }

    /// A unique local subnet (RFC 4193): its 40 random bits are nobody else's.
    private static func random(_ taken: [IPPrefix]) throws -> IPPrefix {
        for _ in 0..<8 {
            let value = UInt128(0xfd) << 120 | UInt128(UInt64.random(in: 0..<1 << 40)) << 80
            if let subnet = IPPrefix(IPAddress(.v6, value), length: 64), !taken.contains(where: { $0.overlaps(subnet) }) { return subnet }
        }
        throw exhausted
    }
}
