internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Values

extension Root {
    static func createNetwork() -> AnyCommand {
        AnyCommand(
            "create", "Create a network", usage: "[OPTIONS] NETWORK", arity: .exactly(1),
            flags: {
                [
                    .bool("attachable", "Let containers be attached by hand"),
                    .list("aux-address", type: "map", "Addresses that the driver keeps for itself (name=address)"),
                    .value("config-from", "The network whose configuration is copied"), .bool("config-only", "Create a network that is only a configuration"),
                    .value("driver", short: "d", default: "bridge", "Driver of the network"),
                    .list("gateway", type: "strings", "IPv4 or IPv6 gateway of the subnet"), .bool("ingress", "Create a swarm's routing mesh"),
                    .bool("internal", "Let nothing in from outside nor out"),
                    .list("ip-range", type: "strings", "Give containers addresses from a part of the subnet"),
                    .value("ipam-driver", default: "default", "Driver that gives addresses"),
                    .list("ipam-opt", type: "map", "Options of that driver"),
                    .bool("ipv4", default: true, "Give IPv4 addresses"), .bool("ipv6", "Give IPv6 addresses"),
                    .list("label", "Set metadata on the network", problem: Problems.label),
                    .list("opt", short: "o", type: "map", "Options of the driver"), .value("scope", "Scope of the network"),
                    .list("subnet", type: "strings", "Subnet in CIDR notation"),
                ]
            },
            action: { session in
                let flags = session.flags
                let ranges = try NetworkRanges.make(
                    subnets: strings(flags, "subnet"), ranges: strings(flags, "ip-range"), gateways: strings(flags, "gateway"),
                    auxiliary: ContainerRequest.map(flags.list("aux-address")))
                let from = flags.string("config-from")
                let answer = try await session.client().createNetwork(
                    NetworkCreateRequest(
                        name: session.arguments[0], driver: flags.string("driver"), scope: flags.string("scope"),
                        enableIPv4: flags.isSet("ipv4") ? flags.bool("ipv4") : nil, enableIPv6: flags.isSet("ipv6") ? flags.bool("ipv6") : nil,
                        ipam: IPAM(driver: flags.string("ipam-driver"), options: ContainerRequest.map(flags.list("ipam-opt")), config: ranges),
                        internal: flags.bool("internal"), attachable: flags.bool("attachable"), ingress: flags.bool("ingress"),
                        configOnly: flags.bool("config-only"), configFrom: from.isEmpty ? nil : ConfigReference(network: from),
                        options: ContainerRequest.map(flags.list("opt")), labels: ContainerRequest.map(flags.list("label"))))
                if !answer.warning.isEmpty { session.warn("WARNING: \(answer.warning)") }
                session.print(answer.id)
                return 0
            })
    }

    /// A flag that takes several values at once, separated by commas.
    private static func strings(_ flags: FlagValues, _ name: String) throws -> [String] { try flags.list(name).flatMap { try MountFlag.commaSeparated($0) } }
}

/// `--subnet`, `--ip-range`, `--gateway` and `--aux-address`, put together by which subnet they are in, with the stock client's errors.
enum NetworkRanges {
    static func make(subnets: [String], ranges: [String], gateways: [String], auxiliary: [String: String]) throws -> [IPAMConfig] {
        guard subnets.count >= ranges.count, subnets.count >= gateways.count else {
            throw Invalid("every ip-range or gateway must have a corresponding subnet")
        }
        var configs: [IPAMConfig] = []
        for subnet in subnets {
            for other in configs where try contains(subnet, other.subnet) || contains(other.subnet, subnet) {
                throw Invalid("multiple overlapping subnet configuration is not supported")
            }
            configs.append(IPAMConfig(subnet: subnet))
        }
        for range in ranges {
            guard IPPrefix(range) != nil else { throw Invalid("invalid CIDR address: \(range)") }
            try assign(range, to: &configs, missing: "range") { config throws(Invalid) in
                if !config.ipRange.isEmpty {
                    throw Invalid("cannot configure multiple ranges (\(range), \(config.ipRange)) on the same subnet (\(config.subnet))")
                }
                config.ipRange = range
            }
        }
        for gateway in gateways {
            try assign(gateway, to: &configs, missing: "gateway") { config throws(Invalid) in
                if !config.gateway.isEmpty {
                    throw Invalid("cannot configure multiple gateways (\(gateway), \(config.gateway)) for the same subnet (\(config.subnet))")
                }
                config.gateway = gateway
            }
        }
        for (name, address) in auxiliary.sorted(by: { $0.key < $1.key }) {
            try assign(address, to: &configs, missing: "aux-address") { config throws(Invalid) in
                config.auxiliaryAddresses = (config.auxiliaryAddresses ?? [:]).merging([name: address]) { $1 }
            }
        }
        return configs
    }

    private static func assign(
        _ text: String, to configs: inout [IPAMConfig], missing what: String, _ body: (inout IPAMConfig) throws(Invalid) -> Void
    ) throws {
        var isAssigned = false
        for index in configs.indices where try contains(configs[index].subnet, text) {
            try body(&configs[index])
            isAssigned = true
        }
        if !isAssigned { throw Invalid("no matching subnet for \(what) \(text)") }
    }

    /// Whether an address, or the first of a subnet, is in the subnet. What is no address is in none.
    private static func contains(_ subnet: String, _ text: String) throws(Invalid) -> Bool {
        guard let prefix = IPPrefix(subnet) else { throw Invalid("invalid subnet: invalid CIDR address: \(subnet)") }
        if text.contains("/") {
            guard let other = IPPrefix(text) else { throw Invalid("invalid CIDR address: \(text)") }
            return prefix.contains(other.address)
        }
        return IPAddress(text).map { prefix.contains($0) } ?? false
    }
}
