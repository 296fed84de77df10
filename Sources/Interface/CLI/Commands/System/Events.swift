internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Templates
internal import Values

extension Root {
    static func events() -> AnyCommand {
        AnyCommand(
            "events", synonyms: ["system events", "events"], "Get real time events from the server", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .list("filter", short: "f", type: "filter", "Filter output based on conditions provided", problem: Prune.filterProblem),
                    .value("format", "Format output using a custom template:\n'json': JSON, one object a line\n'TEMPLATE': the given Go template"),
                    .value("since", "Show all events created since timestamp"), .value("until", "Stream events until this timestamp"),
                ]
            },
            action: { session in
                let flags = session.flags, format = flags.string("format")
                // Not every event has every attribute, and one without must not end the stream.
                var options = Inspection.options
                options.zero = { _ in .value(.string("")) }
                let template: Template?
                do throws(TemplateError) {
                    template = format.isEmpty || format == "json" ? nil : try Template(format)
                } catch { throw Exit(64, "Error parsing format: \(error)") }
                let since = try Clock.parameter(flags.optional("since"), "since"), until = try Clock.parameter(flags.optional("until"), "until")
                try await session.client().events(since: since, until: until, filters: session.filters()) { [options] event in
                    if format == "json" { return session.print(try JSONValue(encoding: event).compactText) }
                    guard let template else { return session.print(line(event)) }
                    session.print(try template.render(try JSONValue(encoding: event), options))
                }
                return 0
            })
    }

    private static func line(_ event: EventMessage) -> String {
        let attributes = event.actor.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        let time = Timestamp(nanoseconds: Int64(event.timeNano)).paddedDescription
        return "\(time) \(event.type) \(event.action) \(event.actor.id)" + (attributes.isEmpty ? "" : " (\(attributes))")
    }
}
