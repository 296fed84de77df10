internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Terminal
internal import Values

/// Commands that put the user into a container of a service.
extension ComposeCommands {
    static func exec() -> AnyCommand {
        command(
            "exec", "Execute a command in a running container", usage: "[OPTIONS] SERVICE COMMAND [ARGS...]", arity: .atLeast(2), interspersed: false,
            flags: {
                [
                    .bool("detach", short: "d", "Detached mode: Run command in the background"), .list("env", short: "e", type: "stringArray", "Set environment variables"),
                    .int("index", "Index of the container if service has multiple replicas"),
                    .bool("interactive", short: "i", default: true, "Keep STDIN open even if not attached").hidden(),
                    .bool("no-tty", short: "T", "Disable pseudo-TTY allocation. By default `docker compose exec` allocates a TTY."),
                    .bool("privileged", "Give extended privileges to the process"), .bool("tty", short: "t", default: true, "Allocate a pseudo-TTY").hidden(),
                    .value("user", short: "u", "Run the command as this user"), .value("workdir", short: "w", "Path to workdir directory for this command"),
                ]
            },
            action: { compose in
                let flags = compose.flags, name = compose.arguments[0]
                let deployment = try await compose.deployment(named: [])
                let container = try await compose.container(of: name, deployment)
                let isDetached = flags.bool("detach")
                var request = ExecCreateRequest()
                request.cmd = Array(compose.arguments.dropFirst())
                request.user = flags.string("user")
                request.privileged = flags.bool("privileged")
                request.workingDir = flags.string("workdir")
                request.env = try ContainerRequest.environment(flags)
                request.tty = compose.wantsTerminal
                request.attachStdin = !isDetached && flags.bool("interactive")
                request.attachStdout = !isDetached
                request.attachStderr = !isDetached
                return try await Root.run(request, in: container.id, deployment.client, isDetached: isDetached, .standard)
            })
    }

    static func attach() -> AnyCommand {
        command(
            "attach", "Attach local standard input, output, and error streams to a service's running container", usage: "[OPTIONS] SERVICE", arity: .exactly(1),
            flags: {
                [
                    .value("detach-keys", "Override the key sequence for detaching from a container."),
                    .int("index", "index of the container if service has multiple replicas."), .bool("no-stdin", "Do not attach STDIN"),
                    .bool("sig-proxy", default: true, "Proxy all received signals to the process"),
                ]
            },
            action: { compose in
                let deployment = try await compose.deployment(named: [])
                return try await compose.delegate(Root.attach(), [compose.container(of: compose.arguments[0], deployment).id])
            })
    }

    static func copy() -> AnyCommand {
        command(
            "cp", "Copy files/folders between a service container and the local filesystem",
            usage: "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n[OPTIONS] SRC_PATH|- SERVICE:DEST_PATH", arity: .exactly(2),
            flags: {
                [
                    .bool("all", "Include containers created by the run command"), .bool("archive", short: "a", "Archive mode (copy all uid/gid information)"),
                    .bool("follow-link", short: "L", "Always follow symbol link in SRC_PATH"),
                    .int("index", "Index of the container if service has multiple replicas"),
                ]
            },
            action: { compose in
                let deployment = try await compose.deployment(named: [])
                let all = try await deployment.containers(oneOff: compose.flags.bool("all"))
                // Into a service means into all of its containers, out of it out of the first.
                func resolved(_ argument: String) -> [String] {
                    guard !argument.hasPrefix("/"), !argument.hasPrefix("."), let (service, path) = argument.cut(":"), deployment.project.services[service] != nil else {
                        return [argument]
                    }
                    let index = compose.flags.int("index")
                    return all.filter { $0.service == service && (index == 0 || $0.number == index) }.map { "\($0.id):\(path)" }
                }
                let sources = resolved(compose.arguments[0]), targets = resolved(compose.arguments[1])
                guard let source = sources.first, !targets.isEmpty else { throw ComposeFileError("no container found for service") }
                for target in targets { _ = try await compose.delegate(Root.copy(), [source, target]) }
                return 0
            })
    }

    static func stats() -> AnyCommand {
        command(
            "stats", "Display a live stream of container(s) resource usage statistics", usage: "[OPTIONS] [SERVICE]",
            flags: { Root.stats().flags() },
            action: { compose in
                let deployment = try await compose.deployment(named: compose.arguments)
                let containers = try await deployment.containers(all: compose.flags.bool("all")).filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }
                if containers.isEmpty { return 0 }
                return try await compose.delegate(Root.stats(), containers.map(\.id))
            })
    }
}

extension ComposeSession {
    /// Has another command do the work, with this one's flags.
    func delegate(_ command: AnyCommand, _ arguments: [String]) async throws -> Int32 {
        guard let action = command.action else { return 0 }
        return try await action(session.with(arguments: arguments))
    }

    /// A terminal where the user has one, unless he does not want it.
    var wantsTerminal: Bool { !flags.bool("no-tty") && flags.bool("tty") && TerminalDevice.inputIsTerminal && TerminalDevice.outputIsTerminal }
}
