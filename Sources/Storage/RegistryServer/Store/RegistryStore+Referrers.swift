internal import Linux
package import OCI

// Who names a manifest as its subject: distribution-spec, "Listing Referrers". An empty file for each, in a directory of the subject, so
// that asking costs as much as there is to tell. Directories that another registry wrote get them made when they are first needed.
extension RegistryStore {
    /// The most that one answer tells of, by default.
    package static let referrersPage = 1000

    /// Descriptors of the manifests that name `subject`, in the order of their digests, from the first after `last` on.
    package func referrers(
        of subject: Digest, in repository: RepositoryName, artifactType: String?, after last: Digest?, limit: Int = referrersPage
    ) throws -> (descriptors: [Descriptor], hasMore: Bool) {
        if !FileSystem.exists(paths.referrers(repository)) { try repositoryLocks.with(repository) { try buildReferrers(of: repository) } }
        var found: [Descriptor] = []
        let digests = (try Self.entries(paths.referrers(repository, of: subject)) ?? []).compactMap(Digest.init(fileName:)).sorted()
        for digest in digests where last.map({ digest > $0 }) ?? true {
            guard let stored = try readManifest(digest, in: repository), let manifest = ManifestCheck.stored(stored.bytes), manifest.subject == subject
            else { continue }
            if let artifactType, manifest.artifactType != artifactType { continue }
            if found.count == limit { return (found, true) }
            var descriptor = Descriptor(
                mediaType: manifest.mediaType, digest: digest, size: Int64(stored.bytes.count), annotations: manifest.annotations)
            descriptor.artifactType = manifest.artifactType
            found.append(descriptor)
        }
        return (found, false)
    }

    /// Under the repository's lock, before the manifest is linked: an entry without its manifest says nothing.
    func addReferrer(_ digest: Digest, to subject: Digest, in repository: RepositoryName) throws {
        if !FileSystem.exists(paths.referrers(repository)) { try buildReferrers(of: repository) }
        let directory = paths.referrers(repository, of: subject)
        try FileSystem.makeDirectories(directory)
        _ = try FileDescriptor.open("\(directory)/\(digest.fileName)", [.writeOnly, .create])
    }

    /// Reads every manifest of a repository once, under its lock. Written beside, so that what stands is whole.
    private func buildReferrers(of repository: RepositoryName) throws {
        if isReadOnly || FileSystem.exists(paths.referrers(repository)) || !FileSystem.exists(paths.repository(repository)) { return }
        let beside = "\(paths.referrers(repository)).new"
        try FileSystem.removeTree(beside)
        try FileSystem.makeDirectories(beside)
        for digest in try Self.digests(below: paths.revisions(repository)) {
            guard let stored = try readManifest(digest, in: repository), let subject = ManifestCheck.stored(stored.bytes)?.subject else { continue }
            let directory = "\(beside)/\(subject.algorithm)/\(subject.hex)"
            try FileSystem.makeDirectories(directory)
            _ = try FileDescriptor.open("\(directory)/\(digest.fileName)", [.writeOnly, .create])
        }
        try FileSystem.rename(beside, to: paths.referrers(repository))
    }
}

extension Digest {
    /// With a dash for the colon.
    var fileName: String { "\(algorithm)-\(hex)" }

    init?(fileName: String) {
        guard let dash = fileName.firstIndex(of: "-") else { return nil }
        self.init("\(fileName[..<dash]):\(fileName[fileName.index(after: dash)...])")
    }
}
