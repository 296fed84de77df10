/// Messages over TCP, each after its length in two bytes: RFC 1035, 4.2.2.
package enum DNSFraming {
    /// The message with its length; nil for one that is too long.
    package static func frame(_ message: [UInt8]) -> [UInt8]? {
        guard let length = UInt16(exactly: message.count) else { return nil }
        return [UInt8(length >> 8), UInt8(length & 255)] + message
    }

    /// Takes the first whole message off what has come; nil when it is not there yet.
    package static func takeMessage(from bytes: inout [UInt8]) -> [UInt8]? {
        guard bytes.count >= 2 else { return nil }
        let end = 2 + (Int(bytes[0]) << 8 | Int(bytes[1]))
        guard bytes.count >= end else { return nil }
        defer { bytes.removeSubrange(..<end) }
        return Array(bytes[2..<end])
    }
}
