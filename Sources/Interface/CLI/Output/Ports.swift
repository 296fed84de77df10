internal import DockerAPI
internal import Values

/// Ports as `ps` and `port` show them.
enum Ports {
    /// `0.0.0.0:80-81->80-81/tcp, 443/tcp`: consecutive ones as ranges where they have the same number on both sides, as the stock
    /// client does; those published under another number one by one, after the rest.
    static func text(_ ports: [PortSummary]) -> String {
        struct Group {
            var key: Key
            var ports: ClosedRange<Int>
        }
        struct Key: Hashable { var ip: String, type: String }
        var groups: [Group] = []
        var done: [String] = [], others: [String] = []
        func text(_ group: Group) -> String {
            let ports = group.ports.count > 1 ? "\(group.ports.lowerBound)-\(group.ports.upperBound)" : "\(group.ports.lowerBound)"
            return (group.key.ip.isEmpty ? "" : "\(joined(group.key.ip, ports))->") + "\(ports)/\(group.key.type)"
        }
        for port in ports.sorted(by: precedes) {
            if !port.ip.isEmpty, port.publicPort != port.privatePort {
                others.append("\(joined(port.ip, "\(port.publicPort)"))->\(port.privatePort)/\(port.type)")
                continue
            }
            let key = Key(ip: port.ip, type: port.type)
            guard let index = groups.firstIndex(where: { $0.key == key }) else {
                groups.append(Group(key: key, ports: port.privatePort...port.privatePort))
                continue
            }
            let group = groups[index]
            if port.privatePort == group.ports.upperBound + 1 {
                groups[index].ports = group.ports.lowerBound...port.privatePort
            } else {
                done.append(text(group))
                groups[index].ports = port.privatePort...port.privatePort
            }
        }
        return (done + groups.map(text) + others).joined(separator: ", ")
    }

    private static func precedes(_ a: PortSummary, _ b: PortSummary) -> Bool {
        if a.privatePort != b.privatePort { return a.privatePort < b.privatePort }
        if a.ip != b.ip {
            guard let first = IPAddress(a.ip), let second = IPAddress(b.ip) else { return a.ip < b.ip }
            return first < second
        }
        return (a.publicPort, a.type) < (b.publicPort, b.type)
    }

    /// An address and a port; IPv6 in brackets.
    static func joined(_ address: String, _ port: String) -> String { (address.contains(":") ? "[\(address)]" : address) + ":\(port)" }

    /// Lines in the order in which people count: runs of digits by their number.
    static func naturallySorted(_ lines: [String]) -> [String] {
        func key(_ line: String) -> [(isNumber: Bool, count: Int, text: String)] {
            var parts: [(isNumber: Bool, count: Int, text: String)] = []
            for character in line {
                let isDigit = character.isASCII && character.isNumber
                if let last = parts.last, last.isNumber == isDigit {
                    parts[parts.count - 1].text.append(character)
                    parts[parts.count - 1].count += 1
                } else {
                    parts.append((isDigit, 1, String(character)))
                }
            }
            return parts
        }
        return lines.map { ($0, key($0)) }.sorted { a, b in
            for (first, second) in zip(a.1, b.1) where first.text != second.text {
                if first.isNumber, second.isNumber { return (first.count, first.text) < (second.count, second.text) }
                return first.text < second.text
            }
            return a.0.utf8.count < b.0.utf8.count
        }.map(\.0)
    }

    /// Things in that order of their names.
    static func naturallySorted<T>(_ things: [T], by name: (T) -> String) -> [T] {
        let places = Dictionary(naturallySorted(things.map(name)).enumerated().map { ($0.element, $0.offset) }) { $1 }
        return things.sorted { (places[name($0)] ?? 0) < (places[name($1)] ?? 0) }
    }
}
