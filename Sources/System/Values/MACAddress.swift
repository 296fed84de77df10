/// A hardware address of Ethernet: six bytes.
package struct MACAddress: Hashable, Sendable {
    /// The 48 bits, the first byte highest.
    package let value: UInt64

    package init(value: UInt64) { self.value = value & 0xffff_ffff_ffff }

    /// Six bytes.
    package var bytes: [UInt8] { (0..<6).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }

    /// One of those that nobody sells: locally administered, unicast.
    package static func random() -> MACAddress {
        MACAddress(value: UInt64.random(in: 0...0xffff_ffff_ffff) & 0xfeff_ffff_ffff | 0x0200_0000_0000)
    }
}

extension MACAddress: CustomStringConvertible, Codable {
    /// Six pairs of hexadecimal digits, all between colons or all between hyphens.
    package init?(_ text: some StringProtocol) {
        let separator: Character = text.contains("-") ? "-" : ":"
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 }), let bytes = Hex.decode(parts.joined()) else { return nil }
        self.init(value: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    package var description: String { bytes.map { Hex.encode([$0]) }.joined(separator: ":") }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = MACAddress(text) else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "invalid MAC address: \(text)") }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
