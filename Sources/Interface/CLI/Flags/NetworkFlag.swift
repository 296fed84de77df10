internal import Arguments
internal import DockerAPI
internal import Values

/// `--network name` and `--network name=…,alias=…`.
struct NetworkFlag {
    var target: String
    var endpoint = EndpointSettings()

    static func parse(_ text: String) throws -> NetworkFlag {
        guard text.contains("=") else { return NetworkFlag(target: text) }
        var network = NetworkFlag(target: "")
        var ipam = EndpointIPAMConfig()
        for field in try MountFlag.commaSeparated(text) {
            guard let (name, value) = field.lowercased().cut("="), !name.isEmpty else { throw Invalid("invalid field \(field)") }
            let text = value.trimmed
            switch name.trimmed {
            case "name": network.target = text
            case "alias": network.endpoint.aliases = (network.endpoint.aliases ?? []) + [text]
            case "ip":
                guard IPAddress(text) != nil else { throw Invalid("ParseAddr(\(Syntax.quoted(text))): unable to parse IP") }
                ipam.ipv4Address = text
            case "ip6":
                guard IPAddress(text) != nil else { throw Invalid("ParseAddr(\(Syntax.quoted(text))): unable to parse IP") }
                ipam.ipv6Address = text
            case "mac-address": network.endpoint.macAddress = text
            case "link-local-ip": ipam.linkLocalIPs = (ipam.linkLocalIPs ?? []) + [text]
            case "driver-opt":
                guard let (key, option) = text.cut("=") else { throw Invalid("invalid key value pair format in driver options") }
                network.endpoint.driverOpts = (network.endpoint.driverOpts ?? [:]).merging([key.trimmed: option.trimmed]) { $1 }
            case "gw-priority":
                guard let priority = Int(text) else { throw Invalid("invalid gw-priority (\(text)): invalid syntax") }
                network.endpoint.gwPriority = priority
            default: throw Invalid("invalid field key \(name.trimmed)")
            }
        }
        guard !network.target.isEmpty else { throw Invalid("network name/id is not specified") }
        if ipam != EndpointIPAMConfig() { network.endpoint.ipamConfig = ipam }
        return network
    }

    /// Whether it is a network that someone made, and not a mode.
    var isUserDefined: Bool {
        !["default", "bridge", "host", "none", "nat"].contains(target) && !target.hasPrefix("container:")
    }

    /// The endpoints of all `--network` flags; the first takes the flags that are not of any one network.
    static func endpoints(_ flags: FlagValues) throws -> (mode: String, endpoints: [String: EndpointSettings]) {
        let given = try (flags.list("network") + flags.list("net")).map(parse)
        var networks = given.isEmpty ? [NetworkFlag(target: "default")] : given
        try networks[0].apply(flags)
        var endpoints: [String: EndpointSettings] = [:]
        for network in networks {
            guard !network.target.trimmed.isEmpty else { throw Invalid("no name set for network") }
            if !network.isUserDefined {
                if network.endpoint.aliases?.isEmpty == false { throw Invalid("network-scoped aliases are only supported for user-defined networks") }
                if network.endpoint.links?.isEmpty == false { throw Invalid("links are only supported for user-defined networks") }
            }
            if !network.endpoint.macAddress.isEmpty, !Problems.isHardwareAddress(network.endpoint.macAddress) {
                throw Invalid("\(network.endpoint.macAddress) is not a valid mac address")
            }
            if endpoints[network.target] != nil { throw Invalid("network \(Syntax.quoted(network.target)) is specified multiple times") }
            // A lone network without options of its own is told by the mode alone.
            if given.count == 1, network.endpoint == EndpointSettings() { continue }
            endpoints[network.target] = network.endpoint
        }
        if networks.contains(where: \.isUserDefined), networks.contains(where: { !$0.isUserDefined }) {
            throw Invalid("conflicting options: cannot attach both user-defined and non-user-defined network-modes")
        }
        return (networks[0].target, endpoints)
    }

    private mutating func apply(_ flags: FlagValues) throws {
        let aliases = flags.list("network-alias") + flags.list("net-alias")
        if !aliases.isEmpty {
            if endpoint.aliases != nil { throw Invalid("conflicting options: cannot specify both --network-alias and per-network alias") }
            endpoint.aliases = aliases
        }
        if isUserDefined, !flags.list("link").isEmpty { endpoint.links = flags.list("link") }
        var ipam = endpoint.ipamConfig ?? EndpointIPAMConfig()
        if let address = flags.optional("ip") {
            if !ipam.ipv4Address.isEmpty { throw Invalid("conflicting options: cannot specify both --ip and per-network IPv4 address") }
            ipam.ipv4Address = address
        }
        if let address = flags.optional("ip6") {
            if !ipam.ipv6Address.isEmpty { throw Invalid("conflicting options: cannot specify both --ip6 and per-network IPv6 address") }
            ipam.ipv6Address = address
        }
        if !flags.list("link-local-ip").isEmpty {
            guard ipam.linkLocalIPs == nil else {
                throw Invalid("conflicting options: cannot specify both --link-local-ip and per-network link-local IP addresses")
            }
            ipam.linkLocalIPs = flags.list("link-local-ip")
        }
        if ipam != EndpointIPAMConfig() { endpoint.ipamConfig = ipam }
        if let address = flags.optional("mac-address") {
            guard endpoint.macAddress.isEmpty else {
                throw Invalid("conflicting options: cannot specify both --mac-address and per-network MAC address")
            }
            endpoint.macAddress = address.trimmed
        }
    }
}
