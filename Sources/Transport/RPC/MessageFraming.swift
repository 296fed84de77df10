/// gRPC's messages in a stream of bytes: a byte that tells of compression, four of length, the message.
package struct MessageFraming: Sendable {
    /// Bytes of one message.
    package static let limit = 16 << 20

    private var bytes: [UInt8] = []

    package init() {}

    package mutating func add(_ piece: [UInt8]) { bytes += piece }

    /// Nil when there is no whole one yet. Throws for one that is too long, or compressed, which nobody may do unasked.
    package mutating func next() throws(RPCStatus) -> [UInt8]? {
        guard bytes.count >= 5 else { return nil }
        guard bytes[0] == 0 else { throw RPCStatus(.unimplemented, "grpc: compressed messages are not taken") }
        let count = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard count <= Self.limit else { throw RPCStatus(.resourceExhausted, "grpc: received message larger than max (\(count) vs. \(Self.limit))") }
        guard bytes.count >= 5 + count else { return nil }
        defer { bytes.removeFirst(5 + count) }
        return Array(bytes[5..<5 + count])
    }

    /// The beginning of a message has come, and its end has not.
    package var isBroken: Bool { !bytes.isEmpty }

    /// A message with what stands before it.
    package static func frame(_ message: [UInt8]) -> [UInt8] {
        let count = UInt32(truncatingIfNeeded: message.count)
        return [0, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + message
    }
}

/// Words in a header, as gRPC has them: percent and what is not printable ASCII as `%XX`.
package enum HeaderText {
    /// One line, whatever the text.
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is not encoded well stays as it is.
    package static func decode(_ text: String) -> String {
        var bytes: [UInt8] = [], rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
