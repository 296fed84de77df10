internal import Arguments
internal import DockerAPI
internal import Values

/// `-p [ip:][host[-end]:]container[-end][/protocol]` and `--expose`.
enum PortFlag {
    /// All bindings that the flags ask for; every bound port is exposed too.
    static func bindings(_ specs: [String]) throws -> PortMap {
        var map: [String: [PortBinding]] = [:]
        for spec in specs {
            for (port, binding) in try parse(try standardNotation(spec)) { map[port, default: []].append(binding) }
        }
        return map.mapValues { $0 }
    }

    /// `published=8080,target=80,protocol=tcp` in the short form.
    private static func standardNotation(_ spec: String) throws -> String {
        guard spec.contains("=") else { return spec }
        var fields = ["protocol": "tcp"]
        for field in spec.split(separator: ",", omittingEmptySubsequences: false) {
            guard let (name, value) = field.cut("="), !name.isEmpty else {
                throw Invalid("invalid publish opts format (should be name=value but got '\(field)')")
            }
            fields[name] = value
        }
        return "\(fields["published"] ?? ""):\(fields["target"] ?? "")/\(fields["protocol"] ?? "")"
    }

    private static func parse(_ spec: String) throws -> [(String, PortBinding)] {
        let (address, host, container) = split(spec)
        let (ports, transport) = container.cut("/") ?? (container, "")
        if ports.isEmpty { throw Invalid("no port specified: \(spec)<empty>") }
        var hostIP = address
        if hostIP.hasPrefix("[") {
            guard hostIP.hasSuffix("]") else { throw Invalid("invalid IP address \(address): address \(address):: missing ']' in address") }
            hostIP = String(hostIP.dropFirst().dropLast())
        }
        if !hostIP.isEmpty, IPAddress(hostIP) == nil { throw Invalid("invalid IP address: \(hostIP)") }
        guard let inside = range(ports) else { throw Invalid("invalid containerPort: \(ports)") }
        guard let outside = host.isEmpty ? inside : range(host) else { throw Invalid("invalid hostPort: \(host)") }
        // One port inside may take any of several outside.
        guard outside.count == inside.count || inside.count == 1 else {
            throw Invalid("invalid ranges specified for container and host Ports: \(ports) and \(host)")
        }
        let name = transport.isEmpty ? "tcp" : transport.lowercased()
        guard ["tcp", "udp", "sctp"].contains(name) else { throw Invalid("invalid proto: \(transport)") }
        if host.isEmpty { return inside.map { ("\($0)/\(name)", PortBinding(hostIp: hostIP)) } }
        if outside.count == inside.count {
            return zip(inside, outside).map { ("\($0)/\(name)", PortBinding(hostIp: hostIP, hostPort: String($1))) }
        }
        return [("\(inside.lowerBound)/\(name)", PortBinding(hostIp: hostIP, hostPort: host))]
    }

    private static func split(_ spec: String) -> (address: String, host: String, container: String) {
        guard let last = spec.lastIndex(of: ":") else { return ("", "", spec) }
        let container = String(spec[spec.index(after: last)...])
        let rest = spec[..<last]
        guard let colon = rest.lastIndex(of: ":") else { return ("", String(rest), container) }
        return (String(rest[..<colon]), String(rest[rest.index(after: colon)...]), container)
    }

    /// `80` or `80-90`.
    private static func range(_ text: String) -> ClosedRange<Int>? {
        let (low, high) = text.cut("-") ?? (text, text)
        guard let first = number(low), let last = number(high), first <= last else { return nil }
        return first...last
    }

    private static func number(_ text: String) -> Int? { text.first == "+" ? nil : UInt16(text).map(Int.init) }

    /// The ports of `--expose`.
    static func exposed(_ specs: [String]) throws -> [String] {
        try specs.flatMap { spec in
            if spec.contains(":") { throw Invalid("invalid port format for --expose: \(spec)") }
            let (ports, transport) = spec.cut("/") ?? (spec, "")
            guard let range = range(ports) else { throw Invalid("invalid range format for --expose: \(spec), error: \(problem(ports))") }
            return range.map { "\($0)/\(transport.isEmpty ? "tcp" : transport.lowercased())" }
        }
    }

    /// What is wrong with a range, as Go's parser says it.
    private static func problem(_ ports: String) -> String {
        if ports.isEmpty { return "empty string specified for ports" }
        let (low, high) = ports.cut("-") ?? (ports, ports)
        guard let wrong = [low, high].first(where: { number($0) == nil }) else { return "invalid range specified for port: \(ports)" }
        let isNumber = !wrong.isEmpty && wrong.utf8.allSatisfy { (48...57).contains($0) }
        return "strconv.ParseUint: parsing \(Syntax.quoted(wrong)): \(isNumber ? "value out of range" : "invalid syntax")"
    }
}
