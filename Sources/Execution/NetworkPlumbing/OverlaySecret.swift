import Archive
import Linux
import OCI
package import Values

/// What all hosts of an encrypted overlay network have in common. Keys follow from it: one for each direction between two hosts.
package struct OverlaySecret: Sendable, Hashable {
    /// Least bytes, and the most that are read.
    package static let lengths = 16...4096

    private let digest: [UInt8]
    /// What each host made up lately and told the others. With it keys are never used again: what was recorded before is refused, and what is
    /// sent twice. Empty where nobody could tell.
    package var lives: [IPAddress: [UInt8]] = [:]

    /// Of bytes that nobody else knows; nil when they are too few or too many. White space at the end does not count.
    package init?(_ bytes: [UInt8]) {
        let text = bytes.reversed().drop { $0 == 0x0a || $0 == 0x0d || $0 == 0x20 }
        guard Self.lengths.contains(text.count) else { return nil }
        digest = ContentHasher.digest(text.reversed()).bytes
    }

    /// Of a file that only its owner may read.
    package init(file path: String) throws(PlumbingError) {
        let (bytes, mode): ([UInt8], UInt32)
        do throws(SyscallError) {
            mode = try FileSystem.status(path)?.mode ?? 0
            bytes = try FileSystem.read(path, limit: Self.lengths.upperBound + 1)
        } catch { throw .kernel("read the key of an overlay network", error) }
        guard mode & 0o077 == 0 else { throw .invalid("key file \(path) is open to others: it must have mode 0600") }
        guard let secret = Self(bytes) else { throw .invalid("key file \(path) must have \(Self.lengths.lowerBound) to \(Self.lengths.upperBound) bytes") }
        self = secret
    }

    /// The number and the key of what goes from one host to another on the network with this identifier.
    func association(_ identifier: UInt32, from source: IPAddress, to destination: IPAddress) -> (index: UInt32, key: [UInt8]) {
        let lives = [source, destination].compactMap { self.lives[$0] }.flatMap { ContentHasher.digest($0).bytes }
        // Everything has a fixed length, so no two inputs are the same bytes.
        func derive(_ purpose: UInt8) -> [UInt8] {
            let number = (0..<4).map { UInt8(truncatingIfNeeded: identifier >> (8 * UInt32($0))) }
            return ContentHasher.digest(digest + number + [purpose, source.family.rawValue] + source.bytes + destination.bytes + lives).bytes
        }
        let index = derive(0).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        // Those below 256 are reserved.
        return (index | 0x100, Array(derive(1).prefix(20)))
    }
}

extension Digest {
    fileprivate var bytes: [UInt8] { Hex.decode(hex) ?? [] }
}
