internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Templates
internal import Terminal
internal import Values

/// Lists of things that are there.
extension ComposeCommands {
    /// `ls`: the projects that have containers.
    static func list() -> AnyCommand {
        command(
            "ls", "List running compose projects", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .bool("all", short: "a", "Show all stopped Compose projects"), .list("filter", type: "filter", "Filter output based on conditions provided"),
                    .value("format", default: "table", "Format the output. Values: [table | json]"), .bool("quiet", short: "q", "Only display project names"),
                ]
            },
            action: { compose in
                let flags = compose.flags, filters = compose.session.filters()
                for key in filters.values.keys where key != "name" { throw ComposeFileError("invalid filter '\(key)'") }
                var label = Filters()
                label.add("label", ComposeLabel.project)
                let containers = try await compose.session.client().containers(all: flags.bool("all"), filters: label).map(ProjectContainer.init)
                    .filter { $0.summary.labels[ComposeLabel.configHash] != nil && !$0.isOneOff }
                let projects = Dictionary(grouping: containers) { $0.summary.labels[ComposeLabel.project] ?? "" }
                    .filter { name, _ in filters["name"].isEmpty || filters["name"].contains { name.contains($0) } }.sorted { $0.key < $1.key }
                if flags.bool("quiet") {
                    Console.output(projects.map { $0.key + "\n" }.joined())
                    return 0
                }
                let rows = projects.map { (name: $0.key, status: status($0.value), files: files($0.value)) }
                switch flags.string("format") {
                case "json":
                    let objects = rows.map { JSONValue.object(["Name": .string($0.name), "Status": .string($0.status), "ConfigFiles": .string($0.files)]) }
                    compose.session.print(JSONValue.array(objects).compactText)
                case "table", "": Console.output(Table.aligned((["NAME\tSTATUS\tCONFIG FILES"] + rows.map { "\($0.name)\t\($0.status)\t\($0.files)" }).map { $0 + "\n" }.joined()))
                case let other: throw ComposeFileError("format value \(Syntax.quoted(other)) could not be parsed: parsing failed")
                }
                return 0
            })
    }

    /// `exited(1), running(2)`.
    private static func status(_ containers: [ProjectContainer]) -> String {
        Dictionary(grouping: containers) { $0.summary.state }.sorted { $0.key < $1.key }.map { "\($0.key)(\($0.value.count))" }.joined(separator: ", ")
    }

    private static func files(_ containers: [ProjectContainer]) -> String {
        var files: [String] = []
        for container in containers {
            for file in (container.summary.labels[ComposeLabel.files] ?? "").split(separator: ",").map(String.init) where !files.contains(file) { files.append(file) }
        }
        return files.isEmpty ? "N/A" : files.joined(separator: ",")
    }

    static func images() -> AnyCommand {
        command(
            "images", "List images used by the created containers", usage: "[OPTIONS] [SERVICE...]",
            flags: { [.value("format", default: "table", "Format the output. Values: [table | json]"), .bool("quiet", short: "q", "Only display IDs")] },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments)
                let containers = try await deployment.containers().filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }
                var rows: [[(String, JSONValue)]] = [], lines = ["CONTAINER\tREPOSITORY\tTAG\tPLATFORM\tIMAGE ID\tSIZE\tCREATED"], ids: [String] = []
                for container in containers.sorted(by: { $0.name < $1.name }) {
                    let image = try await deployment.client.inspectImage(container.summary.imageID)
                    let id = String(image.id.drop { $0 != ":" }.dropFirst())
                    let name = image.repoTags.contains(container.summary.image) ? container.summary.image : image.repoTags.first ?? "<none>:<none>"
                    let colon = name.lastIndex(of: ":") ?? name.endIndex
                    let repository = String(name[..<colon]), tag = String(name[colon...].dropFirst())
                    let platform = [image.os, image.architecture, image.variant].filter { !$0.isEmpty }.joined(separator: "/")
                    if !ids.contains(id) { ids.append(id) }
                    let age = image.created.map { HumanText.age(of: $0, now: Clock.now) } ?? "N/A"
                    lines.append("\(container.name)\t\(repository)\t\(tag)\t\(platform)\t\(id.prefix(12))\t\(HumanText.size(image.size))\t\(age)")
                    rows.append([
                        ("ID", .string(image.id)), ("ContainerName", .string(container.name)), ("Repository", .string(repository)), ("Tag", .string(tag)),
                        ("Platform", .string(platform)), ("Size", JSONValue(image.size)), ("Created", .string(image.created?.description ?? "")),
                    ])
                }
                if compose.flags.bool("quiet") {
                    Console.output(ids.map { $0 + "\n" }.joined())
                } else if compose.flags.string("format") == "json" {
                    compose.session.print(
                        JSONValue.array(
                            rows.map { row in
                                var object = JSONObject()
                                for (key, value) in row { object.append(key, value) }
                                return .object(object)
                            }
                        ).compactText)
                } else {
                    Console.output(Table.aligned(lines.map { $0 + "\n" }.joined()))
                }
                return 0
            })
    }

    static func volumes() -> AnyCommand {
        command(
            "volumes", "List volumes", usage: "[OPTIONS] [SERVICE...]",
            flags: { [.value("format", default: "table", "Format output using a custom template"), .bool("quiet", short: "q", "Only display volume names")] },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments)
                var filters = Filters()
                filters.add("label", "\(ComposeLabel.project)=\(deployment.project.name)")
                var volumes = try await deployment.client.volumes(filters: filters).volumes
                if !compose.arguments.isEmpty {
                    let used = Set(compose.arguments.flatMap { deployment.project.services[$0]?.volumes ?? [] }.compactMap { deployment.project.volumes[$0.source]?.name })
                    volumes = volumes.filter { used.contains($0.name) }
                }
                let listing = Listing(
                    headings: [("Driver", "DRIVER"), ("Name", "VOLUME NAME"), ("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE"), ("Labels", "LABELS")],
                    columns: ["Driver", "Name"], typeName: "*formatter.volumeContext")
                let rows = volumes.sorted { $0.name < $1.name }.map { volume in
                    Listing.Row { key in
                        switch key {
                        case "Driver": volume.driver
                        case "Name": volume.name
                        case "Mountpoint": volume.mountpoint
                        case "Scope": volume.scope
                        case "Labels": (volume.labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                        default: nil
                        }
                    }
                }
                Console.output(try listing.render(rows, format: compose.flags.string("format"), quietKey: compose.flags.bool("quiet") ? "Name" : nil))
                return 0
            })
    }

    static func top() -> AnyCommand {
        command(
            "top", "Display the running processes", usage: "[SERVICES...]",
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments)
                let containers = try await deployment.containers(all: false).filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }
                var lines: [String] = []
                for container in containers.sorted(by: { $0.name < $1.name }) {
                    let top = try await deployment.client.top(container.id)
                    if lines.isEmpty { lines.append((["SERVICE", "#"] + top.titles).joined(separator: "\t")) }
                    lines += top.processes.map { ([container.service, "\(container.number)"] + $0).joined(separator: "\t") }
                }
                Console.output(Table.aligned(lines.map { $0 + "\n" }.joined()))
                return 0
            })
    }

    static func port() -> AnyCommand {
        command(
            "port", "Print the public port for a port binding", usage: "[OPTIONS] SERVICE PRIVATE_PORT", arity: .exactly(2),
            flags: { [.int("index", "Index of the container if service has multiple replicas"), .value("protocol", default: "tcp", "tcp or udp")] },
            action: { compose in
                let deployment = try await compose.deployment(named: [])
                guard let port = UInt16(compose.arguments[1]) else { throw ComposeFileError("invalid port \(Syntax.quoted(compose.arguments[1]))") }
                let container = try await compose.container(of: compose.arguments[0], deployment, all: true)
                let transport = compose.flags.string("protocol").lowercased()
                guard let found = container.summary.ports.first(where: { $0.privatePort == Int(port) && $0.type == transport }) else {
                    throw ComposeFileError("no port \(port)/\(transport) for container \(container.name): \(Ports.text(container.summary.ports))")
                }
                compose.session.print(Ports.joined(found.ip, "\(found.publicPort)"))
                return 0
            })
    }

    static func events() -> AnyCommand {
        command(
            "events", "Receive real time events from containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("json", "Output events as a stream of json objects"), .value("since", "Show all events created since timestamp"),
                    .value("until", "Stream events until this timestamp"),
                ]
            },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments), wanted = compose.arguments, isJSON = compose.flags.bool("json")
                var filters = Filters()
                filters.add("type", "container")
                filters.add("label", "\(ComposeLabel.project)=\(deployment.project.name)")
                let since = try Clock.parameter(compose.flags.optional("since"), "since"), until = try Clock.parameter(compose.flags.optional("until"), "until")
                try await deployment.client.events(since: since, until: until, filters: filters) { event in
                    var attributes = event.actor.attributes
                    let service = attributes[ComposeLabel.service] ?? ""
                    guard attributes[ComposeLabel.oneOff]?.lowercased() != "true", wanted.isEmpty || wanted.contains(service) else { return }
                    attributes = attributes.filter { !$0.key.hasPrefix("com.docker.compose.") }
                    let time = Timestamp(nanoseconds: Int64(event.timeNano))
                    if isJSON {
                        let object: JSONObject = [
                            "time": .string(time.description), "type": .string("container"), "service": .string(service), "id": .string(event.actor.id),
                            "action": .string(event.action), "attributes": attributes.json,
                        ]
                        return compose.session.print(JSONValue.object(object).compactText)
                    }
                    let details = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
                    compose.session.print("\(Clock.text(time)) container \(event.action) \(event.actor.id) (\(details))")
                }
                return 0
            })
    }
}
