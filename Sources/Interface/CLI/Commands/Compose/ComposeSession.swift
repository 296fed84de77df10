internal import Arguments
internal import Compose
internal import ComposeFile
internal import Terminal
internal import Values

/// One command of `compose`: the project that it is about.
struct ComposeSession: Sendable {
    let session: Session
    var flags: FlagValues { session.flags }
    private var options: FlagValues { session.invocation.groupFlags }
    var arguments: [String] { session.arguments }

    /// Where the project's files are.
    var files: ProjectFiles {
        var files = ProjectFiles()
        files.files = options.list("file")
        files.environmentFiles = options.list("env-file")
        files.profiles = options.list("profile")
        files.directory = options.optional("project-directory") ?? options.string("workdir")
        files.name = options.string("project-name")
        return files
    }

    /// Between the parts of a container's name.
    func separator(_ environment: [String: String]) -> String {
        options.bool("compatibility") || ["1", "t", "true", "TRUE", "True"].contains(environment["COMPOSE_COMPATIBILITY"] ?? "") ? "_" : "-"
    }

    /// The project with only the named services and, with `dependencies`, what they depend on; all of them without names. `change` says what is
    /// not to be done with the files.
    func project(_ services: [String] = [], dependencies: Bool = true, change: (inout ComposeSource) -> Void = { _ in }) throws -> ComposeProject {
        var source = try files.source(warn: warn)
        change(&source)
        // Files of services that nobody asked for need not be there.
        let resolves = source.resolvesEnvironment
        source.resolvesEnvironment = false
        let loaded = try ComposeProject(source)
        for warning in loaded.warnings { warn(warning) }
        var project = try loaded.selecting(services, dependencies: dependencies)
        if resolves { try project.resolveEnvironment(source) }
        return options.bool("all-resources") ? project : project.withoutUnused
    }

    /// As docker compose's log has it, without the time.
    @Sendable func warn(_ text: String) {
        if TerminalDevice.errorIsTerminal { Console.error("\u{1B}[33mWARN\u{1B}[0m[0000] \(text) \n") } else { log("warning", text) }
    }

    /// Only with `--verbose`.
    func debug(_ text: String) { if options.bool("verbose") { log("debug", text) } }

    private func log(_ level: String, _ text: String) {
        Console.error("time=\"\(Timestamp(seconds: Clock.now.seconds))\" level=\(level) msg=\(Syntax.quoted(text))\n")
    }
}

extension ComposeCommands {
    /// A command whose action gets the session as compose sees it.
    static func command(
        _ name: String, aliases: [String] = [], _ summary: String, usage: String, arity: Arity = .any, interspersed: Bool = true,
        flags: @escaping @Sendable () -> [Flag] = { [] }, action: @escaping @Sendable (ComposeSession) async throws -> Int32
    ) -> AnyCommand {
        AnyCommand(
            name, aliases: aliases, summary, usage: usage, arity: arity, interspersed: interspersed, subject: usage.contains("SERVICE") ? .services : .nothing,
            flags: flags,
            action: { session in
                do { return try await action(ComposeSession(session: session)) } catch let error as ComposeFileError { throw Exit(1, error.description) }
            })
    }
}
