package import JSON
package import Values

/// One address range of a network.
package struct IPAMConfig: JSONRecord, Sendable, Hashable {
    package var subnet: String = ""
    package var ipRange: String = ""
    package var gateway: String = ""
    package var auxiliaryAddresses: [String: String]?

    package init(subnet: String = "", ipRange: String = "", gateway: String = "", auxiliaryAddresses: [String: String]? = nil) {
        self.subnet = subnet
        self.ipRange = ipRange
        self.gateway = gateway
        self.auxiliaryAddresses = auxiliaryAddresses
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Subnet", &subnet, .unlessEmpty)
        try m("IPRange", &ipRange, .unlessEmpty)
        try m("Gateway", &gateway, .unlessEmpty)
        try m("AuxiliaryAddresses", &auxiliaryAddresses, .unlessEmpty)
    }
}

/// How a network hands out addresses.
package struct IPAM: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var options: [String: String]?
    package var config: [IPAMConfig]?

    package init(driver: String = "", options: [String: String]? = nil, config: [IPAMConfig]? = nil) {
        self.driver = driver
        self.options = options
        self.config = config
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Driver", &driver)
        try m("Options", &options)
        try m("Config", &config)
    }
}

/// The configuration-only network that another is made from.
package struct ConfigReference: JSONRecord, Sendable, Hashable {
    package var network: String = ""

    package init(network: String = "") {
        self.network = network
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Network", &network)
    }
}

/// A container on a network, as network inspect shows it.
package struct EndpointResource: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var endpointID: String = ""
    package var macAddress: String = ""
    package var ipv4Address: String = ""
    package var ipv6Address: String = ""

    package init(name: String = "", endpointID: String = "", macAddress: String = "", ipv4Address: String = "", ipv6Address: String = "") {
        self.name = name
        self.endpointID = endpointID
        self.macAddress = macAddress
        self.ipv4Address = ipv4Address
        self.ipv6Address = ipv6Address
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("EndpointID", &endpointID)
        try m("MacAddress", &macAddress)
        try m("IPv4Address", &ipv4Address)
        try m("IPv6Address", &ipv6Address)
    }
}

/// Another host of an overlay network.
package struct PeerInfo: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var ip: String = ""

    package init(name: String = "", ip: String = "") {
        self.name = name
        self.ip = ip
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("IP", &ip)
    }
}

/// A network, as list and inspect show it.
package struct Network: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var id: String = ""
    package var created: Timestamp = .never
    package var scope: String = ""
    package var driver: String = ""
    package var enableIPv4: Bool = false
    package var enableIPv6: Bool = false
    package var ipam: IPAM = IPAM()
    package var `internal`: Bool = false
    package var attachable: Bool = false
    package var ingress: Bool = false
    package var configFrom: ConfigReference = ConfigReference()
    package var configOnly: Bool = false
    /// Only from inspect, by container id.
    package var containers: [String: EndpointResource] = [:]
    package var options: [String: String] = [:]
    package var labels: [String: String] = [:]
    /// Only from inspect, of an overlay.
    package var peers: [PeerInfo]?

    package init(
        name: String = "",
        id: String = "",
        created: Timestamp = .never,
        scope: String = "",
        driver: String = "",
        enableIPv4: Bool = false,
        enableIPv6: Bool = false,
        ipam: IPAM = IPAM(),
        `internal`: Bool = false,
        attachable: Bool = false,
        ingress: Bool = false,
        configFrom: ConfigReference = ConfigReference(),
        configOnly: Bool = false,
        containers: [String: EndpointResource] = [:],
        options: [String: String] = [:],
        labels: [String: String] = [:]
    ) {
        self.name = name
        self.id = id
        self.created = created
        self.scope = scope
        self.driver = driver
        self.enableIPv4 = enableIPv4
        self.enableIPv6 = enableIPv6
        self.ipam = ipam
        self.internal = `internal`
        self.attachable = attachable
        self.ingress = ingress
        self.configFrom = configFrom
        self.configOnly = configOnly
        self.containers = containers
        self.options = options
        self.labels = labels
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("Id", &id)
        try m("Created", &created)
        try m("Scope", &scope)
        try m("Driver", &driver)
        try m("EnableIPv4", &enableIPv4)
        try m("EnableIPv6", &enableIPv6)
        try m("IPAM", &ipam)
        try m("Internal", &`internal`)
        try m("Attachable", &attachable)
        try m("Ingress", &ingress)
        try m("ConfigFrom", &configFrom)
        try m("ConfigOnly", &configOnly)
        try m("Containers", &containers)
        try m("Options", &options)
        try m("Labels", &labels)
        try m("Peers", &peers, .unlessEmpty)
    }
}
