internal import AsyncIO
internal import Content
internal import Diagnostics
internal import Images
internal import Linux
internal import OCI
internal import RegistryClient
internal import Synchronization

/// Steps that were made elsewhere, and where their layers are.
struct ImportedCache: Sendable {
    let store: any CacheStore
    let steps: [Digest: CachedStep]
}

extension Build {
    /// Reads the caches that steps may come from. One that cannot be read is told of, and the build goes on without it.
    func importCaches() async throws {
        for place in request.cacheImports {
            let step = extraStep("importing cache manifest from \(place.name)", place: "")
            try report.begin(step)
            do {
                let caches = try await caches(at: place)
                imports.withLock { $0 += caches }
                try report.end(step, image: nil)
            } catch let error as CancellationError { throw error } catch { try report.fail(step, "\(error)", excerpt: "") }
        }
    }

    /// A cache, or those that the images of a name have in them.
    private func caches(at place: CachePlace) async throws -> [ImportedCache] {
        let store = try await store(place, isTarget: false)
        var result: [ImportedCache] = []
        for platform in Set(targets.map(\.platform)) {
            let manifest = try Document.decode(Manifest.self, from: await store.manifest(for: platform), what: "cache manifest")
            let bytes = try await store.document(manifest.config.digest)
            let steps: [Digest: CachedStep]
            if manifest.config.mediaType == CacheConfig.mediaType {
                let config = try Document.decode(CacheConfig.self, from: bytes, what: "cache"), layers = config.layers ?? []
                let blobs = Dictionary(manifest.layers.map { ($0.digest, $0) }) { first, _ in first }
                steps = try config.steps { number in
                    guard layers.indices.contains(number), let diffID = layers[number].annotations?.diffID else { return nil }
                    return layers[number].blob.flatMap { blobs[$0] }.map { CachedStep.Layer(descriptor: $0, diffID: diffID) }
                }
            } else {
                let document = try Document.decode(ImageDocument.self, from: bytes, what: "image configuration"), diffIDs = document.rootfs.diffIDs
                guard let inline = document.inlineCache else { throw Fault(.notFound, "there is no cache in the image \(place.name)") }
                steps = try Document.decode(CacheConfig.self, from: inline, what: "cache").steps { number in
                    guard diffIDs.indices.contains(number), manifest.layers.indices.contains(number) else { return nil }
                    return CachedStep.Layer(descriptor: manifest.layers[number], diffID: diffIDs[number])
                }
            }
            result.append(ImportedCache(store: store, steps: steps))
        }
        return result
    }

    func store(_ place: CachePlace, isTarget: Bool) async throws -> any CacheStore {
        if place.type == "local" {
            let tag = place.attributes["tag"] ?? "latest"
            guard let path = place.attributes[isTarget ? "dest" : "src"] else { throw Fault(.invalid, "\(isTarget ? "dest" : "src") not set for local cache") }
            if let client = request.client { return try await client.store("local:\(path)", manifest: place.attributes["digest"].flatMap { Digest($0) }) }
            return DirectoryCacheStore(path: path, tag: tag)
        }
        let reference: Reference
        do throws(ReferenceError) { reference = try Reference(place.attributes["ref"] ?? "") } catch { throw Fault(.invalid, error.description) }
        let settings = try RegistrySettings.load()
        let registry = try Registry(
            reference.domain, credentials: RegistryCredentials(await credentials(for: reference.domain)), settings: settings, client: settings.client())
        return RegistryCacheStore(
            repository: try registry.repository(of: reference), name: reference.digest.map { .digest($0) } ?? .tag(reference.tag ?? Reference.defaultTag))
    }

    /// A step that one of the caches has, with its layer brought in. What cannot be brought is made.
    func imported(_ key: Digest, over layers: [ImageLayer], _ description: String) async throws -> BuiltStep? {
        for cache in imports.withLock({ $0 }) {
            guard let found = cache.steps[key] else { continue }
            var step = BuiltStep(key: key, parent: layers.last?.chainID.description ?? "", description: description, created: found.created, layer: nil)
            if let layer = found.layer {
                do { step.layer = try await take(layer, from: cache.store, over: layers) } catch let error as CancellationError { throw error } catch {
                    try report.note("[Warning] \(layer.descriptor.digest) could not be taken from a cache: \(error)")
                    continue
                }
            }
            Failpoint.hit(.buildAfterCachedLayer)
            let (images, whole) = (builder.images, step)
            try await AsyncIO.offload { try images.keep(whole) }
            return step
        }
        return nil
    }

    private func take(_ layer: CachedStep.Layer, from store: any CacheStore, over layers: [ImageLayer]) async throws -> ImageLayer {
        let images = builder.images
        try await images.ingest(layer.descriptor) { each in try await store.read(layer.descriptor.digest, each) }
        return try await AsyncIO.offload { try images.takeLayer(layer.descriptor, diffID: layer.diffID, over: layers) }
    }
}
