/// An IPv4 or IPv6 address, in the order of the wire.
package struct IPAddress: Hashable, Sendable, Comparable {
    package enum Family: UInt8, Sendable {
        case v4 = 4
        case v6 = 16

        /// Bits in an address.
        package var bits: Int { Int(rawValue) * 8 }
    }

    package let family: Family
    /// The number that the address is; of IPv4 the low 32 bits.
    package let value: UInt128

    package init(_ family: Family, _ value: UInt128) {
        self.family = family
        self.value = family == .v4 ? value & 0xffff_ffff : value
    }

    /// Of 4 or 16 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard let family = Family(rawValue: UInt8(clamping: bytes.count)) else { return nil }
        self.init(family, bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// 4 or 16 bytes.
    package var bytes: [UInt8] { (0..<Int(family.rawValue)).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt128($0))) } }

    package static let anyV4 = IPAddress(.v4, 0)
    package static let anyV6 = IPAddress(.v6, 0)

    /// `0.0.0.0` or `::`.
    package var isUnspecified: Bool { value == 0 }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }

    /// IPv4 first, then by number.
    package static func < (a: IPAddress, b: IPAddress) -> Bool { (a.family.rawValue, a.value) < (b.family.rawValue, b.value) }

    /// The address `count` further; nil beyond the last of the family.
    package func advanced(by count: UInt128) -> IPAddress? {
        let (sum, overflow) = value.addingReportingOverflow(count)
        guard !overflow, family == .v6 || sum <= 0xffff_ffff else { return nil }
        return IPAddress(family, sum)
    }
}

// MARK: - Text

extension IPAddress: CustomStringConvertible, Codable {
    /// Dotted decimal without leading zeros, or RFC 4291 text; no brackets and no zone.
    @inlinable package init?(_ text: some StringProtocol) { self.init(text: String(text)) }

    @usableFromInline init?(text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let value = Self.parseV6(text) else { return nil }
            self.init(.v6, value)
        } else {
            guard let value = Self.parseV4(text[...]) else { return nil }
            self.init(.v4, UInt128(value))
        }
    }

    private static func parseV4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            // Leading zeros mean octal to some readers: nobody may be in doubt.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }), part == "0" || part.first != "0",
                let number = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    private static func parseV6(_ text: String) -> UInt128? {
        guard text.utf8.count <= 45 else { return nil }
        var halves: [[UInt16]] = [[]]
        var rest = Substring(text)
        if rest.hasPrefix("::") {
            halves.append([])
            rest = rest.dropFirst(2)
        } else if rest.hasPrefix(":") {
            return nil
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            if group.contains(".") {
                guard group.endIndex == rest.endIndex, let v4 = parseV4(group) else { return nil }
                halves[halves.count - 1] += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
                break
            }
            guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }), let number = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1].append(number)
            rest = rest[group.endIndex...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.isEmpty { return nil }
            if rest.hasPrefix(":") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst()
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 ? count <= 7 : count == 8 else { return nil }
        let groups = halves.count == 2 ? halves[0] + Array(repeating: 0, count: 8 - count) + halves[1] : halves[0]
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// RFC 5952: the longest run of zeros is shortened, hexadecimal in lower case.
    package var description: String {
        if family == .v4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = (0..<8).reversed().map { UInt16(truncatingIfNeeded: value >> (16 * UInt128($0))) }
        if value >> 32 == 0xffff { return "::ffff:\(IPAddress(.v4, value & 0xffff_ffff))" }
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 } else if index + 1 - start > max(longest.count, 1) { longest = start..<index + 1 }
        }
        let hex = groups.map { String($0, radix: 16) }
        if longest.isEmpty { return hex.joined(separator: ":") }
        return hex[..<longest.lowerBound].joined(separator: ":") + "::" + hex[longest.upperBound...].joined(separator: ":")
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = IPAddress(text) else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "invalid IP address: \(text)") }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
