internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func exec() -> AnyCommand {
        AnyCommand(
            "exec", synonyms: ["container exec", "exec"], "Execute a command in a running container",
            usage: "[OPTIONS] CONTAINER COMMAND [ARG...]", arity: .atLeast(2), interspersed: false, subject: .runningContainers,
            flags: {
                [
                    .bool("detach", short: "d", "Run the command in the background"), .value("detach-keys", "Keys that detach from the command"),
                    .list("env", short: "e", "Set environment variables", problem: Problems.env),
                    .list("env-file", "Read environment variables from a file"),
                    .bool("interactive", short: "i", "Keep STDIN open even if not attached"),
                    .bool("privileged", "Give the command all capabilities"), .bool("tty", short: "t", "Give the command a terminal"),
                    .value("user", short: "u", "User name or UID (format: <name|uid>[:<group|gid>])"),
                    .value("workdir", short: "w", "Working directory inside the container"),
                ]
            },
            action: exec)
    }

    @Sendable private static func exec(_ session: Session) async throws -> Int32 {
        let flags = session.flags
        let name = session.arguments[0]
        let isDetached = flags.bool("detach")
        var request = ExecCreateRequest()
        request.cmd = Array(session.arguments.dropFirst())
        request.user = flags.string("user")
        request.privileged = flags.bool("privileged")
        request.tty = flags.bool("tty")
        request.workingDir = flags.string("workdir")
        request.env = try ContainerRequest.environment(flags)
        request.detachKeys = session.detachKeys()
        request.attachStdin = !isDetached && flags.bool("interactive")
        request.attachStdout = !isDetached
        request.attachStderr = !isDetached
        let keys = try Terminals.detachKeys(session)
        let client = try session.client()
        if !isDetached, request.attachStdin, request.tty, !TerminalDevice.inputIsTerminal {
            // That the container does not exist is the more important news.
            _ = try await client.inspectContainer(name)
            try Terminals.check(attachesInput: true, isTerminal: true)
        }
        return try await run(request, in: name, client, isDetached: isDetached, keys)
    }

    /// Runs a command in a container, with the user's streams on it unless it is detached, and gives its exit code.
    static func run(_ request: ExecCreateRequest, in name: String, _ client: Client, isDetached: Bool, _ keys: DetachKeys) async throws -> Int32 {
        var request = request
        if request.tty { request.consoleSize = TerminalDevice.size.map { [$0.rows, $0.columns] } }
        let id = try await client.createExec(name, request)
        if isDetached {
            try await client.startDetachedExec(id, tty: request.tty)
            return 0
        }
        let isTerminal = request.tty, takesInput = request.attachStdin, consoleSize = request.consoleSize
        let watchesWindow = isTerminal && TerminalDevice.inputIsTerminal
        let proxy = try SignalProxy(forwarding: false, watchingWindow: watchesWindow)
        return try await withSignals(proxy, kill: { _ in }, resize: { try await client.resizeToWindow(exec: id) }) {
            let stream: AttachedStream
            do {
                stream = try await client.startExec(id, tty: isTerminal, consoleSize: consoleSize)
            } catch let error as APIError {
                throw Exit(execCode(error.message), "\(error)")
            }
            if watchesWindow {
                do { try await client.resizeToWindow(exec: id) } catch is APIError {}  // It may have ended already.
            }
            let end = try await Attachment(stream: stream, takesInput: takesInput, detachKeys: keys).run()
            if end == .detached { throw Exit.escaped }
            return Int32(truncatingIfNeeded: try await client.inspectExec(id).exitCode ?? 0)
        }
    }

    /// Engines that tell at once that the program cannot be run do so with an error instead of an exit code.
    private static func execCode(_ message: String) -> Int32 {
        if message.contains("executable file not found") || message.lowercased().contains("no such file or directory") { return 127 }
        return message.lowercased().contains("permission denied") || message.contains("is a directory") ? 126 : 1
    }
}
