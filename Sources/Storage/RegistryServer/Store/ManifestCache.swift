package import OCI
internal import Synchronization

/// A manifest as it is given out.
package struct StoredManifest: Sendable {
    package var bytes: [UInt8]
    package var mediaType: String
    package var digest: Digest
}

/// Manifests in memory, of repositories by reference: those that are pulled again and again. Whatever changes a repository calls
/// `forget`; what was read before that is then not remembered.
final class ManifestCache: Sendable {
    /// In all, in bytes. Past that it begins anew.
    static let limit = 64 << 20

    private struct State {
        var manifests: [RepositoryName: [ManifestReference: StoredManifest]] = [:]
        var size = 0
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())

    func manifest(_ reference: ManifestReference, in repository: RepositoryName) -> StoredManifest? {
        state.withLock { $0.manifests[repository]?[reference] }
    }

    /// Taken before reading from disk, given to `remember` after it.
    var generation: UInt64 { state.withLock { $0.generation } }

    func remember(_ manifest: StoredManifest, as reference: ManifestReference, in repository: RepositoryName, since generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            let cost = manifest.bytes.count + 512
            if state.size + cost > Self.limit {
                state.manifests = [:]
                state.size = 0
            }
            if state.manifests[repository, default: [:]].updateValue(manifest, forKey: reference) == nil { state.size += cost }
        }
    }

    func forget(_ repository: RepositoryName) {
        state.withLock { state in
            state.generation += 1
            for manifest in (state.manifests.removeValue(forKey: repository) ?? [:]).values { state.size -= manifest.bytes.count + 512 }
        }
    }
}
