/// Something that a field may hold.
package protocol ProtobufValue: Sendable {
    /// Throws for what is of another wire type.
    init(wire: ProtobufWire, field: Int) throws(ProtobufError)
    var wire: ProtobufWire { get }
    /// It need not be written.
    var isDefault: Bool { get }
}

/// A field's value as it stands in a message.
package enum ProtobufWire: Sendable {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)

    fileprivate func number(_ field: Int) throws(ProtobufError) -> UInt64 {
        guard case .number(let bits) = self else { throw ProtobufError(reason: "not a number", field: field) }
        return bits
    }

    fileprivate func bytes(_ field: Int) throws(ProtobufError) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = self else { throw ProtobufError(reason: "not of bytes", field: field) }
        return bytes
    }
}

extension UInt64: ProtobufValue {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = try wire.number(field) }
    package var wire: ProtobufWire { .number(self) }
    package var isDefault: Bool { self == 0 }
}

/// `int32` and `int64`.
extension Int: ProtobufValue {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = Int(truncatingIfNeeded: try wire.number(field)) }
    package var wire: ProtobufWire { .number(UInt64(bitPattern: Int64(self))) }
    package var isDefault: Bool { self == 0 }
}

extension Bool: ProtobufValue {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = try wire.number(field) != 0 }
    package var wire: ProtobufWire { .number(self ? 1 : 0) }
    package var isDefault: Bool { !self }
}

extension String: ProtobufValue {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = String(decoding: try wire.bytes(field), as: UTF8.self) }
    package var wire: ProtobufWire { .bytes(Array(utf8)[...]) }
    package var isDefault: Bool { isEmpty }
}

extension [UInt8]: ProtobufValue {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = Array(try wire.bytes(field)) }
    package var wire: ProtobufWire { .bytes(self[...]) }
    package var isDefault: Bool { isEmpty }
}

extension ProtobufMessage {
    package init(wire: ProtobufWire, field: Int) throws(ProtobufError) { self = try Self(protobuf: wire.bytes(field)) }
    package var wire: ProtobufWire { .bytes(protobuf()[...]) }
    package var isDefault: Bool { protobuf().isEmpty }
}
