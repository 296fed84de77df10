/// The environment of a process: `NAME=value` each.
enum Variables {
    /// What the engine adds, overridden in its place by what is given and followed by the rest of that. A name without value takes the variable
    /// away. As Docker puts them together, order included.
    static func overriding(_ base: [String], with given: [String]) -> [String] {
        var result: [String?] = base
        var places: [Substring: Int] = [:]
        for (index, entry) in base.enumerated() { places[entry.prefix { $0 != "=" }] = index }
        for entry in given {
            let name = entry.prefix { $0 != "=" }
            let value = entry.contains("=") ? entry : nil
            if let place = places[name] {
                result[place] = value
            } else if let value {
                places[name] = result.count
                result.append(value)
            }
        }
        return result.compactMap { $0 }
    }
}
