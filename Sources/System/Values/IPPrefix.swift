/// An address with the length of its network's prefix, in CIDR notation: `172.17.0.1/16`. The bits of the host are kept.
package struct IPPrefix: Hashable, Sendable {
    package let address: IPAddress
    /// Bits: 0 to 32 or 128.
    package let length: Int

    /// nil for a length that the family does not have.
    package init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bits).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    private init(of address: IPAddress, _ length: Int) {
        self.address = address
        self.length = length
    }

    private var hostMask: UInt128 {
        let hostBits = UInt128(address.family.bits - length)
        return hostBits >= 128 ? .max : (1 << hostBits) - 1
    }

    /// The network itself: the bits of the host are zero.
    package var network: IPPrefix { IPPrefix(of: IPAddress(address.family, address.value & ~hostMask), length) }
    package var first: IPAddress { network.address }
    /// The last address; the broadcast address of IPv4.
    package var last: IPAddress { IPAddress(address.family, address.value | hostMask) }

    package func contains(_ other: IPAddress) -> Bool { other.family == address.family && (first...last).contains(other) }
    /// Whether any address is in both.
    package func overlaps(_ other: IPPrefix) -> Bool { contains(other.first) || other.contains(first) }
}

extension IPPrefix: CustomStringConvertible, Codable {
    /// `address/length`; both are needed.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    package var description: String { "\(address)/\(length)" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let prefix = IPPrefix(text) else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "invalid CIDR address: \(text)") }
        self = prefix
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
