package import JSON

/// A port of a service.
package struct ComposePort: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var mode: String = ""
    package var hostIp: String = ""
    package var target: Int = 0
    /// A port, a range, or nothing for any.
    package var published: String = ""
    package var transport: String = ""
    package var appProtocol: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name, .unlessEmpty)
        try m("mode", &mode, .unlessEmpty)
        try m("host_ip", &hostIp, .unlessEmpty)
        try m("target", &target, .unlessEmpty)
        try m("published", &published, .unlessEmpty)
        try m("protocol", &transport, .unlessEmpty)
        try m("app_protocol", &appProtocol, .unlessEmpty)
    }
}

/// A service's place on a network.
package struct ComposeAttachment: JSONRecord, Sendable, Hashable {
    package var aliases: [String] = []
    package var driverOpts: [String: String] = [:]
    package var gwPriority: Int = 0
    package var interfaceName: String = ""
    package var ipv4Address: String = ""
    package var ipv6Address: String = ""
    package var linkLocalIps: [String] = []
    package var macAddress: String = ""
    package var priority: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("aliases", &aliases, .unlessEmpty)
        try m("driver_opts", &driverOpts, .unlessEmpty)
        try m("gw_priority", &gwPriority, .unlessEmpty)
        try m("interface_name", &interfaceName, .unlessEmpty)
        try m("ipv4_address", &ipv4Address, .unlessEmpty)
        try m("ipv6_address", &ipv6Address, .unlessEmpty)
        try m("link_local_ips", &linkLocalIps, .unlessEmpty)
        try m("mac_address", &macAddress, .unlessEmpty)
        try m("priority", &priority, .unlessEmpty)
    }
}

/// One range of addresses of a network.
package struct ComposeIPPool: JSONRecord, Sendable, Hashable {
    package var subnet: String = ""
    package var gateway: String = ""
    package var ipRange: String = ""
    package var auxAddresses: [String: String] = [:]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("subnet", &subnet, .unlessEmpty)
        try m("gateway", &gateway, .unlessEmpty)
        try m("ip_range", &ipRange, .unlessEmpty)
        try m("aux_addresses", &auxAddresses, .unlessEmpty)
    }
}

/// How a network hands out addresses.
package struct ComposeIPAM: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var config: [ComposeIPPool] = []
    package var options: [String: String] = [:]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("driver", &driver, .unlessEmpty)
        try m("config", &config, .unlessEmpty)
        try m("options", &options, .unlessEmpty)
    }
}

/// A network of a project.
package struct ComposeNetwork: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var driver: String = ""
    package var driverOpts: [String: String] = [:]
    package var ipam: ComposeIPAM = ComposeIPAM()
    package var isExternal: Bool = false
    package var isInternal: Bool = false
    package var attachable: Bool = false
    package var labels: [String: String] = [:]
    package var enableIpv4: Bool?
    package var enableIpv6: Bool?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name, .unlessEmpty)
        try m("driver", &driver, .unlessEmpty)
        try m("driver_opts", &driverOpts, .unlessEmpty)
        try m("ipam", &ipam)
        try m("external", &isExternal, .unlessEmpty)
        try m("internal", &isInternal, .unlessEmpty)
        try m("attachable", &attachable, .unlessEmpty)
        try m("labels", &labels, .unlessEmpty)
        try m("enable_ipv4", &enableIpv4, .unlessEmpty)
        try m("enable_ipv6", &enableIpv6, .unlessEmpty)
    }
}
