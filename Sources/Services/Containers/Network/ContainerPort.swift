import DockerAPI
import NetworkPlumbing
import Values

/// A port of a container: `80/tcp`.
struct ContainerPort: Hashable, Comparable, CustomStringConvertible {
    var number: UInt16
    var transport: PortPlan.Transport

    init(_ number: UInt16, _ transport: PortPlan.Transport) {
        self.number = number
        self.transport = transport
    }

    /// A number and a protocol; TCP when that is missing.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let number = Self.number(first), number > 0,
            let transport = parts.count == 1 ? .tcp : PortPlan.Transport(rawValue: parts[1].lowercased())
        else { return nil }
        self.init(number, transport)
    }

    /// Digits alone.
    static func number(_ text: some StringProtocol) -> UInt16? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(text) : nil
    }

    var description: String { "\(number)/\(transport.rawValue)" }

    /// TCP first, then by number: the order of link variables.
    static func < (a: ContainerPort, b: ContainerPort) -> Bool {
        if a.transport == b.transport { return a.number < b.number }
        if a.transport == .tcp || b.transport == .tcp { return a.transport == .tcp }
        return a.transport.rawValue < b.transport.rawValue
    }
}

extension PortBinding {
    /// `8080`, `8000-8010`, or nothing, which is any: 0 to 0. nil for what is none of these.
    var hostPorts: ClosedRange<UInt16>? {
        if hostPort.isEmpty { return 0...0 }
        let ends = hostPort.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap({ ContainerPort.number($0) }), let last = ends.last.flatMap({ ContainerPort.number($0) }), first <= last
        else { return nil }
        return first...last
    }
}

/// Which ports of the host are to lead into a container.
enum Publishing {
    /// Turns bindings, and with `publishAll` the exposed ports without any, into plans. Those that want one certain port come first, so
    /// that no other takes it.
    ///
    /// `byDefault` is where a binding without address goes: `0.0.0.0`, which stands for all addresses of both families, or one address.
    static func plans(
        bindings: PortMap, exposed: [String] = [], publishAll: Bool = false, byDefault: IPAddress = .anyV4, hasIPv6: Bool
    ) -> [PortPlan] {
        var wanted: [(port: ContainerPort, binding: PortBinding)] = []
        for (name, bindings) in bindings {
            guard let port = ContainerPort(name) else { continue }
            wanted += (bindings ?? []).map { (port, $0) }
        }
        if publishAll {
            // What an image exposes in words that are no port is of no account, as in Docker.
            let bound = Set(wanted.map(\.port))
            wanted += Set(exposed.compactMap { ContainerPort($0) }).subtracting(bound).map { ($0, PortBinding()) }
        }
        let plans = wanted.flatMap { port, binding -> [PortPlan] in
            // Checked when the container was created.
            guard let ports = binding.hostPorts else { return [] }
            let addresses: [IPAddress] =
                if let one = IPAddress(binding.hostIp) { [one] } else { byDefault == .anyV4 && hasIPv6 ? [.anyV4, .anyV6] : [byDefault] }
            return addresses.map { PortPlan(transport: port.transport, hostAddress: $0, hostPorts: ports, containerPort: port.number) }
        }
        func key(_ plan: PortPlan) -> (Int, UInt16, String, UInt16) {
            let freedom = plan.hostPorts == 0...0 ? 65536 : plan.hostPorts.count
            return (freedom, plan.containerPort, plan.transport.rawValue, plan.hostPorts.lowerBound)
        }
        // Two plans of one binding stay beside each other: `sorted` is stable in effect by the address, the last part of the order.
        return plans.sorted { a, b in key(a) == key(b) ? a.hostAddress < b.hostAddress : key(a) < key(b) }
    }

    /// What inspect shows: each exposed port, with where it is published, if it is.
    static func map(_ published: [PublishedPort], exposed: [String]) -> PortMap {
        var map: PortMap = [:]
        for name in exposed { map.updateValue(nil, forKey: name) }
        // IPv4 comes first, and of each those that have a port of the host.
        func rank(_ port: PublishedPort) -> Int { (port.hostPort == 0 ? 1 : 0) + (port.hostAddress.family == .v4 ? 0 : 2) }
        for port in (0..<4).flatMap({ number in published.filter { rank($0) == number } }) {
            let name = ContainerPort(port.containerPort, port.transport).description
            map.updateValue(map.bindings(of: name) + [PortBinding(hostIp: "\(port.hostAddress)", hostPort: port.hostPort == 0 ? "" : "\(port.hostPort)")], forKey: name)
        }
        return map
    }

    /// The same for lists.
    static func summaries(_ published: [PublishedPort], exposed: [String]) -> [PortSummary] {
        let open = Set(published.map { ContainerPort($0.containerPort, $0.transport) })
        let closed = exposed.compactMap { ContainerPort($0) }.filter { !open.contains($0) }
        return published.map { PortSummary(ip: "\($0.hostAddress)", privatePort: Int($0.containerPort), publicPort: Int($0.hostPort), type: $0.transport.rawValue) }
            + closed.map { PortSummary(privatePort: Int($0.number), type: $0.transport.rawValue) }
    }
}

extension PortMap {
    /// Empty for a port that is not published, or not there.
    func bindings(of name: String) -> [PortBinding] { (self[name] ?? nil) ?? [] }
}
