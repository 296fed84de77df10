internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Values

extension Root {
    static func listNetworks() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list"], "List networks", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    Prune.filter(),
                    .value("format", "Format output using a custom template:\n'table': table with column headers (default)\n'json': JSON, one object a line"),
                    .bool("no-trunc", "Do not truncate the output"), .bool("quiet", short: "q", "Only display network IDs"),
                ]
            },
            action: { session in
                let networks = try await session.client().networks(filters: session.filters())
                let truncates = !session.flags.bool("no-trunc")
                let listing = Listing(
                    headings: [
                        ("ID", "NETWORK ID"), ("Name", "NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE"), ("IPv4", "IPV4"), ("IPv6", "IPV6"),
                        ("Internal", "INTERNAL"), ("Labels", "LABELS"), ("CreatedAt", "CREATED AT"),
                    ], columns: ["ID", "Name", "Driver", "Scope"], typeName: "*network.networkContext",
                    raw: [("network_id", "ID"), ("name", "Name"), ("driver", "Driver"), ("scope", "Scope")])
                let rows = Ports.naturallySorted(networks, by: \.name).map { network in
                    Listing.Row(
                        value: { key in
                            switch key {
                            case "ID": truncates ? String(network.id.prefix(12)) : network.id
                            case "Name": network.name
                            case "Driver": network.driver
                            case "Scope": network.scope
                            case "IPv4": "\(network.enableIPv4)"
                            case "IPv6": "\(network.enableIPv6)"
                            case "Internal": "\(network.internal)"
                            case "Labels": network.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                            case "CreatedAt": Clock.text(network.created)
                            default: nil
                            }
                        }, methods: { ["Label": { .string(network.labels[$0.first?.string ?? ""] ?? "") }] })
                }
                Console.output(try listing.render(rows, format: session.text("format", or: "networksFormat"), quietKey: session.flags.bool("quiet") ? "ID" : nil))
                return 0
            })
    }
}
