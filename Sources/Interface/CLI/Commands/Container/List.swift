internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Linux
internal import Terminal
internal import Values

extension Root {
    static func list() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list", "ps"], synonyms: ["container ls", "container list", "container ps", "ps"], "List containers", usage: "[OPTIONS]",
            arity: .none,
            flags: {
                [
                    .bool("all", short: "a", "Show all containers (default shows just running)"), Prune.filter(),
                    .value(
                        "format",
                        "Format output using a custom template:\n'table': table with column headers (default)\n'table TEMPLATE': table of the given columns\n"
                            + "'json': JSON, one object a line\n'TEMPLATE': the given Go template"),
                    .int("last", short: "n", default: -1, "Show n last created containers (includes all states)"),
                    .bool("latest", short: "l", "Show the latest created container (includes all states)"),
                    .bool("no-trunc", "Don't truncate output"), .bool("quiet", short: "q", "Only display container IDs"),
                    .bool("size", short: "s", "Display total file sizes"),
                ]
            },
            action: list)
    }

    @Sendable private static func list(_ session: Session) async throws -> Int32 {
        let flags = session.flags
        if flags.bool("quiet"), !flags.string("format").isEmpty {
            session.warn("WARNING: Ignoring custom format, because both --format and --quiet are set.")
        }
        let format = session.text("format", or: "psFormat")
        var limit: Int? = flags.int("last") > 0 ? flags.int("last") : nil
        if flags.bool("latest"), limit == nil { limit = 1 }
        let size = flags.bool("size") || !format.isEmpty && (format.contains(".Size") || format.contains("json ."))
        let containers = try await session.client().containers(all: flags.bool("all"), limit: limit, size: size, filters: session.filters())
        let listing = Listing(
            headings: ContainerRow.headings, columns: ContainerRow.columns + (flags.bool("size") ? ["Size"] : []), typeName: "*formatter.ContainerContext",
            raw: ContainerRow.raw + (flags.bool("size") ? [("size", "Size")] : []))
        let now = Clock.now
        let rows = containers.map { container in
            let row = ContainerRow(container: container, truncates: !flags.bool("no-trunc"), now: now)
            let labels = container.labels
            return Listing.Row(value: row.value, methods: { ["Label": { .string(labels[$0.first?.string ?? ""] ?? "") }] })
        }
        Console.output(try listing.render(rows, format: format, quietKey: flags.bool("quiet") ? "ID" : nil))
        return 0
    }
}

/// One container of a list, as its columns show it.
struct ContainerRow {
    let container: ContainerSummary
    let truncates: Bool
    let now: Timestamp

    static let raw = [
        ("container_id", "ID"), ("image", "Image"), ("command", "Command"), ("created_at", "CreatedAt"), ("state", "State"), ("status", "Status"),
        ("names", "Names"), ("labels", "Labels"), ("ports", "Ports"),
    ]
    static let columns = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"]
    static let headings: [(key: String, heading: String)] = [
        ("ID", "CONTAINER ID"), ("Image", "IMAGE"), ("Command", "COMMAND"), ("CreatedAt", "CREATED AT"), ("RunningFor", "CREATED"),
        ("Status", "STATUS"), ("State", "STATE"), ("Ports", "PORTS"), ("Names", "NAMES"), ("Size", "SIZE"), ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"), ("LocalVolumes", "LOCAL VOLUMES"), ("Networks", "NETWORKS"), ("Platform", "PLATFORM"),
    ]

    func value(_ key: String) -> String? {
        switch key {
        case "ID": truncates ? String(container.id.prefix(12)) : container.id
        case "Image": image
        case "Command": Syntax.quoted(truncates ? HumanText.ellipsis(container.command, 20) : container.command)
        case "CreatedAt": Clock.text(Timestamp(seconds: Int64(container.created)))
        case "RunningFor": HumanText.age(of: Timestamp(seconds: Int64(container.created)), now: now)
        case "Status": container.status
        case "State": container.state
        case "Ports": Ports.text(container.ports)
        case "Names": names
        case "Size":
            HumanText.size(container.sizeRw) + (container.sizeRootFs > 0 ? " (virtual \(HumanText.size(container.sizeRootFs)))" : "")
        case "Labels": container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        case "Mounts":
            container.mounts.map { mount in
                let name = mount.name.isEmpty ? mount.source : mount.name
                return truncates ? HumanText.ellipsis(name, 15) : name
            }.joined(separator: ",")
        case "LocalVolumes": String(container.mounts.filter { $0.driver == "local" }.count)
        case "Networks": (container.networkSettings?.networks ?? [:]).keys.sorted().joined(separator: ",")
        case "Platform": container.imageManifestDescriptor?.platform.map { "\($0.os)/\($0.architecture)" }
        default: nil
        }
    }

    private var image: String {
        if container.image.isEmpty { return "<no image>" }
        if truncates, container.image.hasPrefix("sha256:") || container.image == container.imageID { return ImageRow.short(container.image) }
        return ImageNames.familiar(container.image)
    }

    private var names: String {
        let slash = UInt8(ascii: "/")
        var names = container.names.map { $0.utf8.first == slash ? String($0.utf8.dropFirst()) ?? $0 : $0 }
        // Names with a slash are those that links gave.
        if truncates { names = names.filter { !$0.utf8.contains(slash) } }
        return names.joined(separator: ",")
    }
}
