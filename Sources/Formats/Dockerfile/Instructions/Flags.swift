/// The `--name=value` words before an instruction's arguments.
struct Flags {
    private var values: [String: [String]] = [:]

    /// `booleans` may do without a value, `lists` may be given several times. Throws BuildKit's words.
    init(_ words: [String], texts: Set<String> = [], booleans: Set<String> = [], lists: Set<String> = []) throws(DockerfileError) {
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let flag = parts[0], name = String(flag.dropFirst(2)), value = parts.count > 1 ? parts[1] : nil
            guard texts.contains(name) || booleans.contains(name) || lists.contains(name) else {
                throw DockerfileError("unknown flag: \(flag)" + Checker.suggestion(name, among: texts.union(booleans).union(lists)))
            }
            if values[name] != nil, !lists.contains(name) { throw DockerfileError("duplicate flag specified: \(flag)") }
            if booleans.contains(name) {
                guard value != "" else { throw DockerfileError("missing a value on flag: \(flag)") }
                let text = value?.lowercased() ?? "true"
                guard text == "true" || text == "false" else { throw DockerfileError("expecting boolean value for flag \(flag), not: \(value ?? "")") }
                values[name] = [text]
            } else {
                guard let value else { throw DockerfileError("missing a value on flag: \(flag)") }
                values[name, default: []].append(value)
            }
        }
    }

    func text(_ name: String) -> String? { values[name]?.last }
    func list(_ name: String) -> [String] { values[name] ?? [] }
    func boolean(_ name: String) -> Bool? { values[name]?.last.map { $0 == "true" } }
}
