internal import Arguments
internal import DockerAPI
internal import DockerClient

// The commands that do one thing to each container named.
extension Root {
    /// A command over containers that prints each name for which `body` says that it was done.
    private static func each(
        _ name: String, _ aliases: [String] = [], synonyms: [String], _ summary: String, subject: Subject = .runningContainers,
        flags: @escaping @Sendable () -> [Flag] = { [] },
        _ body: @escaping @Sendable (Client, String, FlagValues) async throws -> Bool
    ) -> AnyCommand {
        let options = flags().isEmpty ? "" : "[OPTIONS] "
        return AnyCommand(
            name, aliases: aliases, synonyms: synonyms, summary, usage: "\(options)CONTAINER [CONTAINER...]", arity: .atLeast(1), subject: subject,
            flags: flags,
            action: { session in
                let client = try session.client()
                return try await session.forEach(session.arguments, printing: false) { if try await body(client, $0, session.flags) { session.print($0) } }
            })
    }

    private static func timeout() -> [Flag] {
        [
            .value("signal", short: "s", "Signal to send to the container"),
            .int("timeout", short: "t", "Seconds to wait before killing the container; -1 to wait without end"),
            .int("time", "Seconds to wait before killing the container (deprecated: use --timeout)").hidden(),
        ]
    }

    private static func seconds(_ flags: FlagValues) -> Int? {
        flags.isSet("timeout") ? flags.int("timeout") : flags.isSet("time") ? flags.int("time") : nil
    }

    static func stop() -> AnyCommand {
        each("stop", synonyms: ["container stop", "stop"], "Stop one or more running containers", flags: timeout) { client, name, flags in
            try await client.stopContainer(name, signal: flags.optional("signal"), timeoutSeconds: seconds(flags))
            return true
        }
    }

    static func restart() -> AnyCommand {
        each("restart", synonyms: ["container restart", "restart"], "Restart one or more containers", subject: .containers, flags: timeout) {
            client, name, flags in
            try await client.restartContainer(name, signal: flags.optional("signal"), timeoutSeconds: seconds(flags))
            return true
        }
    }

    static func kill() -> AnyCommand {
        each(
            "kill", synonyms: ["container kill", "kill"], "Kill one or more running containers",
            flags: { [.value("signal", short: "s", "Signal to send to the container")] }
        ) { client, name, flags in
            try await client.killContainer(name, signal: flags.optional("signal"))
            return true
        }
    }

    static func pause() -> AnyCommand {
        each("pause", synonyms: ["container pause", "pause"], "Pause all processes within one or more containers") { client, name, _ in
            try await client.pauseContainer(name)
            return true
        }
    }

    static func unpause() -> AnyCommand {
        each("unpause", synonyms: ["container unpause", "unpause"], "Unpause all processes within one or more containers") { client, name, _ in
            try await client.unpauseContainer(name)
            return true
        }
    }

    static func remove() -> AnyCommand {
        each(
            "rm", ["remove"], synonyms: ["container rm", "container remove", "rm"], "Remove one or more containers", subject: .containers,
            flags: {
                [
                    .bool("force", short: "f", "Remove a running container too (uses SIGKILL)"), .bool("link", short: "l", "Remove the link of this name"),
                    .bool("volumes", short: "v", "Remove anonymous volumes of the container"),
                ]
            }
        ) { client, name, flags in
            let trimmed = name.first == "/" ? String(name.dropFirst()) : name
            if trimmed.isEmpty { throw Invalid("container name cannot be empty") }
            do {
                try await client.removeContainer(
                    trimmed, force: flags.bool("force"), removeVolumes: flags.bool("volumes"), link: flags.bool("link"))
                return true
            } catch let error as APIError where error.status == 404 && flags.bool("force") {
                // Forced removal of what is not there is no failure, but it is told.
                Console.error("\(error)\n")
                return false
            }
        }
    }

    static func wait() -> AnyCommand {
        AnyCommand(
            "wait", synonyms: ["container wait", "wait"], "Block until one or more containers stop, then print their exit codes",
            usage: "CONTAINER [CONTAINER...]", arity: .atLeast(1), subject: .runningContainers,
            action: { session in
                let client = try session.client()
                return try await session.forEach(session.arguments, printing: false) { name in
                    let result = try await client.wait(for: name).result()
                    if let error = result.error, !error.message.isEmpty { throw Invalid(error.message) }
                    session.print(String(result.statusCode))
                }
            })
    }

    static func rename() -> AnyCommand {
        AnyCommand(
            "rename", synonyms: ["container rename", "rename"], "Rename a container", usage: "CONTAINER NEW_NAME", arity: .exactly(2),
            subject: .containers,
            action: { session in
                let (old, new) = (session.arguments[0].trimmed, session.arguments[1].trimmed)
                if old.isEmpty || new.isEmpty { throw Invalid("failed to rename container: Error: Neither old nor new names may be empty") }
                do { try await session.client().renameContainer(old, to: new) } catch { throw Invalid("failed to rename container: \(error)") }
                return 0
            })
    }

    static func update() -> AnyCommand {
        AnyCommand(
            "update", synonyms: ["container update", "update"], "Update configuration of one or more containers",
            usage: "[OPTIONS] CONTAINER [CONTAINER...]", arity: .atLeast(1), subject: .containers,
            flags: {
                ContainerFlags.limits() + [
                    .list("publish-add", "Publish one more port, of a running container too (as run's --publish)"),
                    .list("publish-rm", "Withdraw a published port: [[ip:]host:]container[/protocol]"),
                    .value("restart", "Restart policy for when the container exits"),
                ]
            },
            action: { session in
                let flags = session.flags
                guard flags.isAnySet else { throw Exit(1, "you must provide one or more flags when using this command") }
                var request = ContainerUpdateRequest()
                request.resources = try ContainerRequest.resources(flags)
                // What is not given stays as it is.
                request.resources.memorySwappiness = nil
                request.resources.oomKillDisable = nil
                if !flags.isSet("pids-limit") { request.resources.pidsLimit = nil }
                if flags.isSet("restart") { request.restartPolicy = try ContainerRequest.restartPolicy(flags.string("restart")) }
                request.publishAdd = try PortFlag.bindings(flags.list("publish-add"))
                request.publishRemove = try PortFlag.bindings(flags.list("publish-rm"))
                let client = try session.client(), update = request
                return try await session.forEach(session.arguments) { name in
                    for warning in try await client.updateContainer(name, update).warnings ?? [] { session.warn(warning) }
                }
            })
    }

    static func pruneContainers() -> AnyCommand {
        AnyCommand(
            "prune", "Remove all stopped containers", usage: "[OPTIONS]", arity: .none, flags: { Prune.flags },
            action: { session in
                let warning = "WARNING! This will remove all stopped containers."
                guard try await Prune.confirm(session, warning) else { return 0 }
                let report = try await session.client().pruneContainers(filters: Prune.filters(session))
                Prune.report("Deleted Containers:", report.containersDeleted ?? [], report.spaceReclaimed)
                return 0
            })
    }
}
