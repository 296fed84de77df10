import Linux
import Values

/// /etc/resolv.conf, read and written; see resolv.conf(5).
struct ResolverFile: Hashable {
    var servers: [IPAddress] = []
    var search: [String] = []
    var options: [String] = []
    /// Lines that are none of these, kept as they are.
    var others: [String] = []

    /// Docker's, for hosts whose own servers a container cannot reach.
    static let fallback = [IPAddress("8.8.8.8"), IPAddress("8.8.4.4")].compactMap(\.self)
    static let fallbackV6 = [IPAddress("2001:4860:4860::8888"), IPAddress("2001:4860:4860::8844")].compactMap(\.self)
    /// Where each container on a network with names finds its supervisor's resolver.
    static let resolver = "127.0.0.11"

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let first = words.first, !first.hasPrefix("#"), !first.hasPrefix(";") else { continue }
            switch first {
            // What is no address helps nobody.
            case "nameserver": servers += words.dropFirst().prefix(1).compactMap { IPAddress($0) }
            case "domain", "search": if words.count > 1 { search = Array(words.dropFirst()) }
            case "options": options += words.dropFirst()
            default: others.append(String(line))
            }
        }
    }

    /// The host's. Where that names only systemd-resolved on the host's own loopback, the file is read from which that reads its servers.
    static func host() throws(SyscallError) -> ResolverFile {
        func read(_ path: String) throws(SyscallError) -> ResolverFile {
            ResolverFile(String(decoding: try FileSystem.readIfPresent(path, limit: 1 << 20) ?? [], as: UTF8.self))
        }
        let file = try read("/etc/resolv.conf")
        guard file.servers.map(\.description) == ["127.0.0.53"] else { return file }
        let behind = try read("/run/systemd/resolve/resolv.conf")
        return behind.servers.isEmpty ? file : behind
    }

    /// `--dns`, `--dns-search` and `--dns-option` each take the place of the host's.
    mutating func override(servers: [String], search: [String], options: [String]) {
        if !servers.isEmpty { self.servers = servers.compactMap { IPAddress($0) } }
        if !search.isEmpty { self.search = search.filter { $0 != "." } }
        if !options.isEmpty { self.options = options }
    }

    /// For a network without a resolver: servers on the host's loopback mean something else in a container, and those of IPv6 are out of
    /// reach without it.
    mutating func keepReachable(hasIPv6: Bool) {
        servers.removeAll { $0.isLoopback || $0.family == .v6 && !hasIPv6 }
        if servers.isEmpty { servers = Self.fallback + (hasIPv6 ? Self.fallbackV6 : []) }
    }

    var text: String {
        servers.map { "nameserver \($0)\n" }.joined() + remainder
    }

    /// With the supervisor's resolver as the only server. Names without a dot are containers', so they are asked for as they are.
    var textWithResolver: String {
        var file = self
        if !options.contains(where: { $0.hasPrefix("ndots:") && ContainerPort.number($0.dropFirst("ndots:".count)) != nil }) {
            file.options.removeAll { $0.hasPrefix("ndots") }
            file.options.append("ndots:0")
        }
        return "nameserver \(Self.resolver)\n" + file.remainder
    }

    private var remainder: String {
        (search.isEmpty ? "" : "search \(search.joined(separator: " "))\n") + (options.isEmpty ? "" : "options \(options.joined(separator: " "))\n")
            + others.map { "\($0)\n" }.joined()
    }
}
