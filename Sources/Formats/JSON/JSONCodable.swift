/// A value that is read from and written as JSON directly. Codable's own ways are generic down to each number, and search the program's
/// conformances at run time: these types cost a tenth of that. They remain Codable for those that are not such.
package protocol JSONCodable: Codable {
    /// Throws `DecodingError` for JSON of another kind.
    init(json: JSONValue) throws
    var json: JSONValue { get }
    /// What Go's `omitempty` leaves out: false, 0, nothing, and what has no elements.
    var isZero: Bool { get }
}

extension JSONCodable {
    package init(from decoder: any Decoder) throws { try self.init(json: try decoder.singleValueContainer().decode(JSONValue.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json)
    }

    package var isZero: Bool { false }
}

extension JSONValue {
    /// Makes a value of this document.
    package func decode<T: JSONCodable>(_ type: T.Type) throws -> T { try T(json: self) }

    package init(encoding value: some JSONCodable) throws { self = value.json }

    fileprivate func mismatch(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, DecodingError.Context(codingPath: [], debugDescription: "cannot read a JSON \(kind) as \(type)"))
    }

    fileprivate func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard case .number(let text) = self else { throw mismatch(type) }
        guard let value = T(text) ?? Double(text).flatMap({ T(exactly: $0) }) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "the number \(text) is not a \(type)"))
        }
        return value
    }
}

extension JSON {
    /// Compact text.
    package static func encode(_ value: some JSONCodable) throws -> [UInt8] { value.json.compact }

    /// Reads a value from one document. Throws `JSONError` for what is not JSON and `DecodingError` for what is another value.
    package static func decode<T: JSONCodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T { try T(json: try JSONValue(parsing: bytes)) }

    /// The same from text.
    package static func decode<T: JSONCodable>(_ type: T.Type, from text: String) throws -> T { try T(json: try JSONValue(parsing: text)) }
}

// MARK: - Leaves

extension JSONValue: JSONCodable {
    package init(json: JSONValue) { self = json }
    package var json: JSONValue { self }
    package var isZero: Bool { isNull }
}

extension String: JSONCodable {
    package init(json: JSONValue) throws {
        guard let text = json.string else { throw json.mismatch(String.self) }
        self = text
    }
    package var json: JSONValue { .string(self) }
    package var isZero: Bool { isEmpty }
}

extension Bool: JSONCodable {
    package init(json: JSONValue) throws {
        guard let value = json.bool else { throw json.mismatch(Bool.self) }
        self = value
    }
    package var json: JSONValue { .bool(self) }
    package var isZero: Bool { !self }
}

extension Double: JSONCodable {
    package init(json: JSONValue) throws {
        guard let value = json.double else { throw json.mismatch(Double.self) }
        self = value
    }
    /// JSON has no number for infinities and what is none.
    package var json: JSONValue { isFinite ? .number(Int(exactly: self).map { String($0) } ?? String(self)) : .null }
    package var isZero: Bool { self == 0 }
}

extension JSONCodable where Self: FixedWidthInteger {
    package init(json: JSONValue) throws { self = try json.integer(Self.self) }
    package var json: JSONValue { .number(String(self)) }
    package var isZero: Bool { self == 0 }
}

extension Int: JSONCodable {}
extension Int32: JSONCodable {}
extension Int64: JSONCodable {}
extension UInt8: JSONCodable {}
extension UInt16: JSONCodable {}
extension UInt32: JSONCodable {}
extension UInt64: JSONCodable {}

/// Enumerations are their raw values.
extension JSONCodable where Self: RawRepresentable, RawValue: JSONCodable {
    package init(json: JSONValue) throws {
        guard let value = Self(rawValue: try RawValue(json: json)) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "\(json.compactText) is not a \(Self.self)"))
        }
        self = value
    }
    package var json: JSONValue { rawValue.json }
    package var isZero: Bool { rawValue.isZero }
}

// MARK: - Containers

extension Optional: JSONCodable where Wrapped: JSONCodable {
    package init(json: JSONValue) throws { self = json.isNull ? nil : try Wrapped(json: json) }
    package var json: JSONValue { self?.json ?? .null }
    package var isZero: Bool { self == nil }
}

extension Array: JSONCodable where Element: JSONCodable {
    package init(json: JSONValue) throws {
        guard let items = json.array else { throw json.mismatch([JSONValue].self) }
        var index = 0
        do {
            self = try items.map { item in
                defer { index += 1 }
                return try Element(json: item)
            }
        } catch let error as DecodingError { throw error.at("[\(index - 1)]") }
    }
    package var json: JSONValue { .array(map(\.json)) }
    package var isZero: Bool { isEmpty }
}

/// Written sorted by name, as in Go.
extension Dictionary: JSONCodable where Key == String, Value: JSONCodable {
    package init(json: JSONValue) throws {
        guard let object = json.object else { throw json.mismatch([String: JSONValue].self) }
        self.init(minimumCapacity: object.members.count)
        for member in object.members {
            do { self[member.name] = try Value(json: member.value) } catch let error as DecodingError { throw error.at(member.name) }
        }
    }

    package var json: JSONValue {
        var object = JSONObject()
        for (name, value) in self { object.append(name, value.json) }
        object.members.sort { $0.name < $1.name }
        return .object(object)
    }
    package var isZero: Bool { isEmpty }
}

// MARK: - Errors

extension DecodingError {
    /// The same error, seen from outside of the member `name`.
    func at(_ name: String) -> DecodingError {
        func outside(_ context: Context) -> Context {
            Context(codingPath: [MemberName(name)] + context.codingPath, debugDescription: context.debugDescription, underlyingError: context.underlyingError)
        }
        return switch self {
        case .typeMismatch(let type, let context): .typeMismatch(type, outside(context))
        case .valueNotFound(let type, let context): .valueNotFound(type, outside(context))
        case .keyNotFound(let key, let context): .keyNotFound(key, outside(context))
        case .dataCorrupted(let context): .dataCorrupted(outside(context))
        @unknown default: self
        }
    }
}

struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
