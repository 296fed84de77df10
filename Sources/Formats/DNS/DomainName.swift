package import Values

/// A domain name as RFC 1035 has it on the wire: labels of bytes, compared without regard to the case of ASCII letters and kept as
/// they were written.
package struct DomainName: Sendable {
    /// Uncompressed, each label after its length, without the root's empty label at the end. At most 254 bytes.
    let wire: [UInt8]

    /// RFC 1035, 2.3.4: 255 with the root's label.
    static let limit = 254

    package static let root = DomainName(wire: [])

    init(wire: [UInt8]) { self.wire = wire }

    /// nil when a label is empty or longer than 63 bytes, or the name is too long. No labels are the root.
    package init?(labels: [some Collection<UInt8>]) {
        var wire: [UInt8] = []
        for label in labels {
            guard (1...63).contains(label.count), wire.count + 1 + label.count <= Self.limit else { return nil }
            wire.append(UInt8(label.count))
            wire += label
        }
        self.wire = wire
    }

    /// Text without escapes, with or without the dot at the end; for names of hosts. nil when it is not a name.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard !bytes.contains(UInt8(ascii: "\\")), !bytes.isEmpty else { return nil }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        self.init(labels: bytes.isEmpty ? [] : bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false))
    }

    /// From the most specific to the top, without the root.
    package var labels: [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var position = 0
        while position < wire.count {
            let end = position + 1 + Int(wire[position])
            result.append(wire[(position + 1)..<end])
            position = end
        }
        return result
    }

    /// Letters of ASCII in lower case; lengths of labels are never letters.
    var folded: [UInt8] { wire.map(Self.fold) }

    private static func fold(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

    /// As the name of a host: in lower case, without the dot at the end. nil when a label has bytes that names of hosts do not have:
    /// letters and digits of ASCII, hyphen, underscore.
    package var host: String? {
        let labels = labels.map { $0.map(Self.fold) }
        let allowed = labels.allSatisfy { $0.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 } }
        return allowed ? labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".") : nil
    }
}

extension DomainName: Hashable, CustomStringConvertible {
    package static func == (a: DomainName, b: DomainName) -> Bool { a.wire.count == b.wire.count && a.folded == b.folded }

    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    /// RFC 1035, 5.1: dots between labels and after the last, other bytes than printable ones as `\DDD`.
    package var description: String {
        if wire.isEmpty { return "." }
        return labels.map { label in
            label.map { byte in
                switch byte {
                case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\\(Character(UnicodeScalar(byte)))"
                case 33...126: String(UnicodeScalar(byte))
                default: "\\" + String(repeating: "0", count: 3 - String(byte).count) + String(byte)
                }
            }.joined() + "."
        }.joined()
    }
}

// MARK: - Addresses as names

extension DomainName {
    private static let reverseV4: [[UInt8]] = [Array("in-addr".utf8), Array("arpa".utf8)]
    private static let reverseV6: [[UInt8]] = [Array("ip6".utf8), Array("arpa".utf8)]

    /// The name under which an address's own name is found: RFC 1035, 3.5; RFC 3596, 2.5.
    package init(reverseOf address: IPAddress) {
        let labels =
            switch address.family {
            case .v4: address.bytes.reversed().map { Array(String($0).utf8) } + Self.reverseV4
            case .v6: address.bytes.reversed().flatMap { [$0 & 15, $0 >> 4] }.map { Array(String($0, radix: 16).utf8) } + Self.reverseV6
            }
        self.init(wire: labels.flatMap { [UInt8($0.count)] + $0 })
    }

    /// The address that this is the reverse name of; nil for any other name, those of whole networks among them.
    package var reversedAddress: IPAddress? {
        let labels = labels.map { $0.map(Self.fold) }
        if labels.suffix(2).elementsEqual(Self.reverseV4) {
            return IPAddress(labels.dropLast(2).reversed().map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")).flatMap {
                $0.family == .v4 ? $0 : nil
            }
        }
        guard labels.suffix(2).elementsEqual(Self.reverseV6), labels.count == 34 else { return nil }
        var value: UInt128 = 0
        for label in labels.dropLast(2).reversed() {
            guard label.count == 1, let digit = Character(UnicodeScalar(label[0])).hexDigitValue else { return nil }
            value = value << 4 | UInt128(digit)
        }
        return IPAddress(.v6, value)
    }
}
