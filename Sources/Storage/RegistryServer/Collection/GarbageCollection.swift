internal import Diagnostics
internal import Linux
internal import OCI
internal import Synchronization
internal import Values

/// Takes away what nothing names any more: layers that no manifest of their repository names, blobs that no repository has, with
/// `untagged` also manifests that no tag leads to, and at last empty repositories.
///
/// It runs beside pushes and pulls. First it looks, without holding anybody up; whatever a push touches from that moment on is left
/// alone (`Leases`), and each deletion looks once more under the lock that pushes take too.
package struct GarbageCollection {
    package struct Options: Sendable {
        /// Tells what would go, and leaves it.
        package var isDryRun = false
        package var untagged = false

        package init(isDryRun: Bool = false, untagged: Bool = false) {
            self.isDryRun = isDryRun
            self.untagged = untagged
        }
    }

    /// What came of it.
    package struct Result: Sendable, Hashable {
        package var blobs = 0
        package var manifests = 0
        /// Of the blobs.
        package var bytes: Int64 = 0
    }

    private let store: RegistryStore
    private let options: Options
    private let tell: (String) -> Void

    private var marked: Set<Digest> = []
    private var manifests: [(repository: RepositoryName, digest: Digest)] = []
    private var links: [(repository: RepositoryName, digest: Digest)] = []

    private init(_ store: RegistryStore, _ options: Options, _ tell: @escaping (String) -> Void) {
        self.store = store
        self.options = options
        self.tell = tell
    }

    /// Does it. `tell` gets the lines that Docker's registry prints. One at a time: the caller sees to it.
    package static func run(_ store: RegistryStore, _ options: Options, tell: @escaping (String) -> Void = { _ in }) throws -> Result {
        store.leases.beginCollection()
        defer { store.leases.endCollection() }
        var collection = GarbageCollection(store, options, tell)
        return try collection.run()
    }

    private mutating func run() throws -> Result {
        for repository in try store.allRepositories().sorted() { try mark(repository) }
        var blobs: [Digest] = []
        try store.allBlobs { digest in
            if !marked.contains(digest), !store.leases.holds(digest), try !isRecent(digest, store.paths.blob(digest)) { blobs.append(digest) }
        }
        tell("\n\(marked.count) blobs marked, \(blobs.count) blobs and \(manifests.count) manifests eligible for deletion")
        for digest in blobs { tell("blob eligible for deletion: \(digest)") }
        for (repository, digest) in links { tell("\(repository): layer link eligible for deletion: \(digest)") }
        if options.isDryRun { return Result(blobs: blobs.count, manifests: manifests.count) }
        Failpoint.hit(.registryCollectAfterMark)
        return try sweep(blobs)
    }

    // MARK: - Looking

    private mutating func mark(_ repository: RepositoryName) throws {
        tell("\(repository)")
        var named: Set<Digest> = []
        for (digest, references) in try keptManifests(of: repository) {
            tell("\(repository): marking manifest \(digest) ")
            marked.insert(digest)
            for reference in references {
                named.insert(reference)
                if marked.insert(reference).inserted { tell("\(repository): marking blob \(reference)") }
            }
        }
        for digest in try RegistryStore.digests(below: store.paths.layers(repository)) {
            let directory = store.paths.layer(repository, digest)
            guard !named.contains(digest), !store.leases.holds(digest), try !isRecent(digest, "\(directory)/link") else {
                // A repository that may give a blob out keeps it, whatever its link calls it.
                if let target = try store.link(in: directory) { marked.insert(target) }
                continue
            }
            links.append((repository, digest))
        }
    }

    /// The manifests that stay, with everything they name. The others are noted for deletion.
    private mutating func keptManifests(of repository: RepositoryName) throws -> [(Digest, [Digest])] {
        var known: [Digest: CheckedManifest?] = [:]
        for digest in try RegistryStore.digests(below: store.paths.revisions(repository)).sorted() {
            // One whose content is gone, or unreadable to us, still stands; it names nothing.
            known[digest] = try store.readManifest(digest, in: repository).flatMap { ManifestCheck.stored($0.bytes) }
        }
        var kept = Set(known.keys)
        if options.untagged {
            let tagged = try store.taggedDigests(of: repository)
            kept = []
            for digest in known.keys {
                let isRoot = try tagged[digest] != nil || store.leases.holds(digest) || isRecent(digest, "\(store.paths.revision(repository, digest))/link")
                if isRoot { kept.insert(digest) }
            }
            // What a list names stays with it, and so does what speaks of something that stays.
            var grows = true
            while grows {
                let before = kept.count
                for digest in kept { for reference in known[digest]??.references ?? [] where known[reference.digest] != nil { kept.insert(reference.digest) } }
                for (digest, manifest) in known { if let subject = manifest?.subject, kept.contains(subject) { kept.insert(digest) } }
                grows = kept.count > before
            }
            for digest in known.keys.sorted() where !kept.contains(digest) {
                tell("manifest eligible for deletion: {\(repository) \(digest) [\(tagged.values.joined().sorted().joined(separator: " "))]}")
                manifests.append((repository, digest))
            }
        }
        return kept.sorted().map { ($0, known[$0]??.references.map(\.digest) ?? []) }
    }

    /// Written shortly before this process began, by one whose pushes may go on.
    private func isRecent(_ digest: Digest, _ path: String) throws -> Bool {
        guard store.leaseDuration > .zero, !store.leases.isFreed(digest), let written = try FileSystem.status(path)?.modified else { return false }
        return written < store.began && store.began - written < store.leaseDuration && Timestamp.now - written < store.leaseDuration
    }

    // MARK: - Deleting

    private func sweep(_ blobs: [Digest]) throws -> Result {
        var result = Result()
        for (repository, digest) in manifests {
            try store.repositoryLocks.with(repository) {
                // It may have got a tag, or a place in a list, meanwhile.
                if store.leases.holds(digest) { return }
                if try store.taggedDigests(of: repository)[digest] != nil { return }
                if try store.removeManifest(digest, in: repository) { result.manifests += 1 }
            }
        }
        for (repository, digest) in links {
            try store.blobLocks.with(digest) {
                if !store.leases.holds(digest) { _ = try store.removeLink(in: store.paths.layer(repository, digest)) }
            }
        }
        Failpoint.hit(.registryCollectAfterLinks)
        for digest in blobs {
            try store.blobLocks.with(digest) {
                if store.leases.holds(digest) { return }
                let size = try FileSystem.status(store.paths.blob(digest))?.size ?? 0
                try FileSystem.removeFile(store.paths.blob(digest))
                try FileSystem.removeTree(store.paths.blobDirectory(digest))
                result.blobs += 1
                result.bytes += size
            }
            Failpoint.hit(.registryCollectAfterBlob)
        }
        for repository in try store.allRepositories() { try removeIfEmpty(repository) }
        return result
    }

    private static func removeEmptyDirectories(_ path: String) throws {
        for entry in try RegistryStore.entries(path) ?? [] { try removeEmptyDirectories("\(path)/\(entry)") }
        // What is not empty stays.
        do throws(SyscallError) { try FileSystem.removeDirectory(path) } catch { return }
    }

    private func removeIfEmpty(_ repository: RepositoryName) throws {
        try store.repositoryLocks.with(repository) {
            let paths = store.paths
            guard try RegistryStore.digests(below: paths.revisions(repository)).isEmpty, try RegistryStore.digests(below: paths.layers(repository)).isEmpty,
                try (RegistryStore.entries(paths.uploads(repository)) ?? []).isEmpty
            else { return }
            // Tags and referrers change under this lock only. Layers do not: what is just being linked must not go with its directory.
            try FileSystem.removeTree(paths.manifests(repository))
            for directory in [paths.layers(repository), paths.uploads(repository)] { try Self.removeEmptyDirectories(directory) }
            var path = repository.description[...]
            while !path.isEmpty {
                do throws(SyscallError) { try FileSystem.removeDirectory("\(paths.repositories)/\(path)") } catch { break }
                path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
            }
            store.cache.forget(repository)
            store.catalogCache.withLock { $0 = nil }
        }
    }
}
