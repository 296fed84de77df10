internal import Diagnostics
internal import Values

/// Where subnets come from that nobody chose.
enum FreeSubnet {
    /// Docker's own pools, with the length of the subnets that are cut from each.
    static let pools: [(base: String, length: Int)] = [
        ("172.17.0.0/16", 16), ("172.18.0.0/16", 16), ("172.19.0.0/16", 16), ("172.20.0.0/14", 16), ("172.24.0.0/14", 16), ("172.28.0.0/14", 16),
        ("192.168.0.0/16", 20),
    ]

    /// The first subnet that overlaps none of `taken`. Throws Docker's error when there is none.
    static func v4(_ taken: [IPPrefix]) throws -> IPPrefix {
        for pool in pools {
            guard let base = IPPrefix(pool.base) else { continue }
            var candidate = IPPrefix(base.first, length: pool.length)
            while let subnet = candidate, base.contains(subnet.first) {
                guard let obstacle = taken.first(where: { $0.overlaps(subnet) }) else { return subnet }
                // What lies below the end of the obstacle need not be tried.
                candidate = max(obstacle.last, subnet.last).advanced(by: 1).flatMap { after in
                    IPPrefix(after, length: pool.length).flatMap { $0.first == after ? $0 : $0.last.advanced(by: 1).flatMap { IPPrefix($0, length: pool.length) } }
                }
            }
        }
        throw Fault(.invalid, "all predefined address pools have been fully subnetted")
    }

    /// A unique local subnet (RFC 4193): its 40 random bits are nobody else's.
    static func v6(_ taken: [IPPrefix]) throws -> IPPrefix {
        for _ in 0..<8 {
            let value = UInt128(0xfd) << 120 | UInt128(UInt64.random(in: 0..<1 << 40)) << 80
            if let subnet = IPPrefix(IPAddress(.v6, value), length: 64), !taken.contains(where: { $0.overlaps(subnet) }) { return subnet }
        }
        throw Fault(.invalid, "all predefined address pools have been fully subnetted")
    }
}
