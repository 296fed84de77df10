import DockerAPI
import Values

/// `--add-host`, as the API has it: `name:address`.
struct ExtraHost: Hashable {
    var name: String
    /// nil stands for `host-gateway`: the host, as the container reaches it.
    var address: IPAddress?

    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return nil }
        name = String(text[..<colon])
        let value = text[text.index(after: colon)...]
        guard name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        address = IPAddress(value)
        if address == nil, value != "host-gateway" { return nil }
    }
}

/// /etc/hosts of a container: the usual lines, and then those of its own in the order in which Docker has them.
struct HostsFile {
    /// An address and the names that mean it.
    struct Line: Hashable {
        var address: IPAddress
        var names: [String]
        var text: String { "\(address)\t\(names.joined(separator: " "))\n" }
    }

    var lines: [Line] = []
    /// The container has IPv6.
    var hasIPv6 = true

    private static let usual = """
        127.0.0.1\tlocalhost

        """

    private static let usualOfIPv6 = """
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::\tip6-localnet
        ff00::\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters

        """

    /// `host` is what `host-gateway` means.
    mutating func add(extra hosts: [String], host: [IPAddress]) {
        for extra in hosts.compactMap({ ExtraHost($0) }) {
            lines += (extra.address.map { [$0] } ?? host).map { Line(address: $0, names: [extra.name]) }
        }
    }

    /// The container itself, by its full name and the first part of it.
    mutating func add(own addresses: [IPAddress], hostname: String, domainname: String) {
        let full = domainname.isEmpty ? hostname : "\(hostname).\(domainname)"
        guard !full.isEmpty else { return }
        let first = full.prefix { $0 != "." }
        lines += addresses.map { Line(address: $0, names: first.utf8.count == full.utf8.count ? [full] : [full, String(first)]) }
    }

    var text: String { Self.usual + (hasIPv6 ? Self.usualOfIPv6 : "") + lines.map(\.text).joined() }
}

/// Changes to the file of a container that runs, which may have been changed in there too: all other lines stay as they are.
extension String {
    /// The lines that have exactly these names, with another address.
    func replacing(_ address: IPAddress, of names: [String]) -> String {
        edited { $0.hasSuffix("\t\(names.joined(separator: " "))") ? HostsFile.Line(address: address, names: names).text.dropLast() : $0 }
    }

    /// Without the lines that have exactly these names.
    func removing(names: [String]) -> String {
        edited { $0.hasSuffix("\t\(names.joined(separator: " "))") ? nil : $0 }
    }

    /// Without the lines of these addresses.
    func removing(_ addresses: [IPAddress]) -> String {
        edited { line in addresses.contains { line.hasPrefix("\($0)\t") } ? nil : line }
    }

    private func edited(_ change: (Substring) -> Substring?) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).compactMap(change).joined(separator: "\n")
    }
}
