internal import DockerAPI
internal import Arguments
internal import Terminal
internal import Values

/// What the prune commands have in common.
enum Prune {
    static var flags: [Flag] {
        [
            .list("filter", type: "filter", "Values to filter by (e.g. \"until=<timestamp>\")", problem: Prune.filterProblem),
            .bool("force", short: "f", "Do not prompt for confirmation"),
        ]
    }

    @Sendable static func filterProblem(_ value: String) -> String? {
        value.isEmpty || value.contains("=") ? nil : "bad format of filter (expected name=value)"
    }

    /// Whether to go on: `--force`, or yes to the question.
    static func confirm(_ session: Session, _ warning: String) async throws -> Bool {
        if session.flags.bool("force") { return true }
        return try await session.confirm(warning + "\nAre you sure you want to continue?")
    }

    /// Those given and those of the user's configuration; where the two say the opposite of a label, the ones given.
    static func filters(_ session: Session) throws -> Filters {
        var filters = session.filters()
        let given = filters
        for text in session.preferences.pruneFilters {
            guard let (name, value) = text.cut("=") else { continue }
            let opposite = name == "label" ? "label!" : name == "label!" ? "label" : ""
            if !given[opposite].contains(value) { filters.add(name, value) }
        }
        return filters
    }

    static func report(_ title: String, _ deleted: [String], _ bytes: Int?) {
        if !deleted.isEmpty { Console.output(title + "\n" + deleted.map { $0 + "\n" }.joined() + "\n") }
        if let bytes { Console.output("Total reclaimed space: \(HumanText.size(bytes, precision: 4))\n") }
    }

    /// The flag of all list commands.
    static func filter() -> Flag {
        .list("filter", short: "f", type: "filter", "Show only what matches these conditions", problem: filterProblem)
    }
}
