package import Values

/// A value that is text in JSON.
package protocol JSONText: JSONCodable, CustomStringConvertible {
    init?(_ text: String)
}

extension JSONText {
    package init(json: JSONValue) throws {
        let text = try String(json: json)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "not a valid \(Self.self): \(text.prefix(160))"))
        }
        self = value
    }
    package var json: JSONValue { .string(description) }
}

// Those of Values are Codable by themselves, too, for modules that know no JSON.

extension Timestamp: JSONText {
    /// Go's zero time, which has a text of its own.
    package var isZero: Bool { self == .never }
}

extension Identifier: JSONText {}
extension IPAddress: JSONText {}
extension IPPrefix: JSONText {}
extension MACAddress: JSONText {}
