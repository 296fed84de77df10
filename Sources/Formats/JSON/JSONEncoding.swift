extension JSONValue {
    /// What a value encodes itself as. Members stand in the order they were encoded in; those of dictionaries are sorted, as in Go.
    package init(encoding value: some Encodable) throws {
        let node = Node()
        try node.encode(value)
        self = node.value
    }
}

/// Codable to and from JSON text. Unlike FoundationEssentials' coders these keep the order of members, cost nothing at start,
/// and read numbers exactly.
package enum JSON {
    /// Compact text.
    package static func encode(_ value: some Encodable) throws -> [UInt8] { try JSONValue(encoding: value).compact }

    /// Reads a value from one document. Throws `JSONError` for what is not JSON and `DecodingError` for what is another value.
    package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try JSONValue(parsing: bytes).decode(type)
    }

    /// The same from text.
    package static func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        try JSONValue(parsing: text).decode(type)
    }
}

/// The type of key that the standard library encodes dictionaries of strings with; it has no name that can be written.
/// Found once by encoding one: asking each value for a protocol would search all of the program's conformances.
private let dictionaryKey: ObjectIdentifier? = {
    let node = Node()
    // A dictionary of strings always encodes.
    try? ["": ""].encode(to: node)
    return node.keyType
}()

/// A value being encoded; a class because Codable's containers outlive the calls that make them.
private final class Node: Encoder {
    var leaf: JSONValue = .null
    var items: [Node]?
    var members: [(name: String, node: Node)]?
    /// What the members' keys are.
    var keyType: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init() {}
    init(_ leaf: JSONValue) { self.leaf = leaf }

    var value: JSONValue {
        if let members {
            var object = JSONObject()
            object.members = members.map { JSONObject.Member(name: $0.name, value: $0.node.value) }
            if members.count > 1, keyType == dictionaryKey { object.members.sort { $0.name < $1.name } }
            return .object(object)
        }
        return items.map { .array($0.map(\.value)) } ?? leaf
    }

    func encode<T: Encodable>(_ value: T) throws {
        // Comparing types first: a cast that fails costs far more than one that cannot.
        if T.self == String.self, let text = value as? String {
            leaf = .string(text)
        } else if T.self == Int.self, let number = value as? Int {
            leaf = JSONValue(number)
        } else if T.self == Bool.self, let bool = value as? Bool {
            leaf = .bool(bool)
        } else if T.self == JSONValue.self, let json = value as? JSONValue {
            leaf = json
        } else {
            try value.encode(to: self)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if members == nil {
            members = []
            keyType = ObjectIdentifier(Key.self)
        }
        return KeyedEncodingContainer(Keyed<Key>(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if items == nil { items = [] }
        return Unkeyed(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: self) }

    func member(_ name: String) -> Node {
        let node = Node()
        members?.append((name, node))
        return node
    }

    func item() -> Node {
        let node = Node()
        items?.append(node)
        return node
    }
}

private func number(_ value: Double) throws -> JSONValue {
    guard value.isFinite else {
        throw EncodingError.invalidValue(value, EncodingError.Context(codingPath: [], debugDescription: "JSON has no number for \(value)"))
    }
    return .number(Int(exactly: value).map { String($0) } ?? String(value))
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws { node.member(key.stringValue).leaf = .null }
    mutating func encode(_ value: Bool, forKey key: Key) throws { node.member(key.stringValue).leaf = .bool(value) }
    mutating func encode(_ value: String, forKey key: Key) throws { node.member(key.stringValue).leaf = .string(value) }
    mutating func encode(_ value: Int, forKey key: Key) throws { node.member(key.stringValue).leaf = JSONValue(value) }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try node.member(key.stringValue).encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        node.member(key.stringValue).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { node.member(key.stringValue).unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { node.member("super") }
    mutating func superEncoder(forKey key: Key) -> any Encoder { node.member(key.stringValue) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let node: Node
    var codingPath: [any CodingKey] { [] }
    var count: Int { node.items?.count ?? 0 }

    mutating func encodeNil() throws { node.item().leaf = .null }
    mutating func encode<T: Encodable>(_ value: T) throws { try node.item().encode(value) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        node.item().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.item().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { node.item() }
}

private struct Single: SingleValueEncodingContainer {
    let node: Node
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws { node.leaf = .null }
    mutating func encode(_ value: Bool) throws { node.leaf = .bool(value) }
    mutating func encode(_ value: String) throws { node.leaf = .string(value) }
    mutating func encode(_ value: Double) throws { node.leaf = try number(value) }
    mutating func encode(_ value: Float) throws { node.leaf = try number(Double(value)) }
    mutating func encode(_ value: Int) throws { node.leaf = JSONValue(value) }
    mutating func encode(_ value: Int8) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: Int16) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: Int32) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: Int64) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: UInt) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: UInt8) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: UInt16) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: UInt32) throws { node.leaf = .number(String(value)) }
    mutating func encode(_ value: UInt64) throws { node.leaf = .number(String(value)) }
    mutating func encode<T: Encodable>(_ value: T) throws { try node.encode(value) }
}

extension JSONValue: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let text): if let int = Int(text) { try container.encode(int) } else { try container.encode(Double(text) ?? 0) }
        case .string(let value): try container.encode(value)
        case .array(let items): try container.encode(items)
        case .object(let object):
            try container.encode(Dictionary(object.members.map { ($0.name, $0.value) }) { _, last in last })
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let whole = container as? any JSONSource {
            self = whole.json
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a JSON value can only be read from JSON")
        }
    }
}
