internal import Archive
internal import AsyncIO
internal import Diagnostics
internal import Images
internal import Linux
internal import OCI
internal import Synchronization

extension Build {
    /// Writes the steps of a build to the caches that are to have them. Gives what clients are told of it.
    package func exportCaches(_ results: [Result]) async throws -> [String: String] {
        var answer: [String: String] = [:]
        for place in request.cacheExports where place.type != "inline" {
            let step = extraStep("exporting cache to \(place.type == "local" ? "client directory" : place.type)", place: "")
            try report.begin(step)
            do {
                let all = place.isWhole ? steps.withLock { Array($0.values) } : results.flatMap(\.state.steps)
                let manifest = try await export(all, to: store(place, isTarget: true))
                answer["cache.manifest"] = String(decoding: try Document.encode(manifest), as: UTF8.self)
                try report.end(step, image: nil)
            } catch {
                try report.fail(step, "\(error)", excerpt: "")
                if place.attributes["ignore-error"] != "true" { throw error }
            }
        }
        return answer
    }

    private func export(_ all: [BuiltStep], to store: any CacheStore) async throws -> Descriptor {
        let images = builder.images, unique = Dictionary(all.map { ($0.key, $0) }) { first, _ in first }.values.sorted { $0.key.hex < $1.key.hex }
        var places: [Digest: Int] = [:], layers: [CacheConfig.Layer] = [], blobs: [Descriptor] = []
        for step in unique {
            guard let layer = step.layer, places[layer.diffID] == nil else { continue }
            let blob = try await AsyncIO.offload { try images.blob(of: layer).inWords(ofDocker: false) }
            try await store.write(blob, from: images.blobPath(blob.digest))
            places[layer.diffID] = blobs.count
            blobs.append(blob)
            let annotations = CacheConfig.Layer.Annotations(mediaType: blob.mediaType, diffID: layer.diffID, size: blob.size, createdAt: step.created)
            layers.append(CacheConfig.Layer(blob: blob.digest, annotations: annotations))
        }
        let config = try Document.encode(CacheConfig(unique, layers: layers) { places[$0.diffID] })
        let path = "\(try workplace.makeDirectory("cache"))/config"
        try FileSystem.replace(path, with: config)
        let described = Descriptor(mediaType: CacheConfig.mediaType, digest: ContentHasher.digest(config), size: Int64(config.count))
        try await store.write(described, from: path)
        let manifest = try Document.encode(Manifest(config: described, layers: blobs))
        let descriptor = Descriptor(mediaType: MediaType.manifest, digest: ContentHasher.digest(manifest), size: Int64(manifest.count))
        try await store.put(manifest, as: descriptor)
        return descriptor
    }

    /// The cache that an image carries in its configuration: steps whose layers it has.
    func inlineCache(of state: BuildState) throws -> [UInt8]? {
        let isWanted = request.cacheExports.contains { $0.type == "inline" } || (request.arguments["BUILDKIT_INLINE_CACHE"] ?? nil) == "1"
        guard isWanted else { return nil }
        let places = Dictionary(state.layers.enumerated().map { ($0.element.diffID, $0.offset) }) { first, _ in first }
        return try Document.encode(CacheConfig(state.steps, layers: nil) { places[$0.diffID] })
    }
}
