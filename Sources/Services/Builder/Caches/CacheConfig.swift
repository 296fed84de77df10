internal import Diagnostics
internal import Images
internal import OCI
internal import Values

/// The document of a cache, in the form of BuildKit's (cache/remotecache/v1). Its records are ours: a step's key decides on it alone, so a
/// record has no inputs, and what BuildKit itself wrote there means nothing here, nor ours there.
struct CacheConfig: Codable, Sendable {
    static let mediaType = "application/vnd.buildkit.cacheconfig.v0"
    /// Records at most.
    private static let limit = 100_000

    struct Layer: Codable, Sendable {
        struct Annotations: Codable, Sendable {
            var mediaType: String?
            var diffID: Digest?
            var size: Int64?
            var createdAt: Timestamp?
        }

        var blob: Digest?
        var parent = -1
        var annotations: Annotations?
    }

    struct Outcome: Codable, Sendable {
        var layer: Int
        var createdAt: Timestamp?
    }

    /// Several layers as one; of ours, none: the step changed nothing.
    struct Chain: Codable, Sendable {
        var layers: [Int]
        var createdAt: Timestamp?
    }

    struct Record: Codable, Sendable {
        var results: [Outcome]?
        var chains: [Chain]?
        var digest: Digest
    }

    var layers: [Layer]?
    var records: [Record]?

    /// `place`: of a step's layer among the cache's; nil where it has none that is kept.
    init(_ steps: [BuiltStep], layers: [Layer]?, place: (ImageLayer) -> Int?) {
        self.layers = layers
        records = steps.compactMap { step in
            guard let layer = step.layer else { return Record(chains: [Chain(layers: [], createdAt: step.created)], digest: step.key) }
            return place(layer).map { Record(results: [Outcome(layer: $0, createdAt: step.created)], digest: step.key) }
        }
    }

    /// What the records say, by the keys of steps. `layer`: the one that a number means.
    func steps(_ layer: (Int) -> CachedStep.Layer?) throws -> [Digest: CachedStep] {
        let records = records ?? []
        guard records.count <= Self.limit else { throw Fault(.invalid, "the cache has more than \(Self.limit) records") }
        var result: [Digest: CachedStep] = [:]
        for record in records {
            if let outcome = record.results?.first {
                if let found = layer(outcome.layer) { result[record.digest] = CachedStep(created: outcome.createdAt ?? .never, layer: found) }
            } else if let chain = record.chains?.first, chain.layers.isEmpty {
                result[record.digest] = CachedStep(created: chain.createdAt ?? .never, layer: nil)
            }
        }
        return result
    }
}

/// What came of a step elsewhere.
struct CachedStep: Sendable {
    struct Layer: Sendable {
        var descriptor: Descriptor
        var diffID: Digest
    }

    var created: Timestamp
    /// Nil when it changed nothing.
    var layer: Layer?
}
