internal import Diagnostics
internal import DockerAPI
internal import Linux
internal import OCI
internal import Values

/// The filters of `docker images`, read and made ready to be asked.
struct ImageFilters {
    private let filters: Filters
    private let dangling: Bool?
    private let until: Timestamp?
    private let before: Timestamp?
    private let since: Timestamp?
    private let patterns: [NamePattern]

    /// `resolve` finds the images that `before` and `since` name. Throws Docker's words for filters that do not exist.
    init(_ filters: Filters, _ resolve: (String) throws(Fault) -> Image) throws(Fault) {
        self.filters = filters
        do throws(Filters.Invalid) {
            try filters.validate(["dangling", "label", "label!", "before", "since", "reference", "until"])
            dangling = try filters.flag("dangling")
        } catch { throw Fault(.invalid, error.description) }
        until = try filters["until"].map { text throws(Fault) in try Self.time(text) }.min()
        func created(_ key: String, _ better: (Timestamp, Timestamp) -> Timestamp) throws(Fault) -> Timestamp? {
            var result: Timestamp?
            for name in filters[key] {
                let time = try resolve(name).created
                result = result.map { better($0, time) } ?? time
            }
            return result
        }
        before = try created("before", min)
        since = try created("since", max)
        patterns = filters["reference"].map(NamePattern.init)
    }

    static func until(_ filters: Filters) throws(Fault) -> Timestamp? {
        guard let text = filters["until"].first else { return nil }
        guard filters["until"].count == 1 else { throw Fault(.invalid, "more than one until filter specified") }
        return try time(text)
    }

    private static func time(_ text: String) throws(Fault) -> Timestamp {
        guard let time = Timestamp(filter: text, now: .now) else { throw Fault(.invalid, "invalid filter 'until=\(text)'") }
        return time
    }

    var asksForNames: Bool { !patterns.isEmpty }
    var asksForDangling: Bool { dangling == true }

    /// Everything but names.
    func matches(_ image: Image) -> Bool {
        if let until, image.created >= until { return false }
        if let before, image.created >= before { return false }
        if let since, image.created <= since { return false }
        if let dangling, dangling ? !image.isDangling : image.names.isEmpty { return false }
        let labels = image.config.labels ?? [:]
        return filters.matchesLabels(labels) && Self.lacksLabels(filters, labels)
    }

    func matches(_ name: Reference) -> Bool { patterns.isEmpty || patterns.contains { $0.matches(name) } }

    /// None of `label!=key` and `label!=key=value` may hold.
    static func lacksLabels(_ filters: Filters, _ labels: [String: String]) -> Bool {
        filters["label!"].allSatisfy { !Filters(["label": [$0]]).matchesLabels(labels) }
    }
}
