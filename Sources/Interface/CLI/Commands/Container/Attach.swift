internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func attach() -> AnyCommand {
        AnyCommand(
            "attach", synonyms: ["container attach", "attach"],
            "Attach local standard input, output, and error streams to a running container", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            subject: .runningContainers,
            flags: {
                [
                    .value("detach-keys", "Keys that detach from the container"), .bool("no-stdin", "Do not attach STDIN"),
                    .bool("sig-proxy", default: true, "Pass signals on to the process"),
                ]
            },
            action: attach)
    }

    @Sendable private static func attach(_ session: Session) async throws -> Int32 {
        let client = try session.client()
        let name = session.arguments[0]
        let keys = try Terminals.detachKeys(session)
        let container = try await client.inspectContainer(name)
        if !container.state.running { throw Exit(1, "You cannot attach to a stopped container, start it first") }
        if container.state.paused { throw Exit(1, "You cannot attach to a paused container, unpause it first") }
        if container.state.restarting { throw Exit(1, "You cannot attach to a restarting container, wait until it is running") }
        let isTerminal = container.config.tty
        let takesInput = !session.flags.bool("no-stdin") && container.config.openStdin
        try Terminals.check(attachesInput: !session.flags.bool("no-stdin"), isTerminal: isTerminal)
        let watchesWindow = isTerminal && TerminalDevice.outputIsTerminal
        let proxy = try SignalProxy(forwarding: session.flags.bool("sig-proxy") && !isTerminal, watchingWindow: watchesWindow)
        let id = container.id
        let detachKeys = session.detachKeys()
        return try await withSignals(
            proxy, kill: { try await client.killContainer(id, signal: $0) }, resize: { try await client.resizeToWindow(container: id) }
        ) {
            let wait = try await client.wait(for: id, .notRunning)
            let parameters = AttachParameters(stdin: takesInput, stdout: true, stderr: true, detachKeys: detachKeys)
            let stream = try await client.attach(id, parameters, tty: isTerminal)
            if watchesWindow, let size = TerminalDevice.size {
                // A full-screen program draws itself again only when the size changes, so it changes twice.
                do {
                    try await client.resizeContainer(id, height: size.rows + 1, width: size.columns + 1)
                    try await client.resizeToWindow(container: id)
                } catch is APIError {}
            }
            let attachment = Attachment(stream: stream, takesInput: takesInput, detachKeys: keys)
            return try await Attachment.exitCode(of: wait, following: attachment, showsOutput: true, whenDetached: .escaped)
        }
    }
}
