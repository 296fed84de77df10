internal import JSON
internal import Linux
package import OCI

// What is kept for who pushes: see `Leases`.
extension RegistryStore {
    /// Manifests of one list that are looked into at most; of those past that only they themselves are kept.
    private static let manifestLimit = 1000

    /// A manifest for a client that pushes: what it is told to be here stays, with all that it names, until it has named it.
    package func manifest(_ digest: Digest, in repository: RepositoryName, for pusher: Pusher) throws -> StoredManifest? {
        guard let found = try readManifest(digest, in: repository), try keep(manifest: digest, in: repository, by: pusher) else { return nil }
        return found
    }

    /// Keeps what is here of `references` for the pusher, and throws for what is not and must be.
    func hold(
        _ references: [CheckedManifest.Reference], in repository: RepositoryName, by pusher: Pusher, _ required: (CheckedManifest.Reference) -> Bool
    ) throws {
        var missing: [RegistryError] = []
        var checked: Set<Digest> = []
        for reference in references where reference.kind != .foreign && checked.insert(reference.digest).inserted {
            let isManifest = try reference.kind == .manifest && keep(manifest: reference.digest, in: repository, by: pusher)
            if try !isManifest && !keep(blob: reference.digest, in: repository, by: pusher), required(reference) {
                missing.append(RegistryError(.manifestBlobUnknown, detail: .string(reference.digest.description)))
            }
        }
        guard missing.isEmpty else { throw RegistryErrors(missing) }
    }

    /// False when there is none such in the repository. A collection takes manifests before it takes what they name, so that what a manifest names
    /// is kept first: where the manifest is still here after that, so is all that was with it.
    private func keep(manifest digest: Digest, in repository: RepositoryName, by pusher: Pusher) throws -> Bool {
        var manifests = [digest], seen: Set = [digest], next = 0
        while next < min(manifests.count, Self.manifestLimit) {
            let references = try readManifest(manifests[next], in: repository).flatMap { ManifestCheck.stored($0.bytes) }?.references ?? []
            for reference in references where reference.kind != .foreign && seen.insert(reference.digest).inserted {
                if reference.kind == .manifest { manifests.append(reference.digest) } else { _ = try keep(blob: reference.digest, in: repository, by: pusher) }
            }
            next += 1
        }
        var isHere = false
        for manifest in manifests.reversed() {
            isHere = try repositoryLocks.with(repository) {
                guard let target = try link(in: paths.revision(repository, manifest)), FileSystem.exists(paths.blob(target)) else { return false }
                leases.touch(manifest, in: repository, by: pusher)
                return true
            }
        }
        // It is the manifest alone that waits for its name.
        leases.settle(seen.subtracting([digest]), in: repository, by: pusher)
        return isHere
    }

    private func keep(blob digest: Digest, in repository: RepositoryName, by pusher: Pusher) throws -> Bool {
        // Under the lock in which the collection decides: what is found now stays.
        try blobLocks.with(digest) {
            guard let target = try link(in: paths.layer(repository, digest)) ?? link(in: paths.revision(repository, digest)), FileSystem.exists(paths.blob(target))
            else { return false }
            leases.touch(digest, in: repository, by: pusher)
            return true
        }
    }
}
