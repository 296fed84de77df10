extension JSONValue {
    /// Makes a value of this document.
    package func decode<T: Decodable>(_ type: T.Type) throws -> T { try Source(json: self, codingPath: []).decode(type) }
}

/// A decoding container that can give its JSON away whole.
protocol JSONSource {
    var json: JSONValue { get }
}

/// One value being decoded: decoder and single-value container at once.
private struct Source: Decoder, SingleValueDecodingContainer, JSONSource {
    let json: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func mismatch<T>(_ type: T.Type) -> DecodingError {
        .typeMismatch(type, DecodingError.Context(codingPath: codingPath, debugDescription: "cannot read a JSON \(json.kind) as \(type)"))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = json.object else { throw mismatch([String: JSONValue].self) }
        return KeyedDecodingContainer(Members<Key>(object: object, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let array = json.array else { throw mismatch([JSONValue].self) }
        return Items(items: array, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { json.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value = json.bool else { throw mismatch(type) }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = json.string else { throw mismatch(type) }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = json.double else { throw mismatch(type) }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard case .number(let text) = json else { throw mismatch(type) }
        guard let value = T(text) ?? Double(text).flatMap({ T(exactly: $0) }) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: "the number \(text) is not a \(type)"))
        }
        return value
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // What most fields are, without the detour over a container.
        if T.self == String.self, let value = try decode(String.self) as? T { return value }
        if T.self == Int.self, let value = try decode(Int.self) as? T { return value }
        if T.self == Bool.self, let value = try decode(Bool.self) as? T { return value }
        if T.self == JSONValue.self, let value = json as? T { return value }
        return try T(from: self)
    }
}

private struct Index: CodingKey {
    var stringValue: String
    var intValue: Int?
    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) {
        stringValue = "[\(intValue)]"
        self.intValue = intValue
    }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: JSONObject
    let codingPath: [any CodingKey]
    /// Where the next member is likely to stand: types are mostly read in the order they were written.
    private let cursor: Cursor

    private final class Cursor {
        var next = 0
        /// False when some name stands twice: then the last one counts, and only a search finds it.
        let isDistinct: Bool
        init(_ object: JSONObject) { isDistinct = Set(object.members.lazy.map(\.name)).count == object.members.count }
    }

    init(object: JSONObject, codingPath: [any CodingKey]) {
        self.object = object
        self.codingPath = codingPath
        cursor = Cursor(object)
    }

    var allKeys: [Key] { object.members.compactMap { Key(stringValue: $0.name) } }
    func contains(_ key: Key) -> Bool { find(key.stringValue) != nil }

    private func find(_ name: String) -> JSONValue? {
        let members = object.members
        let next = cursor.next
        if cursor.isDistinct, next < members.count, members[next].name == name {
            cursor.next = next + 1
            return members[next].value
        }
        guard let index = members.lastIndex(where: { $0.name == name }) else { return nil }
        cursor.next = index + 1
        return members[index].value
    }

    private func source(_ key: any CodingKey) throws -> Source {
        guard let json = find(key.stringValue) else {
            throw DecodingError.keyNotFound(key, DecodingError.Context(codingPath: codingPath, debugDescription: "no member \(key.stringValue)"))
        }
        return Source(json: json, codingPath: codingPath + [key])
    }

    func decodeNil(forKey key: Key) throws -> Bool { try source(key).json.isNull }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try source(key).decode(type) }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let json = find(key.stringValue), !json.isNull else { return nil }
        // The path is for errors, and these have none when the JSON is of their kind.
        if T.self == String.self, case .string(let text) = json { return text as? T }
        if T.self == Bool.self, case .bool(let value) = json { return value as? T }
        if T.self == Int.self, let number = json.int { return number as? T }
        return try Source(json: json, codingPath: codingPath + [key]).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try source(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try source(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { try source(Index(stringValue: "super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try source(key) }
}

private struct Items: UnkeyedDecodingContainer {
    let items: [JSONValue]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    init(items: [JSONValue], codingPath: [any CodingKey]) {
        self.items = items
        self.codingPath = codingPath
    }

    private mutating func next() throws -> Source {
        let path = codingPath + [Index(intValue: currentIndex)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(JSONValue.self, DecodingError.Context(codingPath: path, debugDescription: "the array has ended"))
        }
        defer { currentIndex += 1 }
        return Source(json: items[currentIndex], codingPath: path)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, items[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
