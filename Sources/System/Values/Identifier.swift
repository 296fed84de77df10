/// A random 256-bit name of a container, network or exec session: 64 lower-case hex digits, of which 12 are enough to show.
package struct Identifier: Sendable, Hashable, Codable, CustomStringConvertible {
    package let description: String

    /// Accepts what `random` makes and nothing else.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }) else { return nil }
        description = text
    }

    private init(unchecked text: String) { description = text }

    /// A new one, never all digits in the part shown, so that it cannot be taken for a number (a host name may not be one).
    package static func random() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        while true {
            let text = Hex.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            if text.prefix(12).contains(where: \.isLetter) { return Identifier(unchecked: text) }
        }
    }

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
