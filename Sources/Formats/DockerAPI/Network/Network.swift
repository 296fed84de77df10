package import Values

/// One address range of a network.
package struct IPAMConfig: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case subnet = "Subnet"
        case ipRange = "IPRange"
        case gateway = "Gateway"
        case auxiliaryAddresses = "AuxiliaryAddresses"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        subnet = try fields.value(.subnet)
        ipRange = try fields.value(.ipRange)
        gateway = try fields.value(.gateway)
        auxiliaryAddresses = try fields.optional(.auxiliaryAddresses)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(subnet, .subnet)
        try fields.putUnlessZero(ipRange, .ipRange)
        try fields.putUnlessZero(gateway, .gateway)
        try fields.putUnlessEmpty(auxiliaryAddresses, .auxiliaryAddresses)
    }
}

/// How a network hands out addresses.
package struct IPAM: Codable, Sendable, Hashable {
    package var driver: String = ""
    package var options: [String: String]?
    package var config: [IPAMConfig]?

    package init(driver: String = "", options: [String: String]? = nil, config: [IPAMConfig]? = nil) {
        self.driver = driver
        self.options = options
        self.config = config
    }

    private enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case options = "Options"
        case config = "Config"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        driver = try fields.value(.driver)
        options = try fields.optional(.options)
        config = try fields.optional(.config)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(driver, .driver)
        try fields.put(options, .options)
        try fields.put(config, .config)
    }
}

/// The configuration-only network that another is made from.
package struct ConfigReference: Codable, Sendable, Hashable {
    package var network: String = ""

    package init(network: String = "") {
        self.network = network
    }

    private enum CodingKeys: String, CodingKey {
        case network = "Network"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        network = try fields.value(.network)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(network, .network)
    }
}

/// A container on a network, as network inspect shows it.
package struct EndpointResource: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case endpointID = "EndpointID"
        case macAddress = "MacAddress"
        case ipv4Address = "IPv4Address"
        case ipv6Address = "IPv6Address"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        endpointID = try fields.value(.endpointID)
        macAddress = try fields.value(.macAddress)
        ipv4Address = try fields.value(.ipv4Address)
        ipv6Address = try fields.value(.ipv6Address)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(endpointID, .endpointID)
        try fields.put(macAddress, .macAddress)
        try fields.put(ipv4Address, .ipv4Address)
        try fields.put(ipv6Address, .ipv6Address)
    }
}

/// A network, as list and inspect show it.
package struct Network: Codable, Sendable, Hashable {
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
    package var containers: [String: EndpointResource]?
    package var options: [String: String] = [:]
    package var labels: [String: String] = [:]

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
        containers: [String: EndpointResource]? = nil,
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

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case id = "Id"
        case created = "Created"
        case scope = "Scope"
        case driver = "Driver"
        case enableIPv4 = "EnableIPv4"
        case enableIPv6 = "EnableIPv6"
        case ipam = "IPAM"
        case `internal` = "Internal"
        case attachable = "Attachable"
        case ingress = "Ingress"
        case configFrom = "ConfigFrom"
        case configOnly = "ConfigOnly"
        case containers = "Containers"
        case options = "Options"
        case labels = "Labels"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        id = try fields.value(.id)
        created = try fields.value(.created)
        scope = try fields.value(.scope)
        driver = try fields.value(.driver)
        enableIPv4 = try fields.value(.enableIPv4)
        enableIPv6 = try fields.value(.enableIPv6)
        ipam = try fields.value(.ipam)
        `internal` = try fields.value(.internal)
        attachable = try fields.value(.attachable)
        ingress = try fields.value(.ingress)
        configFrom = try fields.value(.configFrom)
        configOnly = try fields.value(.configOnly)
        containers = try fields.optional(.containers)
        options = try fields.value(.options)
        labels = try fields.value(.labels)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(id, .id)
        try fields.put(created, .created)
        try fields.put(scope, .scope)
        try fields.put(driver, .driver)
        try fields.put(enableIPv4, .enableIPv4)
        try fields.put(enableIPv6, .enableIPv6)
        try fields.put(ipam, .ipam)
        try fields.put(`internal`, .internal)
        try fields.put(attachable, .attachable)
        try fields.put(ingress, .ingress)
        try fields.put(configFrom, .configFrom)
        try fields.put(configOnly, .configOnly)
        try fields.putUnlessEmpty(containers, .containers)
        try fields.put(options, .options)
        try fields.put(labels, .labels)
    }
}

extension IPAMConfig: GoZero { package static var zero: Self { Self() } }
extension IPAM: GoZero { package static var zero: Self { Self() } }
extension ConfigReference: GoZero { package static var zero: Self { Self() } }
extension EndpointResource: GoZero { package static var zero: Self { Self() } }
extension Network: GoZero { package static var zero: Self { Self() } }
