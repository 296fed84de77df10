internal import Archive
internal import Diagnostics
package import Linux
package import OCI
internal import Synchronization
internal import Values

/// A blob that comes in over a network: in several goes if need be, and by several processes one after the other.
///
/// What has come stays in `ingest/` under the digest that it shall have, and the next go continues there. Nothing tells whether those
/// bytes are right until all are there: then they are hashed. Its owner holds a lock on the file.
package final class PartialBlob: Sendable {
    /// How long what nobody goes on with is kept.
    package static let ageSeconds = 24 * 3600
    private static let prefix = "partial-"

    package let digest: Digest
    /// Bytes of the whole blob.
    package let size: Int64
    package let file: OpenFile
    private let store: ContentStore
    private let path: String
    private let state: Mutex<Int64>

    /// Opens what there is of a blob, or makes an empty one; waits while another has it. Nil when the whole blob is in the store.
    package static func open(_ digest: Digest, size: Int64, in store: ContentStore) throws -> PartialBlob? {
        let path = "\(store.path)/ingest/\(prefix)\(digest.algorithm)-\(digest.hex)"
        while true {
            if store.contains(digest) { return nil }
            let file = OpenFile(try FileDescriptor.open(path, [.readWrite, .create, .noFollow], mode: 0o600))
            _ = try file.descriptor.lock()
            // Whoever had it may have finished it, or thrown it away.
            let mine = try file.descriptor.status()
            guard let there = try FileSystem.status(path), there.inode == mine.inode, there.device == mine.device else { continue }
            return try PartialBlob(digest, size, file, store, path, received: mine.size)
        }
    }

    static func isName(_ name: String) -> Bool { name.hasPrefix(prefix) }

    private init(_ digest: Digest, _ size: Int64, _ file: OpenFile, _ store: ContentStore, _ path: String, received: Int64) throws {
        self.digest = digest
        self.size = size
        self.file = file
        self.store = store
        self.path = path
        state = Mutex(received)
        if received > size { try restart() }
    }

    /// Bytes that are there.
    package var received: Int64 { state.withLock { $0 } }

    /// Adds bytes at the end. Throws `Fault.invalid` when that is more than the blob has.
    package func append(_ bytes: [UInt8]) throws {
        try state.withLock { received in
            guard Int64(bytes.count) <= size - received else { throw Fault(.invalid, "the blob \(digest) has more than the \(size) bytes of its descriptor") }
            try unsafe bytes.withUnsafeBytes { try unsafe file.descriptor.writeAll($0, at: received) }
            received += Int64(bytes.count)
        }
    }

    /// Forgets what has come.
    package func restart() throws {
        try state.withLock { received in
            try file.descriptor.setSize(0)
            received = 0
        }
    }

    /// Throws it away.
    package func delete() throws { try FileSystem.removeFile(path) }

    /// Reads all of it. Throws `Fault.invalid` when it is not what its digest says.
    package func verify() throws {
        let source = HashingSource(FileSource(try FileDescriptor.open(path)), ContentHasher.Algorithm(rawValue: digest.algorithm) ?? .sha256)
        try BlockReader().drain(source)
        let found = source.digest()
        guard found == digest else { throw Fault(.invalid, "the blob \(digest) is \(found)") }
    }

    /// Puts the blob into the store, on disk for good. The caller has hashed it.
    package func commit() throws {
        try file.descriptor.sync()
        let directory = "\(store.path)/blobs/\(digest.algorithm)"
        if digest.algorithm != "sha256" { try FileSystem.makeDirectories(directory, mode: 0o711) }
        try FileSystem.rename(path, to: store.blobPath(digest))
    }
}
