internal import Arguments
internal import Linux
internal import Values

/// A registry server, or work on its directory. It runs outside this command's event loop: the entry sees it before that begins.
package struct RegistryRequest: Sendable {
    package enum Work: Sendable {
        case serve(address: String?)
        case collectGarbage(isDryRun: Bool, untagged: Bool, isQuiet: Bool)
        case check
    }

    package var work: Work
    /// The path of `config.yml`, when there is one.
    package var configuration: String?
    /// Where the registry lies, whatever the configuration says.
    package var directory: String?
    /// Where it lies when nothing says anything.
    package var defaultDirectory: String

    /// Nil for every other command.
    init?(_ session: Session) {
        let flags = session.flags
        let words = session.invocation.path.split(separator: " ")
        guard words.dropLast().last == "registry" else { return nil }
        switch words.last {
        case "serve": work = .serve(address: flags.optional("address"))
        case "garbage-collect":
            work = .collectGarbage(isDryRun: flags.bool("dry-run"), untagged: flags.bool("delete-untagged"), isQuiet: flags.bool("quiet"))
        case "check": work = .check
        default: return nil
        }
        configuration = session.arguments.first ?? Environment.value("REGISTRY_CONFIGURATION_PATH")
        directory = flags.optional("directory")
        defaultDirectory = session.paths.registry
    }
}

extension Root {
    static func registry() -> AnyCommand {
        AnyCommand(
            group: "registry", "Serve and maintain a registry, and work with others",
            subcommands: {
                [
                    remoteBlob(), checkRegistry(), registryConfig(), copyImage(), deleteRemote(), remoteDigest(), collectGarbage(), remoteInspect(),
                    login(), logout(), listRepositories(), remoteManifest(), pingRegistry(), serveRegistry(), listTags(),
                ]
            })
    }

    private static let elsewhere: Action = { _ in throw Exit(1, "this cannot be started from here") }

    private static func directory() -> Flag { .value("directory", "Where the registry lies (default storage.filesystem.rootdirectory of CONFIG)") }

    private static func serveRegistry() -> AnyCommand {
        AnyCommand(
            "serve", "Serve a registry until told to stop", usage: "[OPTIONS] [CONFIG]", arity: .atMost(1), subject: .files,
            flags: { [.value("address", "Address to listen on (default http.addr of CONFIG, or \"localhost:5000\")"), directory()] }, action: elsewhere)
    }

    private static func collectGarbage() -> AnyCommand {
        AnyCommand(
            "garbage-collect", "Delete layers not referenced by any manifests, beside a running server too", usage: "[OPTIONS] [CONFIG]", arity: .atMost(1),
            subject: .files,
            flags: {
                [
                    .bool("delete-untagged", short: "m", "Delete manifests that are not currently referenced via tag"), directory(),
                    .bool("dry-run", short: "d", "Do everything except remove the blobs"), .bool("quiet", short: "q", "Silence output"),
                ]
            }, action: elsewhere)
    }

    private static func checkRegistry() -> AnyCommand {
        AnyCommand(
            "check", "Verify every digest, link, tag and manifest of a registry", usage: "[OPTIONS] [CONFIG]", arity: .atMost(1), subject: .files,
            flags: { [directory()] }, action: elsewhere)
    }
}
