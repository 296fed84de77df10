/// A random 256-bit name of a container, network or exec session: 64 lower-case hex digits, of which 12 are enough to show.
package struct Identifier: Sendable, Hashable, Codable, CustomStringConvertible {
    package let description: String

    /// Characters of each.
    package static let length = 64

    /// Accepts what `random` makes and nothing else.
    package init?(_ text: String) {
        let bytes = text.utf8.span
        guard bytes.count == Self.length, bytes.indices.allSatisfy({ (48...57).contains(bytes[$0]) || (97...102).contains(bytes[$0]) }) else { return nil }
        description = text
    }

    private init(unchecked text: String) { description = text }

    /// A new one, never all digits in the part shown, so that it cannot be taken for a number (a host name may not be one).
    ///
    /// That of something inside a container ends with the first digits of its `owner`'s, which `ownerPrefix` gives back; 192 bits are random.
    package static func random(of owner: Identifier? = nil) -> Identifier {
        var generator = SystemRandomNumberGenerator()
        let count = owner == nil ? 4 : 3
        while true {
            let words = (0..<count).map { _ in generator.next() as UInt64 }
            let text = Hex.encode(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } })
            if text.prefix(12).contains(where: \.isLetter) { return Identifier(unchecked: text + String(owner?.description.prefix(16) ?? "")) }
        }
    }

    /// What the owner's id begins with, for one that was made with an owner.
    package var ownerPrefix: String { String(description.suffix(16)) }

    /// The first 12 digits.
    package var short: String { String(description.prefix(12)) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Identifier(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a 64-digit id: \(text)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
