package import JSON

/// The body of POST /networks/create.
package struct NetworkCreateRequest: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("Driver", &driver)
        try m("Scope", &scope)
        try m("EnableIPv4", &enableIPv4, .unlessEmpty)
        try m("EnableIPv6", &enableIPv6, .unlessEmpty)
        try m("IPAM", &ipam)
        try m("Internal", &`internal`)
        try m("Attachable", &attachable)
        try m("Ingress", &ingress)
        try m("ConfigOnly", &configOnly)
        try m("ConfigFrom", &configFrom)
        try m("Options", &options)
        try m("Labels", &labels)
    }
}

/// The answer to POST /networks/create.
package struct NetworkCreateResponse: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var warning: String = ""

    package init(id: String = "", warning: String = "") {
        self.id = id
        self.warning = warning
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
        try m("Warning", &warning)
    }
}

/// The body of POST /networks/{id}/connect.
package struct NetworkConnectRequest: JSONRecord, Sendable, Hashable {
    package var container: String = ""
    package var endpointConfig: EndpointSettings?

    package init(container: String = "", endpointConfig: EndpointSettings? = nil) {
        self.container = container
        self.endpointConfig = endpointConfig
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Container", &container)
        try m("EndpointConfig", &endpointConfig, .unlessEmpty)
    }
}

/// The body of POST /networks/{id}/disconnect.
package struct NetworkDisconnectRequest: JSONRecord, Sendable, Hashable {
    package var container: String = ""
    package var force: Bool = false

    package init(container: String = "", force: Bool = false) {
        self.container = container
        self.force = force
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Container", &container)
        try m("Force", &force)
    }
}
