internal import Arguments
internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func run() -> AnyCommand {
        AnyCommand(
            "run", synonyms: ["container run", "run"], "Create and run a new container from an image",
            usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]", arity: .atLeast(1), interspersed: false, subject: .images,
            flags: {
                ContainerFlags.common() + [
                    .bool("detach", short: "d", "Run in the background and print the container's ID"),
                    .value("detach-keys", "Keys that detach from the container"),
                    .bool("sig-proxy", default: true, "Pass signals on to the process"),
                ]
            },
            action: { try await Run(session: $0).run() })
    }
}

/// `run`: create, attach, start, wait.
private struct Run: Sendable {
    let session: Session
    var flags: FlagValues { session.flags }

    func run() async throws -> Int32 {
        let creation = Creation(session: session, command: "run")
        var request = try creation.request()
        let isDetached = flags.bool("detach")
        if isDetached {
            if !flags.list("attach").isEmpty { throw Exit(1, "conflicting options: cannot specify both --attach and --detach") }
            request.config.attachStdin = false
            request.config.attachStdout = false
            request.config.attachStderr = false
            request.config.stdinOnce = false
        } else {
            try Terminals.check(attachesInput: request.config.attachStdin, isTerminal: request.config.tty)
        }
        // Nobody types into what is detached.
        let keys = try isDetached ? DetachKeys("") : Terminals.detachKeys(session)
        let client = try session.client(starts: true)
        let config = request.config
        let id: String
        do {
            id = try await creation.create(client, request)
        } catch { throw session.startFailure(error, "run") }
        let attaches = config.attachStdin || config.attachStdout || config.attachStderr
        guard attaches else {
            session.print(id)
            do {
                try await client.startContainer(id)
            } catch { throw session.startFailure(error, "run") }
            return 0
        }
        return try await Foreground(
            session: session, client: client, id: id, config: config, keys: keys, removes: flags.bool("rm"), forwardsSignals: flags.bool("sig-proxy"),
            command: "run"
        ).run()
    }
}

/// A container that was made just now, started with the user's streams on it.
struct Foreground: Sendable {
    let session: Session
    let client: Client
    let id: String
    let config: ContainerConfig
    let keys: DetachKeys
    /// It removes itself when it ends.
    let removes: Bool
    let forwardsSignals: Bool
    /// For `Run 'davit … --help'`.
    let command: String

    /// The exit code of its process, or of not having started it.
    func run() async throws -> Int32 {
        let watchesWindow = config.tty && TerminalDevice.outputIsTerminal
        let proxy = try SignalProxy(forwarding: forwardsSignals, watchingWindow: watchesWindow)
        // In one process this takes no time, and is done without a thread when nothing else is waited for: signals wait until it is.
        let early = try session.engine().host == nil ? try await attach() : nil
        return try await withSignals(
            proxy, kill: { try await client.killContainer(id, signal: $0) }, resize: { try await client.resizeToWindow(container: id) }
        ) {
            let (attachment, wait) = if let early { early } else { try await attach() }
            return try await follow(attachment, wait, watchesWindow)
        }
    }

    /// Before the start, so that no output and no exit is missed.
    private func attach() async throws -> (Attachment, PendingWait) {
        var parameters = AttachParameters(stdin: config.attachStdin, stdout: config.attachStdout, stderr: config.attachStderr)
        parameters.detachKeys = session.detachKeys()
        let stream = try await client.attach(id, parameters, tty: config.tty)
        let wait = try await client.wait(for: id, removes ? .removed : .nextExit)
        return (Attachment(stream: stream, takesInput: config.attachStdin, detachKeys: keys), wait)
    }

    private func follow(_ attachment: Attachment, _ wait: PendingWait, _ watchesWindow: Bool) async throws -> Int32 {
        do {
            try await client.startContainer(id)
        } catch {
            attachment.stream.connection.close()
            if removes { _ = try? await wait.result() }  // Gone or going; the reason it did not start is what counts.
            throw session.startFailure(error, command)
        }
        if watchesWindow {
            do { try await client.resizeToWindow(container: id) } catch is APIError {}  // It may have ended already.
        }
        return try await Attachment.exitCode(of: wait, following: attachment, showsOutput: config.attachStdout || config.attachStderr)
    }
}

extension Attachment {
    /// The exit code of a container whose streams are `attachment`'s, once both the process and its output have ended;
    /// `whenDetached` when the user detached first.
    static func exitCode(
        of wait: PendingWait, following attachment: Attachment, showsOutput: Bool, whenDetached: Exit = Exit(0)
    ) async throws -> Int32 {
        enum Event: Sendable { case stream(End), exit(Int32) }
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .stream(try await attachment.run()) }
            group.addTask {
                let result = try await wait.result()
                if let error = result.error, !error.message.isEmpty { throw Exit(125, "Error waiting for container: \(error.message)") }
                return .exit(Int32(truncatingIfNeeded: result.statusCode))
            }
            defer { group.cancelAll() }
            var code: Int32?
            while let event = try await group.next() {
                switch event {
                case .stream(.detached): throw whenDetached
                case .stream(.ended): if let code { return code }
                case .exit(let status):
                    // Output may still be on its way; without output nothing ends the stream but us.
                    if !showsOutput {
                        attachment.stream.connection.close()
                        return status
                    }
                    code = status
                }
            }
            return code ?? 0
        }
    }
}
