internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerClient
internal import Values

extension ComposeCommands {
    static func up() -> AnyCommand {
        command(
            "up", "Create and start containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                creationFlags + [
                    .bool("abort-on-container-exit", "Stops all containers if any container was stopped. Incompatible with -d"),
                    .bool("abort-on-container-failure", "Stops all containers if any container exited with failure. Incompatible with -d"),
                    .bool("always-recreate-deps", "Recreate dependent containers. Incompatible with --no-recreate."),
                    .list("attach", type: "stringArray", "Restrict attaching to the specified services. Incompatible with --attach-dependencies."),
                    .bool("attach-dependencies", "Automatically attach to log output of dependent services"),
                    .bool("detach", short: "d", "Detached mode: Run containers in the background"),
                    .value("exit-code-from", "Return the exit code of the selected service container. Implies --abort-on-container-exit"),
                    .bool("menu", "Enable interactive shortcuts when running attached. Incompatible with --detach.").unsupported("there is no menu"),
                    .list("no-attach", type: "stringArray", "Do not attach (stream logs) to the specified services"),
                    .bool("no-color", "Produce monochrome output"), .bool("no-deps", "Don't start linked services"),
                    .bool("no-log-prefix", "Don't print prefix in logs"), .bool("no-start", "Don't start the services after creating them"),
                    .bool("renew-anon-volumes", short: "V", "Recreate anonymous volumes instead of retrieving data from the previous containers"),
                    .int("timeout", short: "t", "Use this timeout in seconds for container shutdown when attached or when containers are already running"),
                    .bool("timestamps", "Show timestamps"), .bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
                    .int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
                    .bool("watch", short: "w", "Watch source code and rebuild/refresh containers when files are updated."),
                ]
            },
            action: up)
    }

    static func create() -> AnyCommand {
        command(
            "create", "Creates containers for a service", usage: "[OPTIONS] [SERVICE...]", flags: { creationFlags },
            action: { compose in
                let project = try compose.scaledProject()
                try await compose.deployment(project).create(compose.createOptions(project))
                return 0
            })
    }

    /// Those that `up` and `create` share.
    private static var creationFlags: [Flag] {
        [
            .bool("build", "Build images before starting containers"), .bool("force-recreate", "Recreate containers even if their configuration and image haven't changed"),
            .bool("no-build", "Don't build an image, even if it's policy"),
            .bool("no-recreate", "If containers already exist, don't recreate them. Incompatible with --force-recreate."),
            .value("pull", default: "policy", "Pull image before running (\"always\"|\"missing\"|\"never\"|\"build\")"),
            .bool("quiet-build", "Suppress the build output"), .bool("quiet-pull", "Pull without printing progress information"),
            .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
            .list("scale", type: "stringArray", "Scale SERVICE to NUM instances. Overrides the `scale` setting in the Compose file if present."),
            .bool("yes", short: "y", "Assume \"yes\" as answer to all prompts and run non-interactively"),
        ]
    }

    @Sendable private static func up(_ compose: ComposeSession) async throws -> Int32 {
        let flags = compose.flags
        func conflict(_ a: String, _ b: String) -> ComposeFileError { ComposeFileError("--\(a) and --\(b) are incompatible") }
        let isDetached = flags.bool("detach") || flags.bool("wait")
        let aborts = flags.bool("abort-on-container-exit") || !flags.string("exit-code-from").isEmpty
        if flags.bool("force-recreate"), flags.bool("no-recreate") { throw conflict("force-recreate", "no-recreate") }
        if flags.bool("build"), flags.bool("no-build") { throw conflict("build", "no-build") }
        if flags.bool("detach"), aborts || flags.bool("abort-on-container-failure") || flags.bool("attach-dependencies") || flags.isSet("attach") {
            throw ComposeFileError("--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach or --attach-dependencies")
        }
        if flags.bool("watch"), isDetached { throw ComposeFileError("--watch cannot be combined with --detach or --wait") }
        if flags.bool("no-start"), flags.bool("detach") || flags.bool("wait") { throw ComposeFileError("--no-start cannot be combined with --detach or --wait") }
        let project = try compose.scaledProject()
        let deployment = try compose.deployment(project, starts: true)
        try await deployment.create(compose.createOptions(project))
        if flags.bool("no-start") { return 0 }
        if isDetached || deployment.isDryRun {
            try await deployment.start()
            if flags.bool("wait") { try await deployment.awaitReady(compose.arguments, timeoutSeconds: flags.int("wait-timeout")) }
            if deployment.isDryRun, !isDetached { compose.session.print("end of 'compose up' output, interactive run is not supported in dry-run mode") }
            return 0
        }
        return try await AttachedProject(compose, deployment).run(watching: flags.bool("watch") ? FileWatch(compose, deployment) : nil)
    }
}

extension ComposeSession {
    /// The project with `--scale` and `--no-deps` heeded.
    func scaledProject() throws -> ComposeProject {
        var project = try project(flags.bool("no-deps") ? [] : arguments)
        if flags.bool("no-deps") { project = try project.selecting(arguments, dependencies: false) }
        for entry in flags.list("scale") {
            guard let (name, number) = entry.cut("="), let count = Int(number), count >= 0 else {
                throw ComposeFileError("invalid --scale option \(Syntax.quoted(entry)). Should be SERVICE=NUM")
            }
            try project.scale(name, to: count)
        }
        return project
    }

    func createOptions(_ project: ComposeProject) -> CreateOptions {
        var options = CreateOptions()
        options.services = arguments
        options.images.pull = flags.string("pull")
        options.images.builds = flags.bool("build")
        options.images.refusesBuilds = flags.bool("no-build")
        options.recreation = flags.bool("force-recreate") ? .force : flags.bool("no-recreate") ? .never : .diverged
        options.dependencyRecreation = flags.bool("always-recreate-deps") ? .force : flags.bool("no-recreate") ? .never : .diverged
        options.inheritsVolumes = !flags.bool("renew-anon-volumes")
        options.timeoutSeconds = timeoutSeconds
        options.removesOrphans = flags.bool("remove-orphans") || isSet("COMPOSE_REMOVE_ORPHANS", project)
        options.ignoresOrphans = isSet("COMPOSE_IGNORE_ORPHANS", project)
        return options
    }

    private func isSet(_ variable: String, _ project: ComposeProject) -> Bool { Syntax.bool(project.environment[variable] ?? "") ?? false }
}
