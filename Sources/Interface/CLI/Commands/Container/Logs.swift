internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Values

extension Root {
    static func logs() -> AnyCommand {
        AnyCommand(
            "logs", synonyms: ["container logs", "logs"], "Fetch the logs of a container", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            subject: .containers,
            flags: {
                [
                    .bool("details", "Show extra details provided to logs"), .bool("follow", short: "f", "Follow log output"),
                    .value("since", "Show logs since a time (e.g. \"2013-01-02T13:23:37Z\") or for a duration (e.g. \"42m\")"),
                    .value("tail", short: "n", default: "all", "Number of lines to show from the end of the logs"),
                    .bool("timestamps", short: "t", "Show timestamps"),
                    .value("until", "Show logs before a time (e.g. \"2013-01-02T13:23:37Z\") or a duration ago (e.g. \"42m\")"),
                ]
            },
            action: { session in
                let client = try session.client(), flags = session.flags
                let container = try await client.inspectContainer(session.arguments[0])
                var parameters = LogParameters()
                parameters.follow = flags.bool("follow")
                parameters.timestamps = flags.bool("timestamps")
                parameters.details = flags.bool("details")
                parameters.since = try Clock.parameter(flags.optional("since"), "since")
                parameters.until = try Clock.parameter(flags.optional("until"), "until")
                parameters.tail = flags.string("tail")
                let streams = OutputStreams()
                try await client.logs(container.id, parameters, tty: container.config.tty) { try await streams.write($1, to: $0) }
                return 0
            })
    }
}
