internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import OCI
internal import Terminal
internal import Values

extension Root {
    static func create() -> AnyCommand {
        AnyCommand(
            "create", synonyms: ["container create", "create"], "Create a new container", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
            arity: .atLeast(1), interspersed: false, subject: .images, flags: { ContainerFlags.common() },
            action: { session in
                let creation = Creation(session: session, command: "create")
                session.print(try await creation.create(session.client(), creation.request()))
                return 0
            })
    }
}

/// Making a container, which `run` and `create` share.
struct Creation: Sendable {
    let session: Session
    /// For `Run 'davit … --help'`.
    let command: String
    private var flags: FlagValues { session.flags }

    /// What the flags ask for; wrong ones end the command with code 125.
    func request() throws -> ContainerCreateRequest {
        do {
            guard ["always", "missing", "never", ""].contains(flags.string("pull")) else {
                throw Invalid("invalid pull option: '\(flags.string("pull"))': must be one of \"always\", \"missing\" or \"never\"")
            }
            var request = try ContainerRequest.make(flags, image: session.arguments[0], command: Array(session.arguments.dropFirst()))
            let environment = try (request.config.env ?? []) + session.proxyVariables(besides: flags.list("env"))
            if !environment.isEmpty { request.config.env = environment }
            return request
        } catch { throw Exit(125, session.withHelp("\(error)", command)) }
    }

    /// Creates it, pulling the image when that is missing, and gives the id, which goes to `--cidfile` too.
    func create(_ client: Client, _ request: ContainerCreateRequest) async throws -> String {
        var request = request
        if let platform = flags.optional("platform") ?? Environment.value("DOCKER_DEFAULT_PLATFORM"), !platform.isEmpty {
            do throws(PlatformError) { _ = try Platform(platform) } catch { throw Invalid("\(error)") }
        }
        let idFile = flags.string("cidfile")
        if !idFile.isEmpty, FileSystem.exists(idFile) {
            throw Invalid("container ID file found, make sure the other container isn't running or delete \(idFile)")
        }
        for mount in flags.list("mount") where try MountFlag.isOutdated(mount) {
            session.warnInLog("bind-nonrecursive is deprecated, use bind-recursive=disabled instead")
        }
        let image = request.config.image
        let reference: Reference?
        do throws(ReferenceError) {
            reference = try Reference(image).withDefaultTag
        } catch {
            // A whole id is no name.
            guard case .looksLikeID = error else { throw error }
            reference = nil
        }
        request.hostConfig?.consoleSize = TerminalDevice.size.map { [$0.rows, $0.columns] } ?? [0, 0]
        if flags.string("pull") == "always" { try await pull(client, reference, image) }
        let response: ContainerCreateResponse
        do {
            response = try await client.createContainer(request, name: flags.optional("name"), platform: platform)
        } catch let error as APIError where error.status == 404 && Self.isAboutImage(error.message) && reference != nil && flags.string("pull") == "missing" {
            // Other things that a container names, such as networks, can be missing too.
            if !flags.bool("quiet") { session.warn("Unable to find image '\(reference?.familiar ?? image)' locally") }
            try await pull(client, reference, image)
            response = try await client.createContainer(request, name: flags.optional("name"), platform: platform)
        }
        let localServer = request.hostConfig?.dns?.first { IPAddress($0)?.isLoopback == true }
        for warning in response.warnings + (localServer.map { ["Localhost DNS (\($0)) may fail in containers."] } ?? []) { session.warn("WARNING: \(warning)") }
        if !idFile.isEmpty {
            do throws(SyscallError) {
                try FileSystem.replace(idFile, with: Array(response.id.utf8))
            } catch { throw Invalid("failed to create the container ID file: open \(idFile): \(error.errno)") }
        }
        return response.id
    }

    /// Not there at all, or not for the wanted platform.
    private static func isAboutImage(_ message: String) -> Bool {
        message.hasPrefix("No such image") || message.hasPrefix("image with reference")
    }

    private var platform: String? { session.platform }

    private func pull(_ client: Client, _ reference: Reference?, _ image: String) async throws {
        guard let reference else { throw Invalid("invalid reference format: \(image)") }
        let progress = Progress(quiet: flags.bool("quiet"), toError: true)
        let suffix = reference.digest.map { "\($0)" } ?? reference.tag
        try await client.pullImage(
            reference.familiarName, tag: suffix, platform: platform, auth: try session.credentials(for: reference)
        ) { progress.show($0) }
    }
}

extension Session {
    /// An error of `run` and `create` with Docker's two lines about help under it.
    func withHelp(_ message: String, _ command: String) -> String {
        "\(program): \(message)\n\nRun '\(program) \(command) --help' for more information"
    }

    /// The end of the command when a container could not be made or started: 127 when its program is missing, 126 when it may not
    /// be executed, 125 otherwise.
    func startFailure(_ error: any Error, _ command: String) -> Exit {
        if let exit = error as? Exit { return exit }
        let message = "\(error)"
        let code: Int32 =
            if ["executable file not found", "no such file or directory", "system cannot find the file specified"].contains(where: message.lowercased().contains) {
                127
            } else if ["permission denied", "is a directory"].contains(where: message.lowercased().contains) {
                126
            } else {
                125
            }
        return Exit(code, withHelp(message, command))
    }
}

/// Checks of the user's terminal that several commands make.
enum Terminals {
    static func check(attachesInput: Bool, isTerminal: Bool) throws {
        if attachesInput, isTerminal, !TerminalDevice.inputIsTerminal {
            throw Exit(1, "the input device is not a TTY")
        }
    }

    /// Watches for the keys that let go.
    static func detachKeys(_ session: Session) throws -> DetachKeys {
        let text = session.detachKeys()
        do throws(DetachKeys.Unknown) {
            return try DetachKeys(text)
        } catch { throw Exit(1, "invalid detach keys (\(text)): \(error)") }
    }
}
