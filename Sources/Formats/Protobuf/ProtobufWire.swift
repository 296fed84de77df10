/// Reads the wire format of protocol buffers: https://protobuf.dev/programming-guides/encoding. Groups, which nobody has used for long, are
/// refused.
struct ProtobufReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Nil at the end.
    mutating func next() throws(ProtobufError) -> (number: Int, value: ProtobufWire)? {
        if rest.isEmpty { return nil }
        let key = try varint(), number = Int(truncatingIfNeeded: key >> 3)
        guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw ProtobufError(reason: "no number of a field", field: 0) }
        switch key & 7 {
        case 0: return (number, .number(try varint()))
        case 1: return (number, .number(try fixed(8, number)))
        case 2:
            let count = try varint()
            guard count <= UInt64(rest.count) else { throw ProtobufError(reason: "longer than the message", field: number) }
            return (number, .bytes(take(Int(count))))
        case 5: return (number, .number(try fixed(4, number)))
        default: throw ProtobufError(reason: "wire type \(key & 7) is not known", field: number)
        }
    }

    /// Throws when it is cut off, or has more than 64 bits.
    mutating func varint() throws(ProtobufError) -> UInt64 {
        var result: UInt64 = 0, shift: UInt64 = 0
        while let byte = rest.popFirst() {
            if shift == 63, byte > 1 { break }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        throw ProtobufError(reason: "a number is cut off or too large", field: 0)
    }

    private mutating func fixed(_ count: Int, _ number: Int) throws(ProtobufError) -> UInt64 {
        guard rest.count >= count else { throw ProtobufError(reason: "cut off", field: number) }
        return take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

/// Writes it.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func field(_ number: Int, _ value: ProtobufWire) {
        let key = UInt64(truncatingIfNeeded: number) << 3
        switch value {
        case .number(let bits):
            varint(key)
            varint(bits)
        case .bytes(let piece):
            varint(key | 2)
            varint(UInt64(piece.count))
            bytes += piece
        }
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}
