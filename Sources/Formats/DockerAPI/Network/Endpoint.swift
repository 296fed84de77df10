package import JSON

/// Where on the host a container's port is published.
package struct PortBinding: JSONRecord, Sendable, Hashable {
    package var hostIp: String = ""
    package var hostPort: String = ""

    package init(hostIp: String = "", hostPort: String = "") {
        self.hostIp = hostIp
        self.hostPort = hostPort
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("HostIp", &hostIp)
        try m("HostPort", &hostPort)
    }
}

/// A port in a list of containers.
package struct PortSummary: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("IP", &ip, .unlessEmpty)
        try m("PrivatePort", &privatePort)
        try m("PublicPort", &publicPort, .unlessEmpty)
        try m("Type", &type)
    }
}

/// Addresses asked for on a network.
package struct EndpointIPAMConfig: JSONRecord, Sendable, Hashable {
    package var ipv4Address: String = ""
    package var ipv6Address: String = ""
    package var linkLocalIPs: [String]?

    package init(ipv4Address: String = "", ipv6Address: String = "", linkLocalIPs: [String]? = nil) {
        self.ipv4Address = ipv4Address
        self.ipv6Address = ipv6Address
        self.linkLocalIPs = linkLocalIPs
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("IPv4Address", &ipv4Address, .unlessEmpty)
        try m("IPv6Address", &ipv6Address, .unlessEmpty)
        try m("LinkLocalIPs", &linkLocalIPs, .unlessEmpty)
    }
}

/// A container's attachment to one network.
package struct EndpointSettings: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("IPAMConfig", &ipamConfig)
        try m("Links", &links)
        try m("Aliases", &aliases)
        try m("MacAddress", &macAddress)
        try m("DriverOpts", &driverOpts)
        try m("GwPriority", &gwPriority)
        try m("NetworkID", &networkID)
        try m("EndpointID", &endpointID)
        try m("Gateway", &gateway)
        try m("IPAddress", &ipAddress)
        try m("IPPrefixLen", &ipPrefixLen)
        try m("IPv6Gateway", &ipv6Gateway)
        try m("GlobalIPv6Address", &globalIPv6Address)
        try m("GlobalIPv6PrefixLen", &globalIPv6PrefixLen)
        try m("DNSNames", &dnsNames)
    }
}

/// The networks that a new container joins, by name or id.
package struct NetworkingConfig: JSONRecord, Sendable, Hashable {
    package var endpointsConfig: [String: EndpointSettings]?

    package init(endpointsConfig: [String: EndpointSettings]? = nil) {
        self.endpointsConfig = endpointsConfig
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("EndpointsConfig", &endpointsConfig)
    }
}
