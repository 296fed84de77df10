package import JSON

/// The networks that a container is on.
package struct NetworkSettings: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        m.tell("Bridge", "")
        try m("SandboxID", &sandboxID)
        try m("SandboxKey", &sandboxKey)
        try m("Ports", &ports)
        // What there was before a container could be on several networks, told of the default one; clients still read it.
        let bridge = networks?["bridge"] ?? EndpointSettings()
        m.tell("HairpinMode", false)
        m.tell("LinkLocalIPv6Address", "")
        m.tell("LinkLocalIPv6PrefixLen", 0)
        m.tell("SecondaryIPAddresses", JSONValue.null)
        m.tell("SecondaryIPv6Addresses", JSONValue.null)
        m.tell("EndpointID", bridge.endpointID)
        m.tell("Gateway", bridge.gateway)
        m.tell("GlobalIPv6Address", bridge.globalIPv6Address)
        m.tell("GlobalIPv6PrefixLen", bridge.globalIPv6PrefixLen)
        m.tell("IPAddress", bridge.ipAddress)
        m.tell("IPPrefixLen", bridge.ipPrefixLen)
        m.tell("IPv6Gateway", bridge.ipv6Gateway)
        m.tell("MacAddress", bridge.macAddress)
        try m("Networks", &networks)
    }
}
