internal import Diagnostics
internal import DockerAPI
internal import Linux
internal import Values

/// The filters of `builder prune`.
struct BuildCacheFilter {
    private let filters: Filters
    private let until: Timestamp?

    /// Throws `invalid`.
    init(_ filters: Filters) throws {
        do throws(Filters.Invalid) {
            try filters.validate(["until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"])
        } catch { throw Fault(.invalid, error.description) }
        self.filters = filters
        let times = filters["until"] + filters["unused-for"]
        guard times.count < 2 else { throw Fault(.invalid, "filters expect only one value") }
        until = try times.first.map { text in
            guard let time = Timestamp(filter: text, now: .now) else { throw Fault(.invalid, "\"until\" filter expects a duration (e.g., '24h') or a timestamp") }
            return time
        }
    }

    func matches(_ cache: BuildCache) -> Bool {
        if let until, cache.lastUsedAt ?? cache.createdAt > until { return false }
        func has(_ name: String, _ isTrue: (String) -> Bool) -> Bool { !filters.contains(name) || filters[name].contains(where: isTrue) }
        func flag(_ name: String, _ value: Bool) -> Bool { has(name) { $0.isEmpty || ($0 == "true" || $0 == "1") == value } }
        return has("id") { cache.id.hasPrefix($0) } && has("parent") { cache.parents?.contains($0) ?? false } && has("type") { cache.type == $0 }
            && has("description") { cache.description.contains($0) } && flag("inuse", cache.inUse) && flag("shared", cache.shared) && flag("private", !cache.shared)
    }
}
