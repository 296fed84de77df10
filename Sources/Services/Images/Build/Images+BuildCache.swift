internal import Archive
internal import Database
package import Diagnostics
package import DockerAPI
internal import Layers
internal import Linux
package import OCI
package import Values

/// What a step of a build came to.
package struct BuiltStep: Sendable {
    /// Decides what comes of it: the same key, the same step.
    package var key: Digest
    /// The layers that it was made over; empty for none.
    package var parent: String
    package var description: String
    package var created: Timestamp
    /// Nil when it changed no file.
    package var layer: ImageLayer?

    package init(key: Digest, parent: String, description: String, created: Timestamp, layer: ImageLayer?) {
        self.key = key
        self.parent = parent
        self.description = description
        self.created = created
        self.layer = layer
    }
}

extension Images {
    static func id(of config: [UInt8]) -> Digest { ContentHasher.digest(config) }

    /// What came of a step before, if its layer is still here. It counts as used now.
    package func builtStep(_ key: Digest) throws -> BuiltStep? {
        let known = try database.transaction { rows -> BuiltStep? in
            guard let row = try rows.first("SELECT * FROM build_cache WHERE key = ?", .text(key.description)) else { return nil }
            try rows.run("UPDATE build_cache SET used = ?, uses = uses + 1 WHERE key = ?", .int(Timestamp.now.nanoseconds), .text(key.description))
            return BuiltStep(
                key: key, parent: try row.text("parent"), description: try row.text("description"), created: Timestamp(nanoseconds: try row.int("created")),
                layer: try row.optionalText("directory") == nil ? nil : Transaction.layer(row))
        }
        guard let known else { return nil }
        if let layer = known.layer, layers.directory(for: layer.diffID, chainID: layer.chainID) == nil { return nil }
        return known
    }

    /// Keeps what came of a step, in the place of what came of it before.
    package func keep(_ step: BuiltStep) throws {
        let layer = step.layer, now = Value.int(Timestamp.now.nanoseconds)
        try database.transaction { rows in
            _ = try rows.run(
                "INSERT OR REPLACE INTO build_cache VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)", .text(step.key.description), .text(step.parent),
                .text(step.description), .int(step.created.nanoseconds), now, .optional(layer?.diffID.description), .optional(layer?.chainID.description),
                .optional(layer?.directory), layer.map { .int($0.size) } ?? .null, .optional(layer?.blob?.description),
                layer.map { .int($0.blobSize) } ?? .null, .optional(layer?.mediaType))
        }
    }

    /// All that steps came to, the one used last first.
    package func buildCache() throws(Fault) -> [BuildCache] {
        try asFault("cannot list the build cache") {
            try database.read { rows in
                try rows.rows("SELECT *, directory IN (SELECT directory FROM image_layers) AS shared FROM build_cache ORDER BY used DESC").map { row in
                    var cache = BuildCache()
                    // As BuildKit's, which are no digests.
                    cache.id = String(try row.text("key").dropFirst("sha256:".count).prefix(25))
                    cache.type = "regular"
                    cache.description = try row.text("description")
                    cache.shared = try row.optionalInt("shared") == 1
                    cache.size = Int(try row.optionalInt("size") ?? 0)
                    cache.createdAt = Timestamp(nanoseconds: try row.int("created"))
                    cache.lastUsedAt = Timestamp(nanoseconds: try row.int("used"))
                    cache.usageCount = Int(try row.int("uses"))
                    return cache
                }
            }
        }
    }

    /// Forgets what `choose` picks, and frees what nobody needs any more.
    package func pruneBuildCache(_ choose: ([BuildCache]) throws -> [BuildCache]) throws(Fault) -> BuildCachePruneReport {
        var report = BuildCachePruneReport()
        let chosen: [BuildCache]
        do { chosen = try choose(try buildCache()) } catch let fault as Fault { throw fault } catch { throw Fault(.invalid, "\(error)", cause: error) }
        try asFault("cannot prune the build cache") {
            try database.transaction { rows in
                for cache in chosen { try rows.run("DELETE FROM build_cache WHERE key >= ?1 AND key < ?2", .text("sha256:\(cache.id)"), .text("sha256:\(cache.id)g")) }
            }
        }
        report.cachesDeleted = chosen.isEmpty ? nil : chosen.map(\.id)
        report.spaceReclaimed = chosen.reduce(0) { $0 + ($1.shared ? 0 : $1.size) }
        // As in `remove`: what stays goes with the next.
        _ = try? collect()
        return report
    }
}
