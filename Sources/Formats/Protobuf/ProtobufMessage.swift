/// A message of protocol buffers (proto3). One list of its fields is both its reading and its writing:
///
///     struct Platform: ProtobufMessage {
///         var architecture = "", os = ""
///         mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
///             try f(1, &architecture)
///             try f(2, &os)
///         }
///     }
///
/// Fields that are not listed are passed over; a field that has its default value is not written.
package protocol ProtobufMessage: ProtobufValue {
    init()
    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError)
}

extension ProtobufMessage {
    package init(protobuf bytes: some Collection<UInt8>) throws(ProtobufError) {
        self.init()
        var fields = try ProtobufFields(reading: ArraySlice(bytes))
        try self.fields(&fields)
    }

    /// The message as bytes.
    package func protobuf() -> [UInt8] {
        var copy = self, fields = ProtobufFields()
        // Writing has nothing to fail on.
        try? copy.fields(&fields)
        return fields.written
    }
}

/// What a message's `fields` goes through: each call reads or writes the field of a number.
package struct ProtobufFields {
    /// Fields of one message at most.
    private static let limit = 1 << 20

    /// Nil when writing. In the order in which they came.
    private let given: [Int: [ProtobufWire]]?
    private var writer = ProtobufWriter()

    var written: [UInt8] { writer.bytes }

    init() { given = nil }

    init(reading bytes: ArraySlice<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(bytes), given: [Int: [ProtobufWire]] = [:], count = 0
        while let (number, value) = try reader.next() {
            count += 1
            guard count <= Self.limit else { throw ProtobufError(reason: "too many fields", field: 0) }
            given[number, default: []].append(value)
        }
        self.given = given
    }

    /// A field that there is once; the last one counts.
    package mutating func callAsFunction<Value: ProtobufValue>(_ number: Int, _ value: inout Value) throws(ProtobufError) {
        guard let given else { return value.isDefault ? () : writer.field(number, value.wire) }
        if let last = given[number]?.last { value = try Value(wire: last, field: number) }
    }

    /// A field that may be there or not.
    package mutating func callAsFunction<Value: ProtobufValue>(_ number: Int, _ value: inout Value?) throws(ProtobufError) {
        guard let given else { return value.map { writer.field(number, $0.wire) } ?? () }
        if let last = given[number]?.last { value = try Value(wire: last, field: number) }
    }

    /// A field that may be there many times.
    package mutating func callAsFunction<Value: ProtobufValue>(_ number: Int, _ values: inout [Value]) throws(ProtobufError) {
        guard let given else { return values.forEach { writer.field(number, $0.wire) } }
        for value in given[number] ?? [] { values.append(try Value(wire: value, field: number)) }
    }

    /// A map: on the wire, messages of a key and a value.
    package mutating func callAsFunction<Value: ProtobufValue>(_ number: Int, _ map: inout [String: Value]) throws(ProtobufError) {
        if given == nil {
            var entries = map.sorted { $0.key < $1.key }.map { MapEntry(key: $0.key, value: $0.value) }
            return try self(number, &entries)
        }
        var entries: [MapEntry<Value>] = []
        try self(number, &entries)
        for entry in entries {
            if let value = entry.value { map[entry.key] = value } else { map[entry.key] = try Value(wire: .bytes([]), field: number) }
        }
    }

    private struct MapEntry<Value: ProtobufValue>: ProtobufMessage {
        var key = ""
        var value: Value?

        init() {}

        init(key: String, value: Value) {
            self.key = key
            self.value = value
        }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &key)
            try f(2, &value)
        }
    }
}
