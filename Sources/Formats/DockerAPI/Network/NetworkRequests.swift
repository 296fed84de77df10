/// The body of POST /networks/create.
package struct NetworkCreateRequest: Codable, Sendable, Hashable {
    package var name: String = ""
    package var driver: String = ""
    package var scope: String = ""
    package var enableIPv4: Bool?
    package var enableIPv6: Bool?
    package var ipam: IPAM?
    package var `internal`: Bool = false
    package var attachable: Bool = false
    package var ingress: Bool = false
    package var configOnly: Bool = false
    package var configFrom: ConfigReference?
    package var options: [String: String]?
    package var labels: [String: String]?

    package init(
        name: String = "",
        driver: String = "",
        scope: String = "",
        enableIPv4: Bool? = nil,
        enableIPv6: Bool? = nil,
        ipam: IPAM? = nil,
        `internal`: Bool = false,
        attachable: Bool = false,
        ingress: Bool = false,
        configOnly: Bool = false,
        configFrom: ConfigReference? = nil,
        options: [String: String]? = nil,
        labels: [String: String]? = nil
    ) {
        self.name = name
        self.driver = driver
        self.scope = scope
        self.enableIPv4 = enableIPv4
        self.enableIPv6 = enableIPv6
        self.ipam = ipam
        self.internal = `internal`
        self.attachable = attachable
        self.ingress = ingress
        self.configOnly = configOnly
        self.configFrom = configFrom
        self.options = options
        self.labels = labels
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case driver = "Driver"
        case scope = "Scope"
        case enableIPv4 = "EnableIPv4"
        case enableIPv6 = "EnableIPv6"
        case ipam = "IPAM"
        case `internal` = "Internal"
        case attachable = "Attachable"
        case ingress = "Ingress"
        case configOnly = "ConfigOnly"
        case configFrom = "ConfigFrom"
        case options = "Options"
        case labels = "Labels"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        driver = try fields.value(.driver)
        scope = try fields.value(.scope)
        enableIPv4 = try fields.optional(.enableIPv4)
        enableIPv6 = try fields.optional(.enableIPv6)
        ipam = try fields.optional(.ipam)
        `internal` = try fields.value(.internal)
        attachable = try fields.value(.attachable)
        ingress = try fields.value(.ingress)
        configOnly = try fields.value(.configOnly)
        configFrom = try fields.optional(.configFrom)
        options = try fields.optional(.options)
        labels = try fields.optional(.labels)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(driver, .driver)
        try fields.put(scope, .scope)
        try fields.putUnlessEmpty(enableIPv4, .enableIPv4)
        try fields.putUnlessEmpty(enableIPv6, .enableIPv6)
        try fields.put(ipam, .ipam)
        try fields.put(`internal`, .internal)
        try fields.put(attachable, .attachable)
        try fields.put(ingress, .ingress)
        try fields.put(configOnly, .configOnly)
        try fields.put(configFrom, .configFrom)
        try fields.put(options, .options)
        try fields.put(labels, .labels)
    }
}

/// The answer to POST /networks/create.
package struct NetworkCreateResponse: Codable, Sendable, Hashable {
    package var id: String = ""
    package var warning: String = ""

    package init(id: String = "", warning: String = "") {
        self.id = id
        self.warning = warning
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case warning = "Warning"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        warning = try fields.value(.warning)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(warning, .warning)
    }
}

/// The body of POST /networks/{id}/connect.
package struct NetworkConnectRequest: Codable, Sendable, Hashable {
    package var container: String = ""
    package var endpointConfig: EndpointSettings?

    package init(container: String = "", endpointConfig: EndpointSettings? = nil) {
        self.container = container
        self.endpointConfig = endpointConfig
    }

    private enum CodingKeys: String, CodingKey {
        case container = "Container"
        case endpointConfig = "EndpointConfig"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        container = try fields.value(.container)
        endpointConfig = try fields.optional(.endpointConfig)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(container, .container)
        try fields.putUnlessEmpty(endpointConfig, .endpointConfig)
    }
}

/// The body of POST /networks/{id}/disconnect.
package struct NetworkDisconnectRequest: Codable, Sendable, Hashable {
    package var container: String = ""
    package var force: Bool = false

    package init(container: String = "", force: Bool = false) {
        self.container = container
        self.force = force
    }

    private enum CodingKeys: String, CodingKey {
        case container = "Container"
        case force = "Force"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        container = try fields.value(.container)
        force = try fields.value(.force)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(container, .container)
        try fields.put(force, .force)
    }
}

extension NetworkCreateRequest: GoZero { package static var zero: Self { Self() } }
extension NetworkCreateResponse: GoZero { package static var zero: Self { Self() } }
extension NetworkConnectRequest: GoZero { package static var zero: Self { Self() } }
extension NetworkDisconnectRequest: GoZero { package static var zero: Self { Self() } }
