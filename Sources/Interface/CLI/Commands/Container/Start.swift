internal import Arguments
internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func start() -> AnyCommand {
        AnyCommand(
            "start", synonyms: ["container start", "start"], "Start one or more stopped containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
            arity: .atLeast(1), subject: .containers,
            flags: {
                [
                    .bool("attach", short: "a", "Attach STDOUT and STDERR and forward signals"),
                    .value("checkpoint", "Restore from this checkpoint").unsupported("there are no checkpoints yet"),
                    .value("checkpoint-dir", "Where checkpoints are kept").unsupported("there are no checkpoints yet"),
                    .value("detach-keys", "Keys that detach from the container"),
                    .bool("interactive", short: "i", "Attach the container's STDIN"),
                ]
            },
            action: start)
    }

    @Sendable private static func start(_ session: Session) async throws -> Int32 {
        let client = try session.client(starts: true)
        let keys = try Terminals.detachKeys(session)
        guard session.flags.bool("attach") || session.flags.bool("interactive") else {
            var failed: [String] = []
            for name in session.arguments {
                do {
                    try await client.startContainer(name)
                    session.print(name)
                } catch let error as APIError {
                    session.warn("\(error)")
                    failed.append(name)
                }
            }
            if !failed.isEmpty { throw Exit(1, "Error: failed to start containers: \(failed.joined(separator: ", "))") }
            return 0
        }
        guard session.arguments.count == 1 else { throw Exit(1, "you cannot start and attach multiple containers at once") }
        let container = try await client.inspectContainer(session.arguments[0])
        let id = container.id
        let isTerminal = container.config.tty
        let watchesWindow = isTerminal && TerminalDevice.outputIsTerminal
        let proxy = try SignalProxy(forwarding: !isTerminal, watchingWindow: watchesWindow)
        let takesInput = session.flags.bool("interactive") && container.config.openStdin
        let detachKeys = session.detachKeys()
        return try await withSignals(
            proxy, kill: { try await client.killContainer(id, signal: $0) }, resize: { try await client.resizeToWindow(container: id) }
        ) {
            let parameters = AttachParameters(stdin: takesInput, stdout: true, stderr: true, detachKeys: detachKeys)
            let stream = try await client.attach(id, parameters, tty: isTerminal)
            let wait = try await client.wait(for: id, container.hostConfig.autoRemove ? .removed : .nextExit)
            do {
                try await client.startContainer(id)
            } catch {
                stream.connection.close()
                throw error
            }
            if watchesWindow {
                do { try await client.resizeToWindow(container: id) } catch is APIError {}  // It may have ended already.
            }
            let attachment = Attachment(stream: stream, takesInput: takesInput, detachKeys: keys)
            return try await Attachment.exitCode(of: wait, following: attachment, showsOutput: true)
        }
    }
}
