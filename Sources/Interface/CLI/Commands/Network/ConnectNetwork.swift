internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Values

extension Root {
    static func connectNetwork() -> AnyCommand {
        AnyCommand(
            "connect", "Connect a container to a network", usage: "[OPTIONS] NETWORK CONTAINER", arity: .exactly(2), subject: .networks,
            flags: {
                [
                    .list("alias", type: "strings", "Names of the container on the network"),
                    .list("driver-opt", type: "strings", "Options of the driver"),
                    .int("gw-priority", "The network with the highest has the default route; negative ones too"),
                    .value("ip", "IPv4 address (e.g., \"172.30.100.104\")"), .value("ip6", "IPv6 address (e.g., \"2001:db8::33\")"),
                    .list("link", "Add a link to another container", problem: Problems.link),
                    .list("link-local-ip", type: "strings", "Add a link-local address"),
                ]
            },
            action: { session in
                let flags = session.flags
                func strings(_ name: String) throws -> [String] { try flags.list(name).flatMap { try MountFlag.commaSeparated($0) } }
                var options: [String: String] = [:]
                for option in try strings("driver-opt") {
                    guard let (key, value) = option.cut("="), !key.trimmed.isEmpty else { throw Invalid("invalid key/value pair format in driver options") }
                    options[key.trimmed] = value.trimmed
                }
                let addresses = EndpointIPAMConfig(
                    ipv4Address: flags.string("ip"), ipv6Address: flags.string("ip6"), linkLocalIPs: try strings("link-local-ip"))
                try await session.client().connectNetwork(
                    session.arguments[0], container: session.arguments[1],
                    EndpointSettings(
                        ipamConfig: addresses, links: flags.list("link"), aliases: try strings("alias"), driverOpts: options,
                        gwPriority: flags.int("gw-priority")))
                return 0
            })
    }

    static func disconnectNetwork() -> AnyCommand {
        AnyCommand(
            "disconnect", "Disconnect a container from a network", usage: "[OPTIONS] NETWORK CONTAINER", arity: .exactly(2), subject: .networks,
            flags: { [.bool("force", short: "f", "Disconnect a container that is not there any more")] },
            action: { session in
                try await session.client().disconnectNetwork(
                    session.arguments[0], container: session.arguments[1], force: session.flags.bool("force"))
                return 0
            })
    }
}
