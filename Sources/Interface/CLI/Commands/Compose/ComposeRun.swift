internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Terminal
internal import Values

extension ComposeCommands {
    static func run() -> AnyCommand {
        command(
            "run", "Run a one-off command on a service", usage: "[OPTIONS] SERVICE [COMMAND] [ARGS...]", arity: .atLeast(1), interspersed: false,
            flags: {
                [
                    .bool("build", "Build image before starting container"), .list("cap-add", "Add Linux capabilities"), .list("cap-drop", "Drop Linux capabilities"),
                    .bool("detach", short: "d", "Run container in background and print container ID"), .value("entrypoint", "Override the entrypoint of the image"),
                    .list("env", short: "e", type: "stringArray", "Set environment variables"), .list("env-from-file", type: "stringArray", "Set environment variables from file"),
                    .bool("interactive", short: "i", default: true, "Keep STDIN open even if not attached"),
                    .list("label", short: "l", type: "stringArray", "Add or override a label"), .value("name", "Assign a name to the container"),
                    .bool("no-deps", "Don't start linked services"), .bool("no-tty", short: "T", "Disable pseudo-TTY allocation (default: auto-detected)"),
                    .list("publish", short: "p", type: "stringArray", "Publish a container's port(s) to the host"),
                    .value("pull", default: "policy", "Pull image before running (\"always\"|\"missing\"|\"never\")"),
                    .bool("quiet", short: "q", "Don't print anything to STDOUT"), .bool("quiet-build", "Suppress progress output from the build process"),
                    .bool("quiet-pull", "Pull without printing progress information"), .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
                    .bool("rm", "Automatically remove the container when it exits"),
                    .bool("service-ports", short: "P", "Run command with all service's ports enabled and mapped to the host"),
                    .bool("tty", short: "t", default: true, "Allocate a pseudo-TTY").hidden(),
                    .bool("use-aliases", "Use the service's network useAliases in the network(s) the container connects to"),
                    .value("user", short: "u", "Run as specified username or uid"), .list("volume", short: "v", type: "stringArray", "Bind mount a volume"),
                    .value("workdir", short: "w", "Working directory inside the container"),
                ]
            },
            action: run)
    }

    @Sendable private static func run(_ compose: ComposeSession) async throws -> Int32 {
        let flags = compose.flags, name = compose.arguments[0]
        let all = try compose.project([name])
        guard var service = all.services[name] else { throw ComposeFileError("no such service: \(name)") }
        var dependencies = all
        dependencies.disabled[name] = dependencies.services.removeValue(forKey: name)
        try compose.change(&service)
        var options = compose.createOptions(all)
        options.services = []
        let starting = try compose.deployment(dependencies, starts: true)
        if !flags.bool("no-deps"), !dependencies.services.isEmpty {
            try await starting.create(options)
            try await starting.start()
        }
        var project = all
        project.services = [name: service]
        let deployment = try compose.deployment(project, starts: true)
        var waiting = starting
        if flags.bool("no-deps") { waiting.project.services = [:] }
        if !TerminalDevice.inputIsTerminal, flags.bool("interactive"), flags.isSet("tty") && flags.bool("tty") || flags.isSet("no-tty") && !flags.bool("no-tty") {
            throw ComposeFileError("cannot attach stdin to a TTY-enabled container because stdin is not a terminal")
        }
        let isDetached = flags.bool("detach"), takesInput = flags.bool("interactive") && !isDetached
        let made = try await deployment.createOneOff(
            of: name, waitingFor: waiting, named: flags.optional("name"), removes: flags.bool("rm"), attachesInput: takesInput,
            usesAliases: flags.bool("use-aliases"), images: options.images)
        guard let made else { return 0 }
        if isDetached {
            try await deployment.client.startContainer(made.id)
            compose.session.print(made.id)
            return 0
        }
        var config = ContainerConfig()
        config.tty = service.tty
        config.attachStdin = takesInput
        config.attachStdout = true
        config.attachStderr = true
        return try await Foreground(
            session: compose.session, client: deployment.client, id: made.id, config: config, keys: .standard, removes: flags.bool("rm"), forwardsSignals: true,
            command: "compose run"
        ).run()
    }
}

extension ComposeSession {
    /// What the flags say of a one-off container.
    func change(_ service: inout ComposeService) throws {
        service.tty = wantsTerminal && !flags.bool("detach")
        service.stdinOpen = flags.bool("interactive")
        service.scale = 1
        service.deploy?.replicas = nil
        service.restart = ""
        service.deploy?.restartPolicy = nil
        service.containerName = ""
        let command = Array(arguments.dropFirst())
        if !command.isEmpty { service.command = command }
        if let entrypoint = flags.optional("entrypoint") {
            guard let words = ComposeProject.words(entrypoint) else { throw ComposeFileError("invalid command line string") }
            service.entrypoint = words
            if command.isEmpty { service.command = [] }
        }
        if let user = flags.optional("user") { service.user = user }
        if let directory = flags.optional("workdir") { service.workingDir = directory }
        let added = flags.list("cap-add"), dropped = flags.list("cap-drop")
        service.capAdd = (service.capAdd + added).filter { !dropped.contains($0) }
        service.capDrop = (service.capDrop + dropped).filter { !added.contains($0) }
        for file in flags.list("env-from-file") {
            let text = String(decoding: try FileSystem.read(file, limit: EnvironmentFile.sizeLimit), as: UTF8.self)
            for (name, value) in try EnvironmentFile.parse(text, lookup: { Environment.value($0) }) { service.environment[name] = .some(value) }
        }
        for entry in flags.list("env") {
            if let (name, value) = entry.cut("=") {
                service.environment[name] = .some(value)
            } else if let value = Environment.value(entry) {
                service.environment[entry] = .some(value)
            }
        }
        for entry in flags.list("label") {
            let (name, value) = entry.cut("=") ?? (entry, "")
            service.labels[name] = value
        }
        if !flags.bool("service-ports") { service.ports = [] }
        service.ports += try ComposePort.parse(flags.list("publish"))
        for spec in flags.list("volume") {
            let volume = try ComposeVolumeMount.parse(spec, in: FileSystem.workingDirectory())
            service.volumes.removeAll { $0.target == volume.target }
            service.volumes.append(volume)
        }
    }
}
