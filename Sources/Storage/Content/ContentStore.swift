package import Archive
internal import Diagnostics
internal import Linux
package import OCI
internal import Values

/// Blobs by digest, in a directory that is a valid OCI image layout (image-spec, image-layout.md).
///
/// A blob is written under `ingest/`, hashed on its way, synced, and renamed into place: what stands under `blobs/` is whole.
/// Which blobs are wanted is not known here; whoever keeps rows about them also deletes.
package struct ContentStore: Sendable {
    /// The layout's directory.
    package let path: String

    package init(path: String) { self.path = path }

    /// Makes the layout unless it is there.
    package func prepare() throws {
        try FileSystem.makeDirectories("\(path)/blobs/sha256", mode: 0o711)
        try FileSystem.makeDirectories("\(path)/ingest", mode: 0o700)
        if !FileSystem.exists("\(path)/index.json") {
            try FileSystem.replace("\(path)/index.json", with: Document.encode(Index(manifests: [])))
        }
        // Written last: it is what marks the directory as a layout.
        if !FileSystem.exists("\(path)/oci-layout") { try FileSystem.replace("\(path)/oci-layout", with: Document.encode(ImageLayout())) }
    }

    /// Where a blob lies, or would.
    package func blobPath(_ digest: Digest) -> String { "\(path)/blobs/\(digest.algorithm)/\(digest.hex)" }

    /// The size of a blob in bytes; nil when it is not here.
    package func size(of digest: Digest) throws -> Int64? { try FileSystem.status(blobPath(digest))?.size }

    package func contains(_ digest: Digest) -> Bool { FileSystem.exists(blobPath(digest)) }

    /// A blob for reading. Throws `Fault.notFound` when it is not here.
    package func open(_ digest: Digest) throws -> FileSource {
        do throws(SyscallError) {
            return FileSource(try FileDescriptor.open(blobPath(digest)))
        } catch {
            throw error.errno == .noEntry ? Fault(.notFound, "no such blob: \(digest)") : error
        }
    }

    /// A whole small blob; throws past `limit` bytes.
    package func bytes(of digest: Digest, limit: Int = Document.limit) throws -> [UInt8] {
        try BlockReader().bytes(of: open(digest), limit: limit)
    }

    /// Takes everything that `source` has. When `expected` is given and it is something else, nothing is kept and
    /// `Fault.invalid` thrown. Content that is already here is not written twice to disk.
    @discardableResult
    package func ingest(_ source: any ByteSource, expected: Digest? = nil) throws -> (digest: Digest, size: Int64) {
        let ingest = try Ingest(in: self)
        try BlockReader().copy(source, to: ingest)
        return try ingest.commit(expected: expected)
    }

    /// Takes bytes in memory.
    @discardableResult
    package func ingest(_ bytes: [UInt8]) throws -> Digest {
        let digest = ContentHasher.digest(bytes)
        if contains(digest) { return digest }
        return try ingest(MemorySource(bytes), expected: digest).digest
    }

    /// Removes a blob; not being here is right.
    package func delete(_ digest: Digest) throws { try FileSystem.removeFile(blobPath(digest)) }

    /// Every blob here.
    package func digests() throws -> [Digest] {
        var all: [Digest] = []
        for algorithm in try FileDescriptor.open("\(path)/blobs", [.directory]).entries() {
            all += try FileDescriptor.open("\(path)/blobs/\(algorithm)", [.directory]).entries().compactMap { Digest("\(algorithm):\($0)") }
        }
        return all
    }

    /// Deletes what unfinished ingests left behind. Those under way hold a lock on their file and stay; so do blobs that came in part
    /// and may be gone on with, as long as `keepsPartial` and no older than `PartialBlob.age`.
    package func removeStaleIngests(keepsPartial: Bool = true) throws {
        let directory = try FileDescriptor.open("\(path)/ingest", [.directory])
        let oldest = Timestamp.now + .seconds(-PartialBlob.ageSeconds)
        for name in try directory.entries() {
            if keepsPartial, PartialBlob.isName(name), let status = try directory.statusIfAny(of: PathBytes(name)), status.modified > oldest { continue }
            if try Self.isStale(name, in: directory) { try FileSystem.removeFile("\(path)/ingest/\(name)") }
        }
    }

    /// True when no process writes it any more.
    private static func isStale(_ name: String, in directory: borrowing FileDescriptor) throws(SyscallError) -> Bool {
        guard try directory.statusIfAny(of: PathBytes(name)) != nil else { return false }
        let file = try directory.open(name, [.readOnly, .noFollow])
        return try file.lock(wait: false)
    }
}

/// One blob on its way in; forgotten and deleted unless committed.
package final class Ingest: ByteSink {
    private let store: ContentStore
    private let path: String
    private let file: FileDescriptor
    private let hasher = ContentHasher()
    private var size: Int64 = 0
    private var committed = false

    package init(in store: ContentStore) throws {
        self.store = store
        path = "\(store.path)/ingest/\(Identifier.random())"
        file = try FileDescriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600)
        _ = try file.lock()
    }

    deinit {
        // A leftover is removed at the next start.
        if !committed { _ = try? FileSystem.removeFile(path) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try unsafe file.writeAll(bytes)
        unsafe hasher.update(bytes)
        size += Int64(bytes.count)
    }

    /// Puts the blob in its place, on disk for good.
    package func commit(expected: Digest? = nil) throws -> (digest: Digest, size: Int64) {
        let digest = hasher.finish()
        if let expected, expected != digest { throw Fault(.invalid, "content is \(digest), expected \(expected)") }
        if !store.contains(digest) {
            try file.sync()
            try FileSystem.rename(path, to: store.blobPath(digest))
            committed = true
        }
        return (digest, size)
    }
}
