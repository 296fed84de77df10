internal import Values

/// Which checks are made and what comes of warnings, as `# check=skip=JSONArgsRecommended;error=true` says.
package struct CheckOptions: Sendable, Hashable {
    private var skipped: Set<String> = []
    private var skipsAll = false
    /// A warning ends the build.
    package var failsOnWarning = false

    package init() {}

    /// Throws BuildKit's words.
    package init(_ text: String) throws(DockerfileError) {
        let text = Words.trimmed(text[...])
        if text.isEmpty { return }
        for part in text.split(separator: ";", maxSplits: 2, omittingEmptySubsequences: false) {
            guard let pair = part.cut("=") else { throw DockerfileError("invalid check option \(Words.quoted(String(part)))") }
            let name = Words.trimmed(pair.0[...]), value = Words.trimmed(pair.1[...])
            switch name {
            case "skip" where value == "all": skipsAll = true
            case "skip": skipped = Set(value.split(separator: ",").map { Words.trimmed($0) })
            // There are none that are experimental.
            case "experimental": break
            case "error":
                guard ["1", "0", "true", "false"].contains(value.lowercased()) else { throw DockerfileError("failed to parse check option \(Words.quoted(String(part)))") }
                failsOnWarning = value == "1" || value.lowercased() == "true"
            default: throw DockerfileError("invalid check option \(Words.quoted(name))")
            }
        }
    }

    func makes(_ rule: CheckRule) -> Bool { !skipsAll && !skipped.contains(rule.rawValue) }

    /// What a build fails with for these warnings; nil when it goes on.
    package func failure(_ warnings: [CheckWarning]) -> String? {
        if !failsOnWarning || warnings.isEmpty { return nil }
        return "lint violation found for rules: \(Set(warnings.map(\.rule.rawValue)).sorted().joined(separator: ", "))"
    }
}
