internal import Arguments
internal import DockerAPI

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
        let (ports, transport) = container.cut("/") ?? (container, "tcp")
        var hostIP = address
        if hostIP.hasPrefix("["), hostIP.hasSuffix("]") { hostIP = String(hostIP.dropFirst().dropLast()) }
        if !hostIP.isEmpty, !Problems.isAddress(hostIP) { throw Invalid("invalid IP address: \(hostIP)") }
        if ports.isEmpty { throw Invalid("no port specified: \(spec)<empty>") }
        let name = transport.lowercased()
        guard ["tcp", "udp", "sctp"].contains(name) else { throw Invalid("invalid proto: \(transport)") }
        let inside = try range(ports, "containerPort")
        if host.isEmpty { return inside.map { ("\($0)/\(name)", PortBinding(hostIp: hostIP)) } }
        let outside = try range(host, "hostPort")
        if outside.count == inside.count {
            return zip(inside, outside).map { ("\($0)/\(name)", PortBinding(hostIp: hostIP, hostPort: String($1))) }
        }
        // One port inside may take any of several outside.
        guard inside.count == 1 else { throw Invalid("invalid ranges specified for container and host Ports: \(ports) and \(host)") }
        return [("\(inside.lowerBound)/\(name)", PortBinding(hostIp: hostIP, hostPort: host))]
    }

    private static func split(_ spec: String) -> (address: String, host: String, container: String) {
        guard let last = spec.lastIndex(of: ":") else { return ("", "", spec) }
        let container = String(spec[spec.index(after: last)...])
        let rest = spec[..<last]
        guard let colon = rest.lastIndex(of: ":") else { return ("", String(rest), container) }
        return (String(rest[..<colon]), String(rest[rest.index(after: colon)...]), container)
    }

    private static func range(_ text: String, _ what: String) throws -> ClosedRange<Int> {
        let (low, high) = text.cut("-") ?? (text, text)
        guard let first = UInt16(low), let last = UInt16(high), first <= last, !low.hasPrefix("+") else { throw Invalid("invalid \(what): \(text)") }
        return Int(first)...Int(last)
    }

    /// The ports of `--expose`.
    static func exposed(_ specs: [String]) throws -> [String] {
        try specs.flatMap { spec in
            let (ports, transport) = spec.cut("/") ?? (spec, "tcp")
            do {
                return try range(ports, "port").map { "\($0)/\(transport.lowercased())" }
            } catch { throw Invalid("invalid range format for --expose: \(error)") }
        }
    }
}
