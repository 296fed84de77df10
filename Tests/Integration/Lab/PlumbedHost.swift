import Linux
import NetworkPlumbing
import Testing
import Values

/// A host with networks and containers on it that are plumbed by hand: what engine and supervisor do, without either.
/// A "container" is a namespace and the sockets that the test opens in it.
final class PlumbedHost {
    let host: NetworkSpace
    let firewall: Firewall
    private var numbers: [String: Int] = [:]
    private let subnets: Int

    init(_ host: NetworkSpace, table: String = "davit", subnets: Int = 17) {
        self.host = host
        firewall = Firewall(table: table)
        self.subnets = subnets
    }

    /// The nth network has 172.17+n.0.0/16 and fd00:n::/64, and its gateway is .1.
    @discardableResult
    func network(_ bridge: String, ipv6: Bool = false, overlay: BridgePlan.Overlay? = nil, change: (inout FirewallNetwork) -> Void = { _ in }) throws -> FirewallNetwork {
        let number = numbers.count + subnets
        numbers[bridge] = number
        let texts = ["172.\(number).0.1/16"] + (ipv6 ? ["fd00:\(number)::1/64"] : [])
        var network = FirewallNetwork(bridge: bridge, owner: "net-\(bridge)", families: ipv6 ? [.v4, .v6] : [.v4])
        change(&network)
        try host.visit {
            try Bridge.ensure(BridgePlan(name: bridge, owner: "net-\(bridge)", addresses: overlay == nil ? texts.compactMap { IPPrefix($0) } : [], overlay: overlay))
            try firewall.join(network)
        }
        return network
    }

    func attachment(_ bridge: String, _ number: Int, ipv6: Bool = false, gateway: Bool = true, isolated: Bool = false, interface: String = "eth0") -> NetworkPlumbing.Attachment {
        let subnet = numbers[bridge] ?? 0
        let addresses = ["172.\(subnet).0.\(number)/16"] + (ipv6 ? ["fd00:\(subnet)::\(number)/64"] : [])
        let gateways = gateway ? ["172.\(subnet).0.1"] + (ipv6 ? ["fd00:\(subnet)::1"] : []) : []
        return NetworkPlumbing.Attachment(
            network: "id-of-\(bridge)", link: .bridge(name: bridge), interface: interface, mac: .random(), addresses: addresses.compactMap { IPPrefix($0) },
            gateways: gateways.compactMap { IPAddress($0) }, isIsolated: isolated, directory: "/nonexistent")
    }

    func address(_ bridge: String, _ number: Int) -> String { "172.\(numbers[bridge] ?? 0).0.\(number)" }
    func address6(_ bridge: String, _ number: Int) -> String { "fd00:\(numbers[bridge] ?? 0)::\(number)" }

    /// A container with one interface.
    func container(_ bridge: String, _ number: Int, ipv6: Bool = false, gateway: Bool = true, isolated: Bool = false) throws -> Box {
        let attachment = attachment(bridge, number, ipv6: ipv6, gateway: gateway, isolated: isolated)
        return try host.visit {
            let sandbox = try Sandbox(owner: "box-\(bridge)-\(number)", table: firewall.table)
            try sandbox.add(attachment)
            return Box(sandbox, host)
        }
    }

    /// Gives everything back.
    func clear(_ boxes: [Box] = []) throws {
        try host.visit {
            for box in boxes { try box.sandbox.close() }
            for bridge in numbers.keys {
                try firewall.leave(bridge: bridge)
                try Bridge.remove(bridge)
            }
            try firewall.removeIfEmpty()
        }
    }

    /// One of those containers.
    final class Box: Place {
        let sandbox: Sandbox
        let host: NetworkSpace

        init(_ sandbox: Sandbox, _ host: NetworkSpace) {
            self.sandbox = sandbox
            self.host = host
        }

        func within<Result>(_ body: () throws -> Result) throws -> Result { try host.visit { try sandbox.enter(body) } }

        /// Runs lines of sh(1) in it.
        func shell(_ script: String) throws -> Outcome { try NetworkSpace(sandbox.namespace).shell(script) }

        @discardableResult
        func publish(_ port: UInt16, to containerPort: UInt16, _ transport: PortPlan.Transport = .tcp, at address: String = "0.0.0.0") throws -> [Sandbox.Publication] {
            guard let address = IPAddress(address) else { throw TimedOut(description: "bad address") }
            let plan = PortPlan(transport: transport, hostAddress: address, hostPorts: port...port, containerPort: containerPort)
            return try host.visit { try sandbox.publish([plan]) }
        }
    }
}

/// Where sockets can be opened: a computer or a container.
protocol Place {
    func within<Result>(_ body: () throws -> Result) throws -> Result
}

extension NetworkSpace: Place {
    func within<Result>(_ body: () throws -> Result) throws -> Result { try visit(body) }
}
