internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerClient
internal import Linux
internal import OCI
internal import Terminal

extension ComposeSession {
    private var options: FlagValues { session.invocation.groupFlags }

    var usesANSI: Bool {
        if options.bool("no-ansi") { return false }
        switch options.isSet("ansi") ? options.string("ansi") : Environment.value("COMPOSE_ANSI") ?? "auto" {
        case "always": return true
        case "never": return false
        default: return TerminalDevice.outputIsTerminal
        }
    }

    private func style() throws -> ComposeProgress.Style {
        switch options.optional("progress") ?? Environment.value("COMPOSE_PROGRESS") ?? "auto" {
        case "auto", "": TerminalDevice.errorIsTerminal && usesANSI ? .terminal : .plain
        case "tty": .terminal
        case "plain", "rawjson": .plain
        case "json": .json
        case "quiet", "none": .quiet
        case let other: throw Exit(1, "unsupported --progress value \(Syntax.quoted(other))")
        }
    }

    /// The project on the engine. `starts`: containers are going to be started.
    func deployment(_ project: ComposeProject, starts: Bool = false) throws -> Deployment {
        let client = try session.client(starts: starts)
        let progress = ComposeProgress(try style(), isDryRun: options.bool("dry-run"))
        let names = separator(project.environment)
        let images = Deployment.ImageSource(
            pull: { try await pull($0, platform: $1, client) }, build: { try await ServiceBuild(compose: self, project: project, separator: names).build($0) })
        var deployment = Deployment(client, project, images: images, report: { progress.show($0) }, warn: warn)
        deployment.separator = names
        let session = session, isSure = flags.bool("yes")
        // A question that cannot be asked has no for an answer.
        deployment.confirm = { question in
            if isSure || !TerminalDevice.inputIsTerminal { return isSure }
            return (try? await session.confirm(question)) ?? false
        }
        deployment.isDryRun = options.bool("dry-run")
        deployment.environmentFiles = options.list("env-file")
        let parallel = options.isSet("parallel") ? options.int("parallel") : Int(project.environment["COMPOSE_PARALLEL_LIMIT"] ?? "") ?? -1
        deployment.parallel = parallel > 0 ? parallel : nil
        return deployment
    }

    /// The project of the files where there are any, else, where a name is given, of what runs under it. Names of services that it does not
    /// have are refused.
    func deployment(named services: [String], starts: Bool = false) async throws -> Deployment {
        let deployment = try await anyDeployment(starts: starts)
        for name in services where deployment.project.services[name] == nil && deployment.project.disabled[name] == nil {
            throw ComposeFileError("no such service: \(name)")
        }
        return deployment
    }

    private func anyDeployment(starts: Bool) async throws -> Deployment {
        let name = options.optional("project-name") ?? Environment.value("COMPOSE_PROJECT_NAME") ?? ""
        do {
            var source = try files.source(warn: warn)
            source.resolvesEnvironment = false
            return try deployment(ComposeProject(source), starts: starts)
        } catch let error as ComposeFileError {
            // Who names a project needs no files, unless he names those too.
            if name.isEmpty || options.isSet("file") { throw error }
        }
        let containers = try await Deployment.containers(of: name, session.client(starts: starts))
        return try deployment(ComposeProject(named: name, from: containers), starts: starts)
    }

    /// Fetches an image with the user's credentials.
    @Sendable func pull(_ image: String, platform: String?, _ client: Client) async throws {
        let reference: Reference
        do throws(ReferenceError) { reference = try Reference(image).withDefaultTag } catch { throw Exit(1, "\(error)") }
        let suffix = reference.digest.map { "\($0)" } ?? reference.tag
        try await client.pullImage(reference.familiarName, tag: suffix, platform: platform, auth: try session.credentials(for: reference)) { _ in }
    }

    /// The one container that `--index` names, or the first that runs: a one-off only where there is no other.
    func container(of service: String, _ deployment: Deployment, all: Bool = false) async throws -> ProjectContainer {
        let index = flags.int("index")
        let found = try await deployment.containers(all: all, oneOff: index == 0).filter { $0.service == service && (index == 0 || $0.number == index) }
        guard let first = found.first(where: { !$0.isOneOff }) ?? found.first else {
            throw ComposeFileError("service \"\(service)\" is not running" + (index == 0 ? "" : " container #\(index)"))
        }
        return first
    }

    /// Seconds of `--timeout`, nil where it is not given.
    var timeoutSeconds: Int? { flags.isSet("timeout") ? flags.int("timeout") : nil }
}
