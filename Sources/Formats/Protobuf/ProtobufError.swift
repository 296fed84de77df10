/// Bytes that are no message, and where.
package struct ProtobufError: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: String
    /// The number of the field; 0 when it is about none.
    package var field: Int

    package var description: String { field > 0 ? "protobuf: field \(field): \(reason)" : "protobuf: \(reason)" }
}
