internal import Archive
internal import Diagnostics
internal import JSON
internal import Linux
package import OCI
internal import Synchronization
internal import Values

extension RegistryStore {
    // MARK: - Reading

    /// The manifest that a reference names in a repository; nil when there is none.
    package func manifest(_ reference: ManifestReference, in repository: RepositoryName) throws -> StoredManifest? {
        if let known = knownManifest(reference, in: repository) { return known }
        let generation = cache.generation
        let digest: Digest
        switch reference {
        case .tag(let tag):
            guard let named = try link(in: paths.tagCurrent(repository, tag)) else { return nil }
            digest = named
        case .digest(let given): digest = given
        }
        guard let manifest = try readManifest(digest, in: repository) else { return nil }
        if !isReadOnly { cache.remember(manifest, as: reference, in: repository, since: generation) }
        return manifest
    }

    /// Without touching the disk: nil says nothing.
    package func knownManifest(_ reference: ManifestReference, in repository: RepositoryName) -> StoredManifest? {
        cache.manifest(reference, in: repository)
    }

    func readManifest(_ digest: Digest, in repository: RepositoryName) throws -> StoredManifest? {
        guard let target = try link(in: paths.revision(repository, digest)),
            let bytes = try FileSystem.readIfPresent(paths.blob(target), limit: ManifestCheck.sizeLimit + 1)
        else { return nil }
        let mediaType = ManifestCheck.stored(bytes)?.mediaType ?? Self.statedMediaType(bytes)
        return StoredManifest(bytes: bytes, mediaType: mediaType, digest: digest)
    }

    /// What another registry took and we would not: old kinds of manifests are given out as what they say they are.
    private static func statedMediaType(_ bytes: [UInt8]) -> String {
        // Whatever it is, it is not for us to judge any more.
        (try? JSONValue(parsing: bytes))?["mediaType"]?.string ?? "application/octet-stream"
    }

    /// The tags of a repository in order of bytes; nil when there is no such repository.
    package func tags(of repository: RepositoryName) throws -> [String]? {
        guard let names = try Self.entries(paths.tags(repository)) else {
            return FileSystem.exists(paths.manifests(repository)) ? [] : nil
        }
        return names.filter { FileSystem.exists("\(paths.tagCurrent(repository, $0))/link") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Which tags name which digests.
    func taggedDigests(of repository: RepositoryName) throws -> [Digest: [String]] {
        var result: [Digest: [String]] = [:]
        for tag in try tags(of: repository) ?? [] {
            if let digest = try link(in: paths.tagCurrent(repository, tag)) { result[digest, default: []].append(tag) }
        }
        return result
    }

    // MARK: - Writing

    /// Takes a manifest in, under its digest and under `tags`. What it names must be here, but for its subject and what is not `required`.
    /// Sizes are believed, as Docker's registry does: clients check them.
    ///
    /// Throws `MANIFEST_BLOB_UNKNOWN` for each thing that is not.
    package func put(
        _ bytes: [UInt8], _ manifest: CheckedManifest, digest: Digest, tags: [String], in repository: RepositoryName, by pusher: Pusher,
        required: (CheckedManifest.Reference) -> Bool = { _ in true }
    ) throws {
        try hold(manifest.references, in: repository, by: pusher, required)
        try blobLocks.with(digest) {
            leases.touch(digest, in: repository, by: pusher)
            guard !FileSystem.exists(paths.blob(digest)) else { return }
            let beside = "\(paths.blobs)/\(UploadID())"
            do {
                let file = try FileDescriptor.open(beside, [.readWrite, .create, .exclusive])
                try file.writeAll(bytes)
                try place(file, at: beside, as: digest)
            } catch {
                // What is left of it is the first thing to go when the disk is full.
                _ = try? FileSystem.removeFile(beside)
                throw error
            }
        }
        Failpoint.hit(.registryManifestAfterBlob)
        try repositoryLocks.with(repository) {
            if let subject = manifest.subject { try addReferrer(digest, to: subject, in: repository) }
            let isNew = !FileSystem.exists(paths.manifests(repository))
            try writeLink(digest, in: paths.revision(repository, digest), sync: true)
            Failpoint.hit(.registryManifestAfterRevision)
            for tag in tags {
                try writeLink(digest, in: paths.tagIndex(repository, tag, digest))
                try writeLink(digest, in: paths.tagCurrent(repository, tag), sync: true)
            }
            cache.forget(repository)
            if isNew { catalogCache.withLock { $0 = nil } }
        }
        // One pushed by its digest waits for the list that will name it.
        let isNamed = !tags.isEmpty || manifest.subject != nil
        leases.settle(manifest.references.map(\.digest) + (isNamed ? [digest] : []), in: repository, by: pusher)
    }

    /// Takes manifests away that came more than `age` ago; tells how many.
    func expire(olderThan age: Duration) throws -> Int {
        var count = 0
        for repository in try allRepositories() {
            for digest in try Self.digests(below: paths.revisions(repository)) {
                try repositoryLocks.with(repository) {
                    guard let written = try FileSystem.status("\(paths.revision(repository, digest))/link")?.modified, Timestamp.now - written > age else { return }
                    if try removeManifest(digest, in: repository) { count += 1 }
                }
            }
        }
        return count
    }

    /// Takes a tag away; false when there is none such.
    package func deleteTag(_ tag: String, in repository: RepositoryName) throws -> Bool {
        try repositoryLocks.with(repository) {
            defer { cache.forget(repository) }
            guard FileSystem.exists("\(paths.tagCurrent(repository, tag))/link") else { return false }
            try removeTag(tag, in: repository)
            return true
        }
    }

    private func removeTag(_ tag: String, in repository: RepositoryName) throws {
        // The link first: a tag without it is none, whatever of the directory is left.
        try FileSystem.removeFile("\(paths.tagCurrent(repository, tag))/link")
        try FileSystem.removeTree(paths.tag(repository, tag))
    }

    /// Takes a manifest and the tags that name it away; false when there is none such. Its content goes when the garbage is collected.
    package func deleteManifest(_ digest: Digest, in repository: RepositoryName) throws -> Bool {
        try repositoryLocks.with(repository) {
            leases.release(digest, in: repository)
            let named = try readManifest(digest, in: repository).flatMap { ManifestCheck.stored($0.bytes) }?.references.map(\.digest) ?? []
            leases.free(named + [digest])
            return try removeManifest(digest, in: repository)
        }
    }

    /// Under the repository's lock.
    func removeManifest(_ digest: Digest, in repository: RepositoryName) throws -> Bool {
        defer { cache.forget(repository) }
        // What is left of a write that never came to its end goes too.
        guard FileSystem.exists("\(paths.revision(repository, digest))/link") else { return try removeLink(in: paths.revision(repository, digest)) }
        for tag in try taggedDigests(of: repository)[digest] ?? [] { try removeTag(tag, in: repository) }
        if let manifest = try readManifest(digest, in: repository), let subject = ManifestCheck.stored(manifest.bytes)?.subject {
            try FileSystem.removeFile("\(paths.referrers(repository, of: subject))/\(digest.fileName)")
        }
        return try removeLink(in: paths.revision(repository, digest))
    }
}
