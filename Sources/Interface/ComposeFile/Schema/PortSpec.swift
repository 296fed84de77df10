internal import JSON
internal import Values

/// Ports in short form: `[[address:]published:]target[/protocol]`, each a port or a range.
enum PortSpec {
    @Sendable static func parse(_ value: JSONValue, _ place: Place) throws(ComposeFileError) -> [JSONValue]? {
        let text: String
        switch value {
        case .string(let given): text = given
        case .number(let digits): text = digits
        default: return nil
        }
        return try ports(text).map { port in
            var object: JSONObject = ["mode": .string("ingress")]
            if !port.address.isEmpty { object.append("host_ip", .string(port.address)) }
            object.append("target", JSONValue(port.target))
            if !port.published.isEmpty { object.append("published", .string(port.published)) }
            object.append("protocol", .string(port.transport))
            return .object(object)
        }
    }

    /// What makes two ports the same.
    @Sendable static func identity(_ value: JSONValue) -> String {
        let published = value["published"].map { $0.string ?? $0.compactText } ?? ""
        return "\(value["host_ip"]?.string ?? "0.0.0.0"):\(published):\(value["target"]?.compactText ?? "")/\(value["protocol"]?.string ?? "tcp")"
    }

    private struct Port {
        var address = "", published = ""
        var target: Int
        var transport: String
    }

    private static func ports(_ spec: String) throws(ComposeFileError) -> [Port] {
        var parts = spec.split(separator: ":", omittingEmptySubsequences: false)
        guard let last = parts.popLast() else { throw ComposeFileError("no port specified: \(spec)<empty>") }
        let pieces = last.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let inside = pieces[0], transport = pieces.count > 1 && !pieces[1].isEmpty ? pieces[1].lowercased() : "tcp"
        let outside = parts.popLast() ?? ""
        var address = parts.joined(separator: ":")
        if inside.isEmpty { throw ComposeFileError("no port specified: \(spec)<empty>") }
        if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
        if !address.isEmpty, IPAddress(address) == nil { throw ComposeFileError("invalid IP address: \(address)") }
        guard let targets = range(inside) else { throw ComposeFileError("invalid containerPort: \(inside)") }
        guard ["tcp", "udp", "sctp"].contains(transport) else { throw ComposeFileError("invalid proto: \(pieces[1])") }
        if outside.isEmpty {
            return sorted(targets.map { Port(address: address, target: $0, transport: transport) })
        }
        guard let published = range(outside) else { throw ComposeFileError("invalid hostPort: \(outside)") }
        if published.count != targets.count {
            guard targets.count == 1 else {
                throw ComposeFileError("invalid ranges specified for container and host Ports: \(inside) and \(outside)")
            }
            return [Port(address: address, published: String(outside), target: targets.lowerBound, transport: transport)]
        }
        return sorted(zip(targets, published).map { Port(address: address, published: "\($1)", target: $0, transport: transport) })
    }

    /// As text, the way docker compose sorts them.
    private static func sorted(_ ports: [Port]) -> [Port] { ports.sorted { "\($0.target)/" < "\($1.target)/" } }

    private static func range(_ text: Substring) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.allSatisfy({ $0.first != "+" }), let first = ends.first.flatMap({ UInt16($0) }), let last = ends.last.flatMap({ UInt16($0) }), first <= last
        else { return nil }
        return Int(first)...Int(last)
    }
}
