package import Values

/// A type with the zero value that Go gives a field which is absent from JSON, or null in it.
///
/// Docker's wire format is what Go's encoding/json makes of Go structs: a field that is missing reads as zero, and a zero
/// is written unless the field is tagged `omitempty`. Every type of this module follows that, so that it can stand both
/// for what clients send and for what they expect.
package protocol GoZero {
    static var zero: Self { get }
}

extension String: GoZero { package static var zero: String { "" } }
extension Bool: GoZero { package static var zero: Bool { false } }
extension Int: GoZero {}
extension UInt64: GoZero {}
extension Timestamp: GoZero { package static var zero: Timestamp { .never } }
extension Array: GoZero { package static var zero: [Element] { [] } }
extension Dictionary: GoZero { package static var zero: [Key: Value] { [:] } }

extension KeyedDecodingContainer {
    /// The field, or its zero when absent or null.
    func value<T: Decodable & GoZero>(_ key: Key) throws -> T {
        try decodeIfPresent(T.self, forKey: key) ?? .zero
    }

    /// The field, or nil when absent or null.
    func optional<T: Decodable>(_ key: Key) throws -> T? {
        try decodeIfPresent(T.self, forKey: key)
    }

    /// A list of words, which may also be given as one string: Docker's `strslice`.
    func words(_ key: Key) throws -> [String]? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        if let word = try? decode(String.self, forKey: key) { return [word] }  // Not a string: the list below says what is wrong.
        return try decode([String].self, forKey: key)
    }
}

extension KeyedEncodingContainer {
    mutating func put<T: Encodable>(_ value: T, _ key: Key) throws {
        try encode(value, forKey: key)
    }

    mutating func put<T: Encodable>(_ value: T?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
    }

    mutating func putUnlessZero<T: Encodable & GoZero & Equatable>(_ value: T, _ key: Key) throws {
        if value != .zero { try encode(value, forKey: key) }
    }

    mutating func putUnlessEmpty<T: Encodable>(_ value: T?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) }
    }

    mutating func putUnlessEmpty<T: Encodable & Collection>(_ value: T?, _ key: Key) throws {
        if let value, !value.isEmpty { try encode(value, forKey: key) }
    }
}
