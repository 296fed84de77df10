internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Templates
internal import Values

extension ComposeCommands {
    /// `ps`.
    static func processes() -> AnyCommand {
        command(
            "ps", "List containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("all", short: "a", "Show all stopped containers (including those created by the run command)"),
                    .value("filter", "Filter services by a property (supported filters: status)"),
                    .value(
                        "format",
                        "Format output using a custom template:\n'table': table with column headers (default)\n'table TEMPLATE': table of the given columns\n'json': JSON, one object a line\n'TEMPLATE': the given Go template"
                    ),
                    .bool("no-trunc", "Don't truncate output"), .bool("orphans", default: true, "Include orphaned services (not declared by project)"),
                    .bool("quiet", short: "q", "Only display IDs"), .bool("services", "Display services"),
                    .list("status", type: "stringArray", "Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]"),
                ]
            },
            action: processes)
    }

    @Sendable private static func processes(_ compose: ComposeSession) async throws -> Int32 {
        let flags = compose.flags
        var states = flags.list("status")
        if let filter = flags.optional("filter"), !filter.isEmpty {
            guard let (name, value) = filter.cut("=") else { throw ComposeFileError("arguments to --filter should be in form KEY=VAL") }
            guard name == "status" else { throw ComposeFileError("unknown filter \(name)") }
            states.append(value)
        }
        let deployment = try await compose.deployment(named: compose.arguments)
        var containers = try await deployment.containers(all: flags.bool("all") || !states.isEmpty, oneOff: true)
        containers = containers.filter { states.isEmpty ? flags.bool("all") || !$0.isOneOff || $0.isRunning : states.contains($0.summary.state) }
        if !compose.arguments.isEmpty {
            containers = containers.filter { compose.arguments.contains($0.service) }
        } else if !flags.bool("orphans") {
            containers = containers.filter { deployment.project.services[$0.service] != nil }
        }
        containers.sort { $0.name < $1.name }
        if flags.bool("quiet") {
            Console.output(containers.map { "\($0.id)\n" }.joined())
        } else if flags.bool("services") {
            var names: [String] = []
            for container in containers where !names.contains(container.service) { names.append(container.service) }
            Console.output(names.joined(separator: "\n") + "\n")
        } else {
            let format = flags.isSet("format") ? flags.string("format") : compose.session.preferences.preference("psFormat") ?? "table"
            try await show(containers, deployment, flags, format: format)
        }
        return 0
    }

    private static func show(_ containers: [ProjectContainer], _ deployment: Deployment, _ flags: FlagValues, format: String) async throws {
        let now = Clock.now
        var rows: [Listing.Row] = []
        for container in containers {
            var code = 0
            if container.summary.state == "exited" || container.summary.state == "dead" {
                // It may be gone by now.
                code = (try? await deployment.client.inspectContainer(container.id))?.state.exitCode ?? 0
            }
            let row = ProcessRow(container: container, project: deployment.project.name, exitCode: code, now: now, truncates: !flags.bool("no-trunc"))
            if format == "json" { Console.output(row.json.compactText + "\n") }
            let labels = container.summary.labels
            rows.append(Listing.Row(value: row.value, methods: { ["Label": { .string(labels[$0.first?.string ?? ""] ?? "") }] }))
        }
        if format == "json" { return }
        let listing = Listing(headings: ProcessRow.headings, columns: ProcessRow.columns, typeName: "*formatter.ContainerContext")
        Console.output(try listing.render(rows, format: format))
    }
}

/// One container of `ps`.
private struct ProcessRow {
    let container: ProjectContainer
    let project: String
    let exitCode: Int
    let now: Timestamp
    let truncates: Bool

    static let columns = ["Name", "Image", "Command", "Service", "RunningFor", "Status", "Ports"]
    static let headings: [(key: String, heading: String)] =
        [("Name", "NAME"), ("Service", "SERVICE"), ("Project", "PROJECT"), ("ExitCode", "EXIT CODE"), ("Health", "HEALTH")] + ContainerRow.headings

    func value(_ key: String) -> String? {
        switch key {
        case "Name": container.name
        case "Service": container.service
        case "Project": project
        case "ExitCode": "\(exitCode)"
        case "Health": health
        case "Image": container.summary.image
        default: ContainerRow(container: container.summary, truncates: truncates, now: now).value(key)
        }
    }

    /// Lists tell it in words only.
    private var health: String {
        let words = container.summary.status
        return ["healthy", "unhealthy"].first { words.hasSuffix("(\($0))") } ?? (words.hasSuffix("(health: starting)") ? "starting" : "")
    }

    /// As docker compose has it: with what publishes ports as values.
    var json: JSONValue {
        let summary = container.summary
        var object = JSONObject()
        func text(_ key: String, _ name: String? = nil) { object.append(key, .string(value(name ?? key) ?? "")) }
        text("Command")
        text("CreatedAt")
        object.append("ExitCode", JSONValue(exitCode))
        text("Health")
        text("ID")
        text("Image")
        text("Labels")
        text("LocalVolumes")
        text("Mounts")
        text("Name")
        text("Names")
        text("Networks")
        text("Ports")
        text("Project")
        object.append(
            "Publishers",
            .array(
                summary.ports.map {
                    .object([
                        "URL": .string($0.ip), "TargetPort": JSONValue($0.privatePort), "PublishedPort": JSONValue($0.publicPort), "Protocol": .string($0.type),
                    ])
                }))
        text("RunningFor")
        text("Service")
        object.append("Size", .string("0B"))
        text("State")
        text("Status")
        return .object(object)
    }
}
