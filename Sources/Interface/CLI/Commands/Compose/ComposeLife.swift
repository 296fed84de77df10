internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Values

/// Commands that change the state of containers that are there.
extension ComposeCommands {
    static func down() -> AnyCommand {
        command(
            "down", "Stop and remove containers, networks", usage: "[OPTIONS] [SERVICES]",
            flags: {
                [
                    .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
                    .value("rmi", "Remove images used by services. \"local\" remove only images that don't have a custom tag (\"local\"|\"all\")"),
                    .int("timeout", short: "t", "Specify a shutdown timeout in seconds"),
                    .bool("volumes", short: "v", "Remove named volumes declared in the \"volumes\" section of the Compose file and anonymous volumes attached to containers"),
                ]
            },
            action: { compose in
                let flags = compose.flags
                guard ["", "all", "local"].contains(flags.string("rmi")) else { throw ComposeFileError("invalid value for --rmi: \(Syntax.quoted(flags.string("rmi")))") }
                var options = DownOptions()
                options.services = compose.arguments
                options.volumes = flags.bool("volumes")
                options.images = flags.string("rmi")
                options.removesOrphans = flags.bool("remove-orphans")
                options.timeoutSeconds = compose.timeoutSeconds
                try await compose.deployment(named: compose.arguments).down(options)
                return 0
            })
    }

    static func start() -> AnyCommand {
        command(
            "start", "Start services", usage: "[SERVICE...]",
            flags: {
                [
                    .bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
                    .int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
                ]
            },
            action: { compose in
                var deployment = try await compose.deployment(named: compose.arguments, starts: true)
                let there = Set(try await deployment.containers().map(\.service))
                deployment.project = try deployment.project.selecting(compose.arguments)
                // What has no container has nothing to start.
                for name in deployment.project.services.keys where !there.contains(name) {
                    if compose.arguments.contains(name) { throw ComposeFileError("service \"\(name)\" has no container to start") }
                    try deployment.project.scale(name, to: 0)
                }
                try await deployment.start()
                if compose.flags.bool("wait") { try await deployment.awaitReady(compose.arguments, timeoutSeconds: compose.flags.int("wait-timeout")) }
                return 0
            })
    }

    static func stop() -> AnyCommand {
        command(
            "stop", "Stop services", usage: "[OPTIONS] [SERVICE...]", flags: { [.int("timeout", short: "t", "Specify a shutdown timeout in seconds")] },
            action: { compose in
                try await compose.deployment(named: compose.arguments).stop(compose.arguments, timeoutSeconds: compose.timeoutSeconds)
                return 0
            })
    }

    static func restart() -> AnyCommand {
        command(
            "restart", "Restart service containers", usage: "[OPTIONS] [SERVICE...]",
            flags: { [.bool("no-deps", "Don't restart dependent services"), .int("timeout", short: "t", "Specify a shutdown timeout in seconds")] },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments, starts: true)
                var names = Set(compose.arguments)
                if !compose.flags.bool("no-deps") {
                    for name in compose.arguments { names.formUnion(deployment.project.dependents(of: name).filter(\.dependency.restart).map(\.name)) }
                }
                let all = try await deployment.containers().filter { names.isEmpty || names.contains($0.service) }
                let seconds = compose.timeoutSeconds
                for layer in deployment.project.layers {
                    try await deployment.change(all.filter { layer.contains($0.service) }, "Restarting", "Started") {
                        try await deployment.client.restartContainer($0.id, timeoutSeconds: seconds)
                    }
                }
                return 0
            })
    }

    static func kill() -> AnyCommand {
        command(
            "kill", "Force stop service containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
                    .value("signal", short: "s", default: "SIGKILL", "SIGNAL to send to the container"),
                ]
            },
            action: { compose in
                let signal = compose.flags.string("signal")
                let client = try compose.session.client()
                return try await change(compose, "Killing", "Killed", only: \.isRunning) { try await client.killContainer($0.id, signal: signal) }
            })
    }

    static func pause() -> AnyCommand {
        command(
            "pause", "Pause services", usage: "[SERVICE...]",
            action: { compose in
                let client = try compose.session.client()
                return try await change(compose, "Pausing", "Paused", only: { ["running", "paused"].contains($0.summary.state) }) { try await client.pauseContainer($0.id) }
            })
    }

    static func unpause() -> AnyCommand {
        command(
            "unpause", "Unpause services", usage: "[SERVICE...]",
            action: { compose in
                let client = try compose.session.client()
                return try await change(compose, "Unpausing", "Unpaused", only: { $0.summary.state == "paused" }) { try await client.unpauseContainer($0.id) }
            })
    }

    private static func change(
        _ compose: ComposeSession, _ doing: String, _ done: String, only: (ProjectContainer) -> Bool,
        _ body: @escaping @Sendable (ProjectContainer) async throws -> Void
    ) async throws -> Int32 {
        let deployment = try await compose.deployment(named: compose.arguments)
        let containers = try await deployment.containers().filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }.filter(only)
        try await deployment.change(containers, doing, done, body)
        return 0
    }

    static func remove() -> AnyCommand {
        command(
            "rm", "Removes stopped service containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("all", short: "a", "Deprecated - no effect").hidden(), .bool("force", short: "f", "Don't ask to confirm removal"),
                    .bool("stop", short: "s", "Stop the containers, if required, before removing"),
                    .bool("volumes", short: "v", "Remove any anonymous volumes attached to containers"),
                ]
            },
            action: { compose in
                let flags = compose.flags, names = compose.arguments
                let deployment = try await compose.deployment(named: names)
                if flags.bool("stop") { try await deployment.stop(names) }
                let stopped = try await deployment.containers().filter { (names.isEmpty || names.contains($0.service)) && !$0.isRunning }
                if stopped.isEmpty {
                    compose.warnPlainly("No stopped containers")
                    return 0
                }
                let list = "Going to remove \(stopped.map(\.name).joined(separator: ", "))"
                if flags.bool("force") { compose.session.print(list) } else if try await !compose.session.confirm(list) { return 0 }
                let volumes = flags.bool("volumes")
                try await deployment.change(stopped, "Removing", "Removed") { try await deployment.client.removeContainer($0.id, force: true, removeVolumes: volumes) }
                return 0
            })
    }

    static func scale() -> AnyCommand {
        command(
            "scale", "Scale services", usage: "[SERVICE=REPLICAS...]", arity: .atLeast(1), flags: { [.bool("no-deps", "Don't start linked services")] },
            action: { compose in
                let wanted = try compose.arguments.map { entry in
                    guard let (name, number) = entry.cut("="), let count = Int(number), count >= 0 else { throw ComposeFileError("invalid scale specifier: \(entry)") }
                    return (name: name, count: count)
                }
                let names = wanted.map(\.name)
                var project = try compose.project(names, dependencies: !compose.flags.bool("no-deps"))
                for (name, count) in wanted { try project.scale(name, to: count) }
                let deployment = try compose.deployment(project, starts: true)
                var options = CreateOptions()
                options.services = names
                options.ignoresOrphans = true
                try await deployment.create(options)
                try await deployment.start()
                return 0
            })
    }

    static func wait() -> AnyCommand {
        command(
            "wait", "Block until containers of all (or specified) services stop.", usage: "SERVICE [SERVICE...] [OPTIONS]", arity: .atLeast(1),
            flags: { [.bool("down-project", "Drops project when the first container stops")] },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments)
                let containers = try await deployment.containers(all: false).filter { compose.arguments.contains($0.service) }
                if containers.isEmpty { throw ComposeFileError("no containers for project \"\(deployment.project.name)\": not found") }
                let isFirst = compose.flags.bool("down-project")
                let code = try await withThrowingTaskGroup(of: Int32.self) { group in
                    for container in containers {
                        group.addTask {
                            let result = try await deployment.client.wait(for: container.id).result()
                            compose.session.print("container \"\(container.id)\" exited with status code \(result.statusCode)")
                            return Int32(truncatingIfNeeded: result.statusCode)
                        }
                    }
                    defer { group.cancelAll() }
                    var last: Int32 = 0
                    while let code = try await group.next() {
                        last = code
                        if isFirst { break }
                    }
                    return last
                }
                if isFirst { try await deployment.down(DownOptions()) }
                return code
            })
    }
}
