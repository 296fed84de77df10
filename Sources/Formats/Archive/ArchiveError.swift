/// An archive or compressed stream that is not what it should be, and where.
package struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `tar`, `gzip`, `zstd`, `xz`.
    package var format: String
    package var reason: String
    /// The offset in the stream of that format, in bytes; for compressed streams in the compressed one.
    package var offset: UInt64

    package init(_ format: String, _ reason: String, at offset: UInt64) {
        self.format = format
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(format): \(reason) at byte \(offset)" }
}
