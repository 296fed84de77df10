internal import Diagnostics
internal import Linux
package import OCI
internal import Values

extension RegistryStore {
    /// Begins an upload.
    package func beginUpload(in repository: RepositoryName) throws -> Upload {
        let id = UploadID()
        let directory = paths.upload(repository, id)
        return try repositoryLocks.with(repository) {
            try FileSystem.makeDirectories(directory, mode: 0o755)
            try FileSystem.replace("\(directory)/startedat", with: Array(Timestamp.now.description.utf8))
            return uploads.add(try Upload(id, repository, directory: directory, create: true))
        }
    }

    /// An upload under way, by this process or one before it; nil when the repository has none of that name.
    package func upload(_ id: UploadID, in repository: RepositoryName) throws -> Upload? {
        if let known = uploads[id] { return known.repository == repository ? known : nil }
        let directory = paths.upload(repository, id)
        guard FileSystem.exists("\(directory)/data") else { return nil }
        return uploads.add(try Upload(id, repository, directory: directory, create: false))
    }

    /// Makes the upload a blob of its repository. When it is not what `digest` says, the upload is gone and `DIGEST_INVALID` thrown.
    package func commit(_ upload: Upload, as digest: Digest, by pusher: Pusher) throws {
        guard digest.hasherAlgorithm != nil else { throw RegistryError(.digestInvalid, "unsupported digest algorithm") }
        do {
            try upload.finish(expecting: digest) { file in
                try blobLocks.with(digest) {
                    leases.touch(digest, in: upload.repository, by: pusher)
                    try place(file, at: upload.dataPath, as: digest)
                    try writeLink(digest, in: paths.layer(upload.repository, digest))
                }
            }
        } catch let error as RegistryError {
            try cancel(upload)
            throw error
        }
        Failpoint.hit(.registryBlobAfterLink)
        try cancel(upload)
    }

    /// Forgets an upload and what came of it.
    package func cancel(_ upload: Upload) throws {
        uploads.remove(upload.id)
        try FileSystem.removeTree(upload.directory)
    }

    /// Forgets uploads that began more than `age` ago and that nobody works on; tells how many. `dryRun` only counts.
    package func purgeUploads(olderThan age: Duration, dryRun: Bool = false) throws -> Int {
        let now = Timestamp.now
        var count = 0
        for repository in try allRepositories() {
            for entry in try Self.entries(paths.uploads(repository)) ?? [] {
                guard let id = UploadID(entry), uploads[id]?.isIdle != false else { continue }
                let directory = paths.upload(repository, id)
                let written = try FileSystem.readIfPresent("\(directory)/startedat", limit: 100).flatMap { Timestamp(String(decoding: $0, as: UTF8.self)) }
                // One whose beginning was never written down is as old as its directory.
                guard let started = try written ?? FileSystem.status(directory)?.modified, now - started > age else { continue }
                count += 1
                if dryRun { continue }
                uploads.remove(id)
                try FileSystem.removeTree(directory)
            }
        }
        return count
    }
}
