internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerClient
internal import Linux
internal import Values

/// Builds the image of a service: what its file says of that, as a command line of `build`.
struct ServiceBuild: Sendable {
    let compose: ComposeSession
    let project: ComposeProject
    let separator: String
    private var flags: FlagValues { compose.flags }

    /// Throws what `build` throws.
    func build(_ name: String) async throws {
        guard let service = project.anyService(name), let build = service.build else { return }
        let image = project.image(of: name, separator: separator)
        var words = try words(build, named: name)
        words += ["--tag", image] + build.tags.flatMap { ["--tag", $0] }
        let platform = build.platforms.isEmpty ? [service.platform].filter { !$0.isEmpty } : build.platforms
        if !platform.isEmpty { words += ["--platform", platform.joined(separator: ",")] }
        // Only files can be named on a command line.
        var made: [String] = []
        defer { for path in made { _ = try? FileSystem.removeFile(path) } }  // Nobody but the user can read what is left.
        func file(_ text: String) throws -> String {
            made.append("/tmp/davit-compose-\(Identifier.random().short)")
            try FileSystem.replace(made[made.count - 1], with: Array(text.utf8), mode: 0o600)
            return made[made.count - 1]
        }
        for reference in build.secrets {
            let secret = project.secrets[reference.source] ?? ComposeFileObject()
            if secret.isExternal { throw ComposeFileError("build.secrets: external secret \(reference.source) is not supported") }
            let id = reference.target.isEmpty ? reference.source : FilePath.name(reference.target)
            // The project's variables are not those of this process.
            let path = try secret.environment.isEmpty ? secret.file : file(project.environment[secret.environment] ?? "")
            words += ["--secret", "id=\(id),src=\(path)"]
        }
        if !build.dockerfileInline.isEmpty { words += ["--file", try file(build.dockerfileInline)] }
        try await run(words + [build.context])
    }

    private func run(_ words: [String]) async throws {
        let session = compose.session
        let outcome: Outcome<Action>
        do throws(UsageFailure) { outcome = try Parser(program: session.program, root: Root.command(session.program)).parse(["build"] + words) } catch {
            throw Exit(error.exitCode, error.text)
        }
        guard case .run(var invocation) = outcome, let action = invocation.command.action else { return }
        invocation.globals = session.invocation.globals
        let code = try await action(session.with(invocation))
        if code != 0 { throw Exit(code) }
    }

    private func words(_ build: ComposeBuild, named name: String) throws -> [String] {
        var words: [String] = []
        func add(_ flag: String, _ value: String) { if !value.isEmpty { words += ["--\(flag)", value] } }
        let isHere = !build.context.contains("://") && !build.context.hasPrefix("git@")
        if build.dockerfileInline.isEmpty {
            add("file", isHere ? FilePath.absolute(build.dockerfile, in: build.context, home: nil) : build.dockerfile)
        }
        for (name, value) in build.args.sorted(by: { $0.key < $1.key }) { add("build-arg", value.map { "\(name)=\($0)" } ?? name) }
        for argument in flags.list("build-arg") { add("build-arg", argument) }
        var labels = build.labels
        labels[ComposeLabel.project] = project.name
        labels[ComposeLabel.service] = name
        labels[ComposeLabel.version] = ComposeLabel.composeVersion
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) { add("label", "\(name)=\(value)") }
        add("target", build.target)
        add("network", build.network)
        add("shm-size", build.shmSize)
        add("no-cache-filter", build.noCacheFilter.joined(separator: ","))
        for host in build.extraHosts { add("add-host", host) }
        for place in build.cacheFrom { add("cache-from", place) }
        for place in build.cacheTo { add("cache-to", place) }
        for right in build.entitlements { add("allow", right) }
        for (name, limit) in build.ulimits.sorted(by: { $0.key < $1.key }) {
            add("ulimit", "\(name)=\(limit.single == 0 ? "\(limit.soft):\(limit.hard)" : "\(limit.single)")")
        }
        for (id, place) in build.ssh.sorted(by: { $0.key < $1.key }) { add("ssh", place.isEmpty ? id : "\(id)=\(place)") }
        for (name, place) in build.additionalContexts.sorted(by: { $0.key < $1.key }) { add("build-context", "\(name)=\(context(place))") }
        for place in flags.list("ssh") { add("ssh", place) }
        for (flag, value) in [("provenance", build.provenance), ("sbom", build.sbom)] where !value.isEmpty { words.append("--\(flag)=\(value)") }
        if build.noCache || flags.bool("no-cache") { words.append("--no-cache") }
        // `up` has a flag of this name for something else.
        if build.pull || (flags.optional("pull").map { Syntax.bool($0) ?? false } ?? false) { words.append("--pull") }
        if flags.bool("quiet") || flags.bool("quiet-build") { words.append("--quiet") }
        return words
    }

    /// Another service's image is a context as well.
    private func context(_ place: String) -> String {
        guard place.hasPrefix("service:") else { return place }
        return "docker-image://\(project.image(of: String(place.dropFirst("service:".count)), separator: separator))"
    }
}
