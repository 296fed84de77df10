internal import Diagnostics
internal import Linux

/// Where the host's apt gets its packages from: sources.list(5), both forms.
struct AptSources {
    /// One suite of one archive.
    struct Entry: Hashable {
        var uri: String
        var suite: String
        var components: [String]
        /// Path of the keyring that the archive's signatures are checked against; nil for apt's own.
        var signedBy: String?

        /// The one-line form.
        var line: String {
            let options = signedBy.map { " [signed-by=\($0)]" } ?? ""
            return "deb\(options) \(uri) \(suite) \(components.joined(separator: " "))"
        }
    }

    var entries: [Entry]

    /// Reads the host's configuration.
    static func ofHost() throws -> AptSources {
        var sources = AptSources(entries: [])
        if FileSystem.exists("/etc/apt/sources.list") { sources.add(list: text(of: "/etc/apt/sources.list")) }
        let directory = "/etc/apt/sources.list.d"
        guard FileSystem.exists(directory) else { return sources }
        for name in try FileDescriptor.open(directory, [.directory]).entries().sorted() {
            if name.hasSuffix(".list") { sources.add(list: text(of: "\(directory)/\(name)")) }
            if name.hasSuffix(".sources") { sources.add(stanzas: text(of: "\(directory)/\(name)")) }
        }
        return sources
    }

    private static func text(of path: String) -> String {
        // A file that cannot be read configures nothing, as it does for an apt run by this user.
        String(decoding: (try? FileSystem.read(path, limit: 1 << 20)) ?? [], as: UTF8.self)
    }

    /// `deb [options] uri suite component…`, a line each.
    mutating func add(list text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            var words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)[...]
            guard words.popFirst() == "deb" else { continue }
            var signedBy: String?
            if words.first?.hasPrefix("[") == true {
                while let word = words.popFirst() {
                    let option = word.drop { $0 == "[" }.prefix { $0 != "]" }
                    if option.hasPrefix("signed-by=") { signedBy = String(option.dropFirst("signed-by=".count)) }
                    if word.hasSuffix("]") { break }
                }
            }
            guard let uri = words.popFirst(), let suite = words.popFirst(), !words.isEmpty else { continue }
            entries.append(Entry(uri: uri, suite: suite, components: Array(words), signedBy: signedBy))
        }
    }

    /// deb822: `Name: value` lines, continued by indented ones, in stanzas that empty lines separate.
    mutating func add(stanzas text: String) {
        var fields: [String: String] = [:]
        var last = ""
        for line: Substring in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) + [Substring()] {
            if line.allSatisfy(\.isWhitespace) {
                add(fields)
                (fields, last) = ([:], "")
            } else if line.first == "#" {
                continue
            } else if line.first?.isWhitespace == true {
                fields[last, default: ""] += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                last = line[..<colon].lowercased()
                fields[last] = String(line[line.index(after: colon)...])
            }
        }
    }

    private mutating func add(_ fields: [String: String]) {
        func words(_ name: String) -> [String] { (fields[name] ?? "").split(whereSeparator: \.isWhitespace).map(String.init) }
        guard words("types").contains("deb"), !["no", "false", "0", "off"].contains(words("enabled").first?.lowercased()) else { return }
        // A key written into the stanza itself is no path; apt's own keyrings are used then.
        let signedBy = words("signed-by").first.flatMap { $0.hasPrefix("/") ? $0 : nil }
        for uri in words("uris") {
            for suite in words("suites") where !suite.hasSuffix("/") {
                entries.append(Entry(uri: uri, suite: suite, components: words("components"), signedBy: signedBy))
            }
        }
    }

    /// What to make a suite from: the host's own entries for it with its updates, or else the host's first Debian archive.
    func entries(for suite: String) throws(Fault) -> [Entry] {
        var own = entries.filter { $0.suite == suite || $0.suite == "\(suite)-updates" || $0.suite == "\(suite)-security" }
        own = own.filter(\.isDebian).map(\.mainOnly)
        if let main = own.first(where: { $0.suite == suite }) { return [main] + own.filter { $0.suite != suite } }
        guard var first = entries.first(where: { $0.isDebian && !$0.suite.hasSuffix("-security") })?.mainOnly else {
            throw Fault(.unavailable, "apt on this machine is configured with no Debian archive (see sources.list(5))")
        }
        first.suite = suite
        return [first]
    }
}

extension AptSources.Entry {
    /// By its path, which mirrors keep: `…/debian`, `…/debian-security`.
    fileprivate var isDebian: Bool {
        components.contains("main") && (uri.split(separator: "/").contains { $0 == "debian" || $0 == "debian-security" } || uri.contains("debian.org"))
    }

    /// The first component only: a base image needs no more.
    fileprivate var mainOnly: AptSources.Entry {
        var result = self
        result.components = ["main"]
        if result.uri.hasSuffix("/") { result.uri.removeLast() }
        return result
    }
}
