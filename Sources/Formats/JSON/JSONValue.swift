/// Any JSON document, with the members of objects in the order they were written in and numbers as they were spelt,
/// so that what is read can be shown again unchanged (`docker inspect` keeps the engine's order).
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The digits, valid by JSON's grammar.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package init(_ number: Int) { self = .number(String(number)) }

    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The word for what it is, for errors.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    package var isNull: Bool { if case .null = self { true } else { false } }

    /// A whole number, when it is one that fits.
    package var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }

    /// The member of an object; nil for anything else.
    package subscript(key: String) -> JSONValue? { object?[key] }
}

/// The members of a JSON object, in order. Of members with the same name the last one counts, as in Go.
package struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue
    }

    package var members: [Member] = []

    package init() {}
    package init(dictionaryLiteral members: (String, JSONValue)...) { self.members = members.map { Member(name: $0.0, value: $0.1) } }

    package subscript(name: String) -> JSONValue? {
        get { members.last { $0.name == name }?.value }
        set {
            if let newValue, let index = members.lastIndex(where: { $0.name == name }) {
                members[index].value = newValue
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            } else {
                members.removeAll { $0.name == name }
            }
        }
    }

    package mutating func append(_ name: String, _ value: JSONValue) { members.append(Member(name: name, value: value)) }
}

/// Text that is not JSON, and where.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: String
    /// Bytes before the place.
    package var offset: Int
    package var description: String { "invalid JSON at byte \(offset): \(reason)" }
}
