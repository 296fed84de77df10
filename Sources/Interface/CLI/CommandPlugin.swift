internal import Arguments
internal import Linux

/// A program that adds a command: `docker-<name>` in one of the directories where Docker's command line looks for such.
struct CommandPlugin {
    private let path: String
    private let session: Session

    /// The variable that tells a program that it was called as a plug-in, and by whom.
    static let callerVariable = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"

    /// Where plug-ins are, after the user's own directories; Docker's order.
    private static let directories = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map { "\($0)/docker/cli-plugins" }

    /// The one that the session's first argument names; nil when there is none.
    init?(_ session: Session) {
        let name = session.arguments.first ?? ""
        // Small letters and digits, as Docker has it, and so never a path.
        guard !name.isEmpty, name.utf8.allSatisfy({ 97...122 ~= $0 || 48...57 ~= $0 }) else { return nil }
        let preferences = session.preferences
        let directories = ["\(preferences.directory)/cli-plugins"] + preferences.pluginDirectories + Self.directories
        guard let path = directories.map({ "\($0)/docker-\(name)" }).first(where: FileSystem.isExecutable) else { return nil }
        (self.path, self.session) = (path, session)
    }

    /// Becomes the plug-in, which gets all words of the command line. Returns only by throwing.
    func execute(_ arguments: [String]) throws {
        let engine = try session.engine()
        var variables = [(Self.callerVariable, session.program)]
        // It reaches an engine by a socket only: that of this process by its daemon's.
        if engine.context == EngineContext.builtIn, session.invocation.globals.list("host").isEmpty { variables.append(("DOCKER_HOST", engine.host ?? session.ownHost)) }
        let others = Environment.all.filter { entry in !variables.contains { entry.hasPrefix("\($0.0)=") } }
        throw Process.execute(path, [path] + arguments, environment: others + variables.map { "\($0.0)=\($0.1)" })
    }
}
