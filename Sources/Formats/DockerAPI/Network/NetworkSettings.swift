/// The networks that a container is on.
package struct NetworkSettings: Codable, Sendable, Hashable {
    package var sandboxID: String = ""
    package var sandboxKey: String = ""
    package var ports: PortMap = PortMap()
    package var networks: [String: EndpointSettings]?

    package init(sandboxID: String = "", sandboxKey: String = "", ports: PortMap = PortMap(), networks: [String: EndpointSettings]? = nil) {
        self.sandboxID = sandboxID
        self.sandboxKey = sandboxKey
        self.ports = ports
        self.networks = networks
    }

    private enum CodingKeys: String, CodingKey {
        case bridge = "Bridge"
        case sandboxID = "SandboxID"
        case sandboxKey = "SandboxKey"
        case ports = "Ports"
        case hairpinMode = "HairpinMode"
        case linkLocalIPv6Address = "LinkLocalIPv6Address"
        case linkLocalIPv6PrefixLen = "LinkLocalIPv6PrefixLen"
        case secondaryIPAddresses = "SecondaryIPAddresses"
        case secondaryIPv6Addresses = "SecondaryIPv6Addresses"
        case endpointID = "EndpointID"
        case gateway = "Gateway"
        case globalIPv6Address = "GlobalIPv6Address"
        case globalIPv6PrefixLen = "GlobalIPv6PrefixLen"
        case ipAddress = "IPAddress"
        case ipPrefixLen = "IPPrefixLen"
        case ipv6Gateway = "IPv6Gateway"
        case macAddress = "MacAddress"
        case networks = "Networks"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        sandboxID = try fields.value(.sandboxID)
        sandboxKey = try fields.value(.sandboxKey)
        ports = try fields.value(.ports)
        networks = try fields.optional(.networks)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put("", .bridge)
        try fields.put(sandboxID, .sandboxID)
        try fields.put(sandboxKey, .sandboxKey)
        try fields.put(ports, .ports)
        // What there was before a container could be on several networks, told of the default one; clients still read it.
        try fields.put(false, .hairpinMode)
        try fields.put("", .linkLocalIPv6Address)
        try fields.put(0, .linkLocalIPv6PrefixLen)
        try fields.put(nil as [String]?, .secondaryIPAddresses)
        try fields.put(nil as [String]?, .secondaryIPv6Addresses)
        let bridge = networks?["bridge"] ?? EndpointSettings()
        try fields.put(bridge.endpointID, .endpointID)
        try fields.put(bridge.gateway, .gateway)
        try fields.put(bridge.globalIPv6Address, .globalIPv6Address)
        try fields.put(bridge.globalIPv6PrefixLen, .globalIPv6PrefixLen)
        try fields.put(bridge.ipAddress, .ipAddress)
        try fields.put(bridge.ipPrefixLen, .ipPrefixLen)
        try fields.put(bridge.ipv6Gateway, .ipv6Gateway)
        try fields.put(bridge.macAddress, .macAddress)
        try fields.put(networks, .networks)
    }
}

extension NetworkSettings: GoZero { package static var zero: Self { Self() } }
