internal import Database
internal import Diagnostics
internal import Values

/// A subnet of a network, and which of its addresses containers get.
struct Pool: Sendable, Hashable {
    var subnet: IPPrefix
    /// `--ip-range`: where containers get addresses that do not ask for one.
    var range: IPPrefix?
    /// nil where the driver needs none.
    var gateway: IPAddress?
    /// The user chose the subnet, and may choose addresses in it.
    var isChosen: Bool
    /// The first and the last address that is given unasked.
    let first: IPAddress
    let last: IPAddress
    /// Below it all are taken.
    var next: IPAddress
    /// Kept from containers, by name.
    var auxiliary: [String: IPAddress] = [:]

    /// nil when no address is left to give.
    init?(_ subnet: IPPrefix, range: IPPrefix? = nil, gateway: IPAddress? = nil, isChosen: Bool, auxiliary: [String: IPAddress] = [:]) {
        guard let usable = Pool.usable(subnet) else { return nil }
        first = max(usable.lowerBound, range?.first ?? usable.lowerBound)
        last = min(usable.upperBound, range?.last ?? usable.upperBound)
        guard first <= last else { return nil }
        self.subnet = subnet
        self.range = range
        self.gateway = gateway
        self.isChosen = isChosen
        self.auxiliary = auxiliary
        next = first
    }

    /// The addresses of a subnet that an interface can have: not the network's own nor the broadcast address (RFC 919; but see RFC 3021
    /// for /31), nor the anycast address of IPv6 routers (RFC 4291 §2.6.1).
    static func usable(_ subnet: IPPrefix) -> ClosedRange<IPAddress>? {
        let hostBits = subnet.first.family.bits - subnet.length
        if subnet.first.family == .v4, hostBits <= 1 { return subnet.first...subnet.last }
        guard let first = subnet.first.advanced(by: 1), first <= subnet.last else { return nil }
        let last = subnet.first.family == .v4 ? IPAddress(.v4, subnet.last.value - 1) : subnet.last
        return first <= last ? first...last : nil
    }

    init(_ row: Row) throws {
        guard let subnet = IPPrefix(try row.text("subnet")), let first = IPAddress(bytes: try row.blob("first")),
            let last = IPAddress(bytes: try row.blob("last")), let next = IPAddress(bytes: try row.blob("next"))
        else { throw Fault(.internal, "the database holds a pool that is none") }
        self.subnet = subnet
        range = try row.optionalText("range").flatMap { IPPrefix($0) }
        gateway = try row.optionalText("gateway").flatMap { IPAddress($0) }
        isChosen = try row.bool("chosen")
        self.first = first
        self.last = last
        self.next = next
    }

    /// Adds the row, and leases for what is kept from containers.
    func insert(_ number: Int, of network: Identifier, in t: borrowing Transaction) throws {
        try t.run(
            "INSERT INTO pools (network, number, subnet, range, gateway, chosen, first, last, next) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .text(network.description), .int(number), .text(subnet.description), .optional(range?.description), .optional(gateway?.description),
            .bool(isChosen), .blob(first.bytes), .blob(last.bytes), .blob(next.bytes))
        if let gateway { try Leases.reserve(gateway, of: network, as: "gateway (\(isChosen ? gateway.description : ""))", in: t) }
        for (name, address) in auxiliary.sorted(by: { $0.key < $1.key }) {
            try Leases.reserve(address, of: network, as: "secondary ip address (\(name):\(address))", in: t)
        }
    }

    func contains(_ address: IPAddress) -> Bool { subnet.contains(address) }
}
