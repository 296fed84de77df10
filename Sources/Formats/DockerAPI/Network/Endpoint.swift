/// Where on the host a container's port is published.
package struct PortBinding: Codable, Sendable, Hashable {
    package var hostIp: String = ""
    package var hostPort: String = ""

    package init(hostIp: String = "", hostPort: String = "") {
        self.hostIp = hostIp
        self.hostPort = hostPort
    }

    private enum CodingKeys: String, CodingKey {
        case hostIp = "HostIp"
        case hostPort = "HostPort"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        hostIp = try fields.value(.hostIp)
        hostPort = try fields.value(.hostPort)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(hostIp, .hostIp)
        try fields.put(hostPort, .hostPort)
    }
}

/// A port in a list of containers.
package struct PortSummary: Codable, Sendable, Hashable {
    package var ip: String = ""
    package var privatePort: Int = 0
    package var publicPort: Int = 0
    package var type: String = ""

    package init(ip: String = "", privatePort: Int = 0, publicPort: Int = 0, type: String = "") {
        self.ip = ip
        self.privatePort = privatePort
        self.publicPort = publicPort
        self.type = type
    }

    private enum CodingKeys: String, CodingKey {
        case ip = "IP"
        case privatePort = "PrivatePort"
        case publicPort = "PublicPort"
        case type = "Type"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ip = try fields.value(.ip)
        privatePort = try fields.value(.privatePort)
        publicPort = try fields.value(.publicPort)
        type = try fields.value(.type)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(ip, .ip)
        try fields.put(privatePort, .privatePort)
        try fields.putUnlessZero(publicPort, .publicPort)
        try fields.put(type, .type)
    }
}

/// Addresses asked for on a network.
package struct EndpointIPAMConfig: Codable, Sendable, Hashable {
    package var ipv4Address: String = ""
    package var ipv6Address: String = ""
    package var linkLocalIPs: [String]?

    package init(ipv4Address: String = "", ipv6Address: String = "", linkLocalIPs: [String]? = nil) {
        self.ipv4Address = ipv4Address
        self.ipv6Address = ipv6Address
        self.linkLocalIPs = linkLocalIPs
    }

    private enum CodingKeys: String, CodingKey {
        case ipv4Address = "IPv4Address"
        case ipv6Address = "IPv6Address"
        case linkLocalIPs = "LinkLocalIPs"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ipv4Address = try fields.value(.ipv4Address)
        ipv6Address = try fields.value(.ipv6Address)
        linkLocalIPs = try fields.optional(.linkLocalIPs)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(ipv4Address, .ipv4Address)
        try fields.putUnlessZero(ipv6Address, .ipv6Address)
        try fields.putUnlessEmpty(linkLocalIPs, .linkLocalIPs)
    }
}

/// A container's attachment to one network.
package struct EndpointSettings: Codable, Sendable, Hashable {
    package var ipamConfig: EndpointIPAMConfig?
    package var links: [String]?
    package var aliases: [String]?
    package var driverOpts: [String: String]?
    package var gwPriority: Int = 0
    package var networkID: String = ""
    package var endpointID: String = ""
    package var gateway: String = ""
    package var ipAddress: String = ""
    package var macAddress: String = ""
    package var ipPrefixLen: Int = 0
    package var ipv6Gateway: String = ""
    package var globalIPv6Address: String = ""
    package var globalIPv6PrefixLen: Int = 0
    package var dnsNames: [String]?

    package init(
        ipamConfig: EndpointIPAMConfig? = nil,
        links: [String]? = nil,
        aliases: [String]? = nil,
        driverOpts: [String: String]? = nil,
        gwPriority: Int = 0,
        networkID: String = "",
        endpointID: String = "",
        gateway: String = "",
        ipAddress: String = "",
        macAddress: String = "",
        ipPrefixLen: Int = 0,
        ipv6Gateway: String = "",
        globalIPv6Address: String = "",
        globalIPv6PrefixLen: Int = 0,
        dnsNames: [String]? = nil
    ) {
        self.ipamConfig = ipamConfig
        self.links = links
        self.aliases = aliases
        self.driverOpts = driverOpts
        self.gwPriority = gwPriority
        self.networkID = networkID
        self.endpointID = endpointID
        self.gateway = gateway
        self.ipAddress = ipAddress
        self.macAddress = macAddress
        self.ipPrefixLen = ipPrefixLen
        self.ipv6Gateway = ipv6Gateway
        self.globalIPv6Address = globalIPv6Address
        self.globalIPv6PrefixLen = globalIPv6PrefixLen
        self.dnsNames = dnsNames
    }

    private enum CodingKeys: String, CodingKey {
        case ipamConfig = "IPAMConfig"
        case links = "Links"
        case aliases = "Aliases"
        case driverOpts = "DriverOpts"
        case gwPriority = "GwPriority"
        case networkID = "NetworkID"
        case endpointID = "EndpointID"
        case gateway = "Gateway"
        case ipAddress = "IPAddress"
        case macAddress = "MacAddress"
        case ipPrefixLen = "IPPrefixLen"
        case ipv6Gateway = "IPv6Gateway"
        case globalIPv6Address = "GlobalIPv6Address"
        case globalIPv6PrefixLen = "GlobalIPv6PrefixLen"
        case dnsNames = "DNSNames"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ipamConfig = try fields.optional(.ipamConfig)
        links = try fields.optional(.links)
        aliases = try fields.optional(.aliases)
        driverOpts = try fields.optional(.driverOpts)
        gwPriority = try fields.value(.gwPriority)
        networkID = try fields.value(.networkID)
        endpointID = try fields.value(.endpointID)
        gateway = try fields.value(.gateway)
        ipAddress = try fields.value(.ipAddress)
        macAddress = try fields.value(.macAddress)
        ipPrefixLen = try fields.value(.ipPrefixLen)
        ipv6Gateway = try fields.value(.ipv6Gateway)
        globalIPv6Address = try fields.value(.globalIPv6Address)
        globalIPv6PrefixLen = try fields.value(.globalIPv6PrefixLen)
        dnsNames = try fields.optional(.dnsNames)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(ipamConfig, .ipamConfig)
        try fields.put(links, .links)
        try fields.put(aliases, .aliases)
        try fields.put(driverOpts, .driverOpts)
        try fields.put(gwPriority, .gwPriority)
        try fields.put(networkID, .networkID)
        try fields.put(endpointID, .endpointID)
        try fields.put(gateway, .gateway)
        try fields.put(ipAddress, .ipAddress)
        try fields.put(macAddress, .macAddress)
        try fields.put(ipPrefixLen, .ipPrefixLen)
        try fields.put(ipv6Gateway, .ipv6Gateway)
        try fields.put(globalIPv6Address, .globalIPv6Address)
        try fields.put(globalIPv6PrefixLen, .globalIPv6PrefixLen)
        try fields.put(dnsNames, .dnsNames)
    }
}

/// The networks that a new container joins, by name or id.
package struct NetworkingConfig: Codable, Sendable, Hashable {
    package var endpointsConfig: [String: EndpointSettings]?

    package init(endpointsConfig: [String: EndpointSettings]? = nil) {
        self.endpointsConfig = endpointsConfig
    }

    private enum CodingKeys: String, CodingKey {
        case endpointsConfig = "EndpointsConfig"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        endpointsConfig = try fields.optional(.endpointsConfig)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(endpointsConfig, .endpointsConfig)
    }
}

extension PortBinding: GoZero { package static var zero: Self { Self() } }
extension PortSummary: GoZero { package static var zero: Self { Self() } }
extension EndpointIPAMConfig: GoZero { package static var zero: Self { Self() } }
extension EndpointSettings: GoZero { package static var zero: Self { Self() } }
extension NetworkingConfig: GoZero { package static var zero: Self { Self() } }
