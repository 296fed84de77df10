internal import Archive
internal import Diagnostics
package import Linux
package import OCI
internal import Synchronization
internal import Values

/// A registry's content in a directory: blobs once for all, and for each repository what it may give out and what its tags name.
///
/// All of it is synchronous and safe to call from several threads. One process owns the directory at a time (a lock in it says
/// which), so what is kept in memory is true; the order in which things are written makes it safe to kill that process at any
/// instruction: a link is made after what it names, and removed before it.
package final class RegistryStore: Sendable {
    let paths: RegistryPaths
    let isReadOnly: Bool
    let leases: Leases
    let cache = ManifestCache()
    let uploads: UploadTable
    /// Held while a blob's fate is decided: written, linked, or deleted.
    let blobLocks = LockTable()
    /// Held while a repository's manifests, tags or uploads change.
    let repositoryLocks = LockTable()
    let catalogCache = Mutex<[RepositoryName]?>(nil)
    /// What was written shortly before this process began may belong to pushes that it knows nothing of.
    let began = Timestamp.now
    let leaseDuration: Duration
    private let ownership: OpenFile?

    /// Opens the registry below `root`, which is made when it is not there, and owns it as long as the value lives.
    ///
    /// `leaseDuration`: how long a push may take between its blobs and their manifest before the garbage collection takes them.
    /// Throws `Fault.conflict` when another process owns it. A read-only registry is nobody's: it is neither locked nor made.
    package init(root: String, readOnly: Bool = false, leaseDuration: Duration = .seconds(3600)) throws {
        paths = RegistryPaths(root: root)
        isReadOnly = readOnly
        self.leaseDuration = leaseDuration
        leases = Leases(duration: leaseDuration)
        uploads = UploadTable(paths: paths)
        if readOnly {
            ownership = nil
            return
        }
        try FileSystem.makeDirectories(paths.blobs)
        try FileSystem.makeDirectories(paths.repositories)
        let lock = OpenFile(try FileDescriptor.open(paths.lock, [.readWrite, .create]))
        guard try lock.descriptor.lock(wait: false) else { throw Fault(.conflict, "the registry in \(root) belongs to a running process") }
        ownership = lock
    }

    /// Throws when the directory cannot be read, or written to.
    func probe() throws {
        _ = try FileDescriptor.open(paths.base, [.directory]).entries(limit: 10_000)
        if isReadOnly { return }
        let path = "\(paths.base)/\(UploadID()).probe"
        try FileSystem.replace(path, with: [])
        try FileSystem.removeFile(path)
    }

    // MARK: - Links

    /// What the link in a directory says; nil when there is none, or it is no digest.
    func link(in directory: String) throws -> Digest? {
        guard let bytes = try FileSystem.readIfPresent("\(directory)/link", limit: 1024) else { return nil }
        return Digest(String(decoding: bytes, as: UTF8.self).prefix { !$0.isWhitespace })
    }

    func writeLink(_ digest: Digest, in directory: String, sync: Bool = false) throws {
        let bytes = Array(digest.description.utf8)
        // The collection may take an empty directory away between the two steps.
        var attempts = 8
        while try !Self.writeLink(bytes, in: directory, sync: sync, canFail: attempts > 0) { attempts -= 1 }
        if sync { try FileDescriptor.open(directory, [.directory]).sync() }
    }

    private static func writeLink(_ bytes: [UInt8], in directory: String, sync: Bool, canFail: Bool) throws(SyscallError) -> Bool {
        try FileSystem.makeDirectories(directory)
        do throws(SyscallError) {
            try FileSystem.replace("\(directory)/link", with: bytes, sync: sync)
            return true
        } catch  where error.errno == .noEntry && canFail { return false }
    }

    /// Removes a link and then its directory. Not being there is right.
    func removeLink(in directory: String) throws -> Bool {
        let isRemoved = try FileSystem.removeFile("\(directory)/link")
        try FileSystem.removeTree(directory)
        return isRemoved
    }

    // MARK: - Blobs

    /// A blob as a repository gives it out.
    package struct Blob: Sendable {
        package var digest: Digest
        /// Bytes.
        package var size: Int64
        let path: String
    }

    /// A blob of a repository; nil when it has none of that digest. With `pusher` the client may count on it from now on.
    package func blob(_ digest: Digest, in repository: RepositoryName, for pusher: Pusher? = nil) throws -> Blob? {
        guard let pusher else { return try findBlob(digest, in: repository) }
        return try blobLocks.with(digest) {
            let found = try findBlob(digest, in: repository)
            if found != nil { leases.touch(digest, in: repository, by: pusher) }
            return found
        }
    }

    private func findBlob(_ digest: Digest, in repository: RepositoryName) throws -> Blob? {
        // Other registries link the digests of other algorithms to the sha256 one that the content is kept under.
        guard let target = try link(in: paths.layer(repository, digest)) else { return nil }
        let path = paths.blob(target)
        guard let status = try FileSystem.status(path), status.kind == .regular else { return nil }
        return Blob(digest: digest, size: status.size, path: path)
    }

    /// Opens what `blob` found; nil when it has been deleted since.
    package func open(_ blob: Blob) throws -> OpenFile? {
        try Self.openIfPresent(blob.path)
    }

    private static func openIfPresent(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) { return OpenFile(try FileDescriptor.open(path)) } catch {
            if error.errno == .noEntry { return nil }
            throw error
        }
    }

    /// Lets a repository give out a blob that another one (any, when `source` is nil) has; nil when that has none such.
    package func mount(_ digest: Digest, from source: RepositoryName?, into repository: RepositoryName, by pusher: Pusher) throws -> Blob? {
        try blobLocks.with(digest) {
            var target = digest
            if let source {
                guard let linked = try link(in: paths.layer(source, digest)) else { return nil }
                target = linked
            }
            guard let status = try FileSystem.status(paths.blob(target)) else { return nil }
            leases.touch(digest, in: repository, by: pusher)
            try writeLink(target, in: paths.layer(repository, digest))
            return Blob(digest: digest, size: status.size, path: paths.blob(target))
        }
    }

    /// Takes a blob from a repository; false when it has none such. The content goes when the garbage is collected.
    package func deleteBlob(_ digest: Digest, in repository: RepositoryName) throws -> Bool {
        try blobLocks.with(digest) {
            leases.release(digest, in: repository)
            return try removeLink(in: paths.layer(repository, digest))
        }
    }

    /// Moves a whole, verified file to where the blob belongs, for good; content that is there already stays. Under the blob's lock.
    func place(_ file: borrowing FileDescriptor, at path: String, as digest: Digest) throws {
        let target = paths.blob(digest)
        if try FileSystem.status(target) != nil {
            try FileSystem.removeFile(path)
            return
        }
        try file.sync()
        try FileSystem.makeDirectories(paths.blobDirectory(digest))
        Failpoint.hit(.registryBlobBeforeRename)
        try FileSystem.rename(path, to: target)
        try FileDescriptor.open(paths.blobDirectory(digest), [.directory]).sync()
        Failpoint.hit(.registryBlobAfterRename)
    }

    // MARK: - Repositories

    /// Every repository with a manifest or a tag, in order of bytes.
    package func catalog() throws -> [RepositoryName] {
        if !isReadOnly, let known = catalogCache.withLock({ $0 }) { return known }
        let found = try allRepositories().filter { FileSystem.exists(paths.manifests($0)) }.sorted()
        catalogCache.withLock { $0 = found }
        return found
    }

    /// Every directory that is a repository, whatever is in it, in no order.
    func allRepositories() throws -> [RepositoryName] {
        var found: [RepositoryName] = []
        var pending = [""]
        while let path = pending.popLast() {
            guard let entries = try Self.entries("\(paths.repositories)/\(path)") else { continue }
            if entries.contains(where: { $0 == "_layers" || $0 == "_manifests" || $0 == "_uploads" }), let name = RepositoryName(path) { found.append(name) }
            for entry in entries where !entry.hasPrefix("_") {
                let child = path.isEmpty ? entry : "\(path)/\(entry)"
                // What can be no name, and links out of the tree, are somebody else's.
                if RepositoryName(child) != nil { pending.append(child) }
            }
        }
        return found
    }

    /// The names in a directory; nil when there is none.
    static func entries(_ path: String) throws -> [String]? {
        do throws(SyscallError) {
            return try FileDescriptor.open(path, [.readOnly, .directory, .noFollow]).entries()
        } catch {
            if error.errno == .noEntry || error.errno == .notDirectory || error.errno == .symbolicLinkLoop { return nil }
            throw error
        }
    }

    /// The digests that have a directory `<algorithm>/<digits>` below a path.
    static func digests(below path: String) throws -> [Digest] {
        var found: [Digest] = []
        for algorithm in try entries(path) ?? [] {
            for digits in try entries("\(path)/\(algorithm)") ?? [] {
                if let digest = Digest("\(algorithm):\(digits)") { found.append(digest) }
            }
        }
        return found
    }

    /// Every blob, in no order.
    func allBlobs(_ body: (Digest) throws -> Void) throws {
        for algorithm in try Self.entries(paths.blobs) ?? [] {
            for prefix in try Self.entries("\(paths.blobs)/\(algorithm)") ?? [] {
                for digits in try Self.entries("\(paths.blobs)/\(algorithm)/\(prefix)") ?? [] {
                    if let digest = Digest("\(algorithm):\(digits)") { try body(digest) }
                }
            }
        }
    }
}

/// The hash that a digest was made with, when it is one that we can make.
extension Digest {
    var hasherAlgorithm: ContentHasher.Algorithm? { ContentHasher.Algorithm(rawValue: algorithm) }
}
