internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import OCI
internal import RegistryClient
internal import Synchronization

/// The registry that this one is a cache of. What it has is kept here when somebody asks for it, and given out from here afterwards,
/// also while that registry cannot be reached.
///
/// A tag is asked for there by HEAD each time, as Docker's registry does it; everything else has a digest and never changes.
final class PullThrough: Sendable {
    private let store: RegistryStore
    private let registry: Registry
    private let log: @Sendable (String) -> Void
    private let downloads = Mutex<[Wanted: Task<BlobDownload, any Error>]>([:])

    /// Blobs that are on their way at once; a client that wants another one then is told to come again.
    private static let downloadLimit = 64

    private struct Wanted: Hashable, Sendable {
        var repository: RepositoryName
        var digest: Digest
    }

    /// Throws `Fault` when the address is none, or the files of its certificates are unreadable.
    init(_ configuration: RegistryConfiguration.Proxy, _ store: RegistryStore, log: @escaping @Sendable (String) -> Void) throws {
        self.store = store
        self.log = log
        let url: URL
        do throws(HTTPError) { url = try URL(configuration.remoteURL) } catch {
            throw Fault(.invalid, "configuration: proxy.remoteurl: \(error.message)")
        }
        guard url.path == "/" || url.path.isEmpty else { throw Fault(.invalid, "configuration: proxy.remoteurl must have no path") }
        var settings = try RegistrySettings.load()
        // Whoever writes http:// means it. A mirror of the Hub that is this very server would ask itself.
        if url.scheme == .http { settings.insecureRegistries.append(url.origin.hostAndPort) }
        settings.mirrors = []
        let isHub = ["registry-1.docker.io", "index.docker.io", "docker.io"].contains(url.host)
        registry = try Registry(
            isHub ? Reference.defaultDomain : url.origin.authority,
            credentials: RegistryCredentials(username: configuration.username, password: configuration.password), settings: settings,
            client: settings.client())
    }

    // MARK: - Manifests

    /// The manifest that a reference names; nil when the other registry says that there is none.
    func manifest(_ reference: ManifestReference, in name: RepositoryName) async throws -> StoredManifest? {
        guard case .tag(let tag) = reference else {
            if let known = try await kept(reference, name) { return known }
            return try await fetch(reference, tag: nil, name)
        }
        do {
            let digest = try await registry.repository(name).resolve(reference).digest
            guard let known = try await kept(.digest(digest), name) else { return try await fetch(.digest(digest), tag: tag, name) }
            if try await kept(reference, name)?.digest != digest { try await keep(known, tag: tag, name) }
            return known
        } catch let fault as Fault {
            if fault.kind == .notFound { return nil }
            guard let known = try await kept(reference, name) else { throw refusal(fault) }
            log("level=warning msg=\"\(name):\(tag) is answered from the cache: \(fault)\"")
            return known
        }
    }

    private func kept(_ reference: ManifestReference, _ name: RepositoryName) async throws -> StoredManifest? {
        if let known = store.knownManifest(reference, in: name) { return known }
        let store = store
        return try await AsyncIO.offload { try store.manifest(reference, in: name) }
    }

    private func fetch(_ reference: ManifestReference, tag: String?, _ name: RepositoryName) async throws -> StoredManifest? {
        let fetched: FetchedManifest
        do { fetched = try await registry.repository(name).manifest(reference) } catch let fault as Fault {
            if fault.kind == .notFound { return nil }
            throw tag == nil ? refusal(fault) : fault
        }
        let manifest = StoredManifest(bytes: fetched.bytes, mediaType: fetched.mediaType, digest: fetched.digest)
        try await keep(manifest, tag: tag, name)
        return manifest
    }

    private func keep(_ manifest: StoredManifest, tag: String?, _ name: RepositoryName) async throws {
        let store = store, log = log
        try await AsyncIO.offload {
            do {
                let checked = try ManifestCheck.check(manifest.bytes, contentType: manifest.mediaType)
                let tags = tag.map { [$0] } ?? []
                try store.put(manifest.bytes, checked, digest: manifest.digest, tags: tags, in: name, by: Self.pusher, required: { _ in false })
            } catch {
                // The client gets it all the same; the next one asks again.
                log("level=warning msg=\"\(name)@\(manifest.digest) is not kept: \(error)\"")
            }
        }
    }

    private static let pusher = Pusher("pull-through")

    // MARK: - Blobs

    /// The size of a blob that is not here; nil when the other registry has none such.
    func size(of digest: Digest, in name: RepositoryName) async throws -> Int64? {
        do { return try await registry.repository(name).size(of: digest) } catch let fault as Fault { throw refusal(fault) }
    }

    /// A blob that is not here, on its way: one download, whoever asks for it meanwhile. Nil when the other registry has none such.
    func download(_ digest: Digest, in name: RepositoryName) async throws -> BlobDownload? {
        let wanted = Wanted(repository: name, digest: digest)
        let (repository, store, log) = (registry.repository(name), store, log)
        let task = downloads.withLock { downloads -> Task<BlobDownload, any Error>? in
            if let known = downloads[wanted] { return known }
            if downloads.count >= Self.downloadLimit { return nil }
            let task = AsyncIO.begin { [self] in
                do {
                    let download = try await BlobDownload(digest, repository, name, store)
                    // It goes on when its clients have gone: the next one will want it.
                    _ = AsyncIO.begin {
                        do { try await download.run(by: Self.pusher) } catch { log("level=error msg=\"\(name)@\(digest) is not kept: \(error)\"") }
                        self.downloads.withLock { _ = $0.removeValue(forKey: wanted) }
                    }
                    return download
                } catch {
                    self.downloads.withLock { _ = $0.removeValue(forKey: wanted) }
                    throw error
                }
            }
            downloads[wanted] = task
            return task
        }
        guard let task else { throw Refusal(.tooManyRequests) }
        do { return try await task.value } catch let fault as Fault {
            if fault.kind == .notFound { return nil }
            throw refusal(fault)
        }
    }

    // MARK: - Lists

    /// Nil when the other registry cannot say.
    func tags(of name: RepositoryName) async -> [String]? {
        // Then those that are here are better than none.
        try? await registry.repository(name).allTags().sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Nil when the other registry cannot say.
    func referrers(of subject: Digest, in name: RepositoryName, artifactType: String?) async -> [Descriptor]? {
        // Then those that are here are better than none.
        try? await registry.repository(name).referrers(to: subject, artifactType: artifactType).manifests
    }

    /// What went wrong behind is for the log; the client learns that it was not its fault.
    private func refusal(_ fault: Fault) -> Refusal {
        log("level=error msg=\"\(registry.domain): \(fault)\"")
        switch fault.kind {
        case .unauthorized, .forbidden: return Refusal(.denied)
        default: return Refusal(.unavailable, "the registry behind this cache does not answer")
        }
    }
}
