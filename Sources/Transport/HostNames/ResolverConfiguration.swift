package import Values

/// What resolv.conf(5) says.
package struct ResolverConfiguration: Sendable, Hashable {
    /// Asked in this order.
    package var servers: [Endpoint] = []
    /// Domains that short names are looked for in.
    package var search: [String] = []
    /// A name with this many dots is tried as it is before it is searched for.
    package var dots = 1
    package var timeout = Duration.seconds(5)
    /// How often each server is asked.
    package var attempts = 2
    /// Each lookup begins with another server.
    package var rotates = false
    /// Over TCP from the start.
    package var usesTCP = false

    /// As the manual page limits them.
    private static let serverLimit = 3
    private static let searchLimit = 6

    package init(servers: [Endpoint]) { self.servers = servers }

    /// Reads the file's text. What is not understood is passed over; without a server it is the one on this host.
    package init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" && $0 != ";" }.split { $0 == " " || $0 == "\t" }
            guard let keyword = words.first else { continue }
            switch keyword {
            case "nameserver":
                // An address of one link needs its interface's number, which nothing here has use for.
                if servers.count < Self.serverLimit, words.count > 1, let address = IPAddress(words[1]) { servers.append(Endpoint(address, 53)) }
            case "search", "domain":
                let domains = words.dropFirst().map { $0.hasSuffix(".") ? String($0.dropLast()) : String($0) }
                search = Array(domains.filter { !$0.isEmpty }.prefix(keyword == "domain" ? 1 : Self.searchLimit))
            case "options": for option in words.dropFirst() { apply(option) }
            default: break
            }
        }
        if servers.isEmpty { servers = [Endpoint(IPAddress(.v4, 0x7f00_0001), 53), Endpoint(IPAddress(.v6, 1), 53)] }
    }

    private mutating func apply(_ option: Substring) {
        let parts = option.split(separator: ":", maxSplits: 1)
        let number = parts.count == 2 ? Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil } : nil
        switch (parts.first, number) {
        case ("ndots", let number?): dots = min(number, 15)
        case ("timeout", let number?): timeout = .seconds(min(max(number, 1), 30))
        case ("attempts", let number?): attempts = min(max(number, 1), 5)
        case ("rotate", _): rotates = true
        case ("use-vc", _): usesTCP = true
        default: break
        }
    }

    /// The full names that `name` may stand for, in the order to try them. A dot at the end means that it is full.
    package func candidates(for name: String) -> [String] {
        if name.hasSuffix(".") { return [String(name.dropLast())] }
        let searched = search.map { "\(name).\($0)" }
        let isQualified = name.utf8.count { $0 == UInt8(ascii: ".") } >= dots
        return isQualified ? [name] + searched : searched + [name]
    }
}
