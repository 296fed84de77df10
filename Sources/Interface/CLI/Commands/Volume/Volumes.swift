internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Terminal

extension Root {
    static func createVolume() -> AnyCommand {
        AnyCommand(
            "create", "Create a volume", usage: "[OPTIONS] [VOLUME]", arity: .atMost(1),
            flags: {
                [
                    .value("driver", short: "d", default: "local", "Volume driver"), .list("label", "Set metadata for the volume", problem: Problems.label),
                    .list("opt", short: "o", type: "map", "Options of the driver"), .value("name", "Volume name").hidden(),
                ]
            },
            action: { session in
                let flags = session.flags
                if flags.isSet("name"), !session.arguments.isEmpty {
                    throw Invalid("conflicting options: cannot specify a volume-name through both --name and as a positional arg")
                }
                let volume = try await session.client().createVolume(
                    VolumeCreateRequest(
                        driver: flags.string("driver"), driverOpts: ContainerRequest.map(flags.list("opt")),
                        labels: ContainerRequest.map(flags.list("label")), name: session.arguments.first ?? flags.string("name")))
                session.print(volume.name)
                return 0
            })
    }

    static func listVolumes() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list"], "List volumes", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    Prune.filter(), .bool("cluster", "Display only cluster volumes").hidden().unsupported("there are no clusters"),
                    .value("format", "Format output using a custom template:\n'table': table with column headers (default)\n'json': JSON, one object a line"),
                    .bool("quiet", short: "q", "Only display volume names"),
                ]
            },
            action: { session in
                let list = try await session.client().volumes(filters: session.filters())
                for warning in list.warnings ?? [] { session.warn("WARNING: \(warning)") }
                let listing = Listing(
                    headings: VolumeRow.headings, columns: ["Driver", "Name"], typeName: "*formatter.volumeContext", raw: [("name", "Name"), ("driver", "Driver")])
                let rows = Ports.naturallySorted(list.volumes, by: \.name).map { volume in
                    let labels = volume.labels ?? [:]
                    return Listing.Row(value: VolumeRow(volume: volume).value, methods: { ["Label": { .string(labels[$0.first?.string ?? ""] ?? "") }] })
                }
                Console.output(try listing.render(rows, format: session.text("format", or: "volumesFormat"), quietKey: session.flags.bool("quiet") ? "Name" : nil))
                return 0
            })
    }

    static func removeVolume() -> AnyCommand {
        AnyCommand(
            "rm", aliases: ["remove"], "Remove one or more volumes", usage: "[OPTIONS] VOLUME [VOLUME...]", arity: .atLeast(1), subject: .volumes,
            flags: { [.bool("force", short: "f", "Force the removal of one or more volumes")] },
            action: { session in
                let client = try session.client()
                return try await session.forEach(session.arguments) { try await client.removeVolume($0, force: session.flags.bool("force")) }
            })
    }

    static func pruneVolumes() -> AnyCommand {
        AnyCommand(
            "prune", "Remove unused local volumes", usage: "[OPTIONS]", arity: .none,
            flags: { Prune.flags + [.bool("all", short: "a", "Remove all unused volumes, not just anonymous ones")] },
            action: { session in
                let all = session.flags.bool("all")
                let what = all ? "local volumes" : "anonymous local volumes"
                guard try await Prune.confirm(session, "WARNING! This will remove \(what) not used by at least one container.") else { return 0 }
                var filters = try Prune.filters(session)
                if all { filters.add("all", "true") }
                let report = try await session.client().pruneVolumes(filters: filters)
                Prune.report("Deleted Volumes:", report.volumesDeleted ?? [], report.spaceReclaimed)
                return 0
            })
    }
}

/// One volume of a list, as its columns show it.
struct VolumeRow {
    let volume: Volume

    static let headings: [(key: String, heading: String)] = [
        ("Driver", "DRIVER"), ("Name", "VOLUME NAME"), ("Labels", "LABELS"), ("Links", "LINKS"), ("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE"),
        ("Size", "SIZE"), ("Availability", "AVAILABILITY"), ("Group", "GROUP"), ("Status", "STATUS"),
    ]

    func value(_ key: String) -> String? {
        switch key {
        case "Driver": volume.driver
        case "Name": volume.name
        case "Labels": (volume.labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        case "Links": volume.usageData.map { String($0.refCount) } ?? "N/A"
        case "Mountpoint": volume.mountpoint
        case "Scope": volume.scope
        case "Size": volume.usageData.map { HumanText.size($0.size, precision: 4) } ?? "N/A"
        case "Availability", "Group", "Status": "N/A"
        default: nil
        }
    }
}
