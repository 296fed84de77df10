internal import Arguments
internal import Linux

/// A line of `context ls`.
struct ListedContext {
    static let builtInDescription = "Current DOCKER_HOST based configuration"

    var name: String
    var description = ""
    var host = ""
    var error = ""

    init(name: String, error: String) { (self.name, self.error) = (name, error) }

    init(_ context: EngineContext) {
        name = context.name
        description = name == EngineContext.builtIn ? Self.builtInDescription : context.description
        host = context.endpoint?.host ?? ""
        error = context.endpoint == nil ? "cannot find docker endpoint in context" : ""
    }

    /// With an ellipsis where it is too long for a table.
    var shortError: String { error.count > 45 ? error.prefix(44) + "…" : error }
}

extension Root {
    static func listContexts() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list"], "List contexts", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .value("format", "Format output using a custom template:\n'table': table with column headers (default)\n'json': JSON, one object a line"),
                    .bool("quiet", short: "q", "Only show context names"),
                ]
            },
            action: { session in
                let contexts = try Contexts(session)
                var lines = try contexts.all().map(ListedContext.init)
                if !lines.contains(where: { $0.name == contexts.current }) {
                    do { lines.append(ListedContext(try contexts.context(contexts.current))) } catch {
                        lines.append(ListedContext(name: contexts.current, error: "\(error)"))
                    }
                }
                let listing = Listing(
                    headings: [("Name", "NAME"), ("Description", "DESCRIPTION"), ("DockerEndpoint", "DOCKER ENDPOINT"), ("Error", "ERROR")],
                    columns: [], typeName: "*formatter.clientContextContext")
                let rows = Ports.naturallySorted(lines, by: \.name).map { line in
                    Listing.Row(
                        value: { key in
                            switch key {
                            case "Name": line.name
                            case "Description": line.description
                            case "DockerEndpoint": line.host
                            case "Error": line.shortError
                            default: nil
                            }
                        }, facts: ["Current": line.name == contexts.current])
                }
                let format = session.flags.string("format")
                let table = "table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}"
                let chosen = session.flags.bool("quiet") ? "{{.Name}}" : format.isEmpty || format == "table" ? table : format
                Console.output(try listing.render(rows, format: chosen))
                if !(Environment.value("DOCKER_HOST") ?? "").isEmpty {
                    session.warn(
                        "Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable."
                    )
                }
                return 0
            })
    }
}
