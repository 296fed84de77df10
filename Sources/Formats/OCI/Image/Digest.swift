/// The name of content by its hash: `sha256:` and 64 lower-case hex digits. See image-spec, descriptor.md, "Digests".
///
/// sha256 is what we compute; sha384 and sha512 are accepted where others give them.
package struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The whole text, algorithm included.
    package let description: String

    /// Accepts a registered algorithm followed by exactly as many lower-case hex digits as it has; nil for anything else.
    @inlinable package init?(_ text: some StringProtocol) { self.init(text: String(text)) }

    @usableFromInline init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let digits = Self.digits[String(decoding: parts[0], as: UTF8.self)], parts[1].count == digits,
            parts[1].allSatisfy(Self.isLowerHex)
        else { return nil }
        description = text
    }

    /// A sha256 digest from its 64 lower-case hex digits.
    package init?(sha256 hex: some StringProtocol) { self.init("sha256:\(hex)") }

    /// For example `sha256`.
    package var algorithm: String { String(description.prefix { $0 != ":" }) }

    /// The digits after the algorithm.
    package var hex: String { String(description.drop { $0 != ":" }.dropFirst()) }

    /// The first 12 digits, as Docker shows an image's id.
    package var short: String { String(hex.prefix(12)) }

    package static func < (a: Digest, b: Digest) -> Bool { a.description < b.description }

    private static let digits = ["sha256": 64, "sha384": 96, "sha512": 128]

    static func isLowerHex(_ byte: UInt8) -> Bool { (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Digest(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "invalid digest: \(text.prefix(160))")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
