/// Paths as text.
package enum FilePath {
    /// Without `.`, `..` and doubled slashes, as Go's `path.Clean` has it.
    package static func clean(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var names: [Substring] = []
        for name in path.split(separator: "/") where name != "." {
            if name != ".." {
                names.append(name)
            } else if let last = names.last, last != ".." {
                names.removeLast()
            } else if !isAbsolute {
                names.append(name)
            }
        }
        let text = names.joined(separator: "/")
        return isAbsolute ? "/\(text)" : text.isEmpty ? "." : text
    }

    /// The path seen from `directory`; `~` is the user's home.
    package static func absolute(_ path: String, in directory: String, home: String?) -> String {
        if path.hasPrefix("/") { return path }
        if let home, path == "~" || path.hasPrefix("~/") { return clean("\(home)/\(path.dropFirst(1))") }
        return clean("\(directory)/\(path)")
    }

    /// The directory that it is in.
    package static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part.
    package static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
