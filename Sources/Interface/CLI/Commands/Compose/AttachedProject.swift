internal import Arguments
internal import AsyncIO
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Terminal
internal import Values

/// `up` in the foreground: the output of all containers, until they have ended or the user stops them.
struct AttachedProject: Sendable {
    private let compose: ComposeSession
    private let deployment: Deployment
    private let printer: LogPrinter
    /// Names of the services whose output is shown.
    private let shown: Set<String>

    init(_ compose: ComposeSession, _ deployment: Deployment) {
        self.compose = compose
        // Lines are not drawn over one another between those of the containers.
        let isColored = TerminalDevice.errorIsTerminal && compose.usesANSI
        var deployment = deployment
        deployment.report = { report in if !isColored || report.status != .working { Console.error(ComposeProgress.line(report, colored: isColored)) } }
        self.deployment = deployment
        let flags = compose.flags, services = deployment.project.services
        var names = Set(flags.list("attach"))
        if names.isEmpty { names = Set(compose.arguments.isEmpty || flags.bool("attach-dependencies") ? Array(services.keys) : compose.arguments) }
        names.subtract(flags.list("no-attach"))
        if flags.list("attach").isEmpty { names = names.filter { services[$0]?.attach ?? true } }
        shown = names
        printer = LogPrinter(
            [], prefixes: !flags.bool("no-log-prefix"), colors: compose.usesANSI && !flags.bool("no-color"), timestamps: flags.bool("timestamps"))
    }

    private enum Event: Sendable { case outputEnded, done, interrupted, lifeEnded, outputIsLate }

    /// How long output may follow the end of whoever wrote it.
    private static let outputPatience = Duration.seconds(5)

    /// What the containers do, in order.
    private final class Board: Sendable {
        private let state: Mutex<(alive: Set<String>, code: Int32?, isStopping: Bool)>
        let start: Task<Void, any Error>

        init(_ alive: Set<String>, _ start: Task<Void, any Error>) {
            state = Mutex((alive, nil, false))
            self.start = start
        }

        func begin(_ id: String) { state.withLock { _ = $0.alive.insert(id) } }
        /// Whether that was the last.
        func end(_ id: String) -> Bool {
            state.withLock { state in
                state.alive.remove(id)
                return state.alive.isEmpty
            }
        }
        var code: Int32? { state.withLock { $0.code } }
        func setCode(_ code: Int32) { state.withLock { if $0.code == nil { $0.code = code } } }
        /// Breaks the start off, and returns when nothing more is started.
        func endStart() async {
            start.cancel()
            _ = await start.result
        }
        /// The others will not live: they were not started.
        func keep(only ids: Set<String>) { state.withLock { $0.alive.formIntersection(ids) } }
        var isOver: Bool { state.withLock { $0.alive.isEmpty } }
        /// True for the first.
        func beginStopping() -> Bool {
            state.withLock { state in
                defer { state.isStopping = true }
                return !state.isStopping
            }
        }
    }

    /// `watching`: what brings changes of files into the containers meanwhile, some of which may be made anew.
    func run(watching: FileWatch? = nil) async throws -> Int32 {
        let containers = try await deployment.containers().filter { deployment.project.services[$0.service] != nil }
        if containers.isEmpty { return 0 }
        let visible = containers.filter { shown.contains($0.service) }
        for container in visible { printer.expect(compose.shortName(container, deployment)) }
        compose.session.print("Attaching to \(visible.map { compose.shortName($0, deployment) }.joined(separator: ", "))")
        let signals = try SignalEvents([2, 15])
        let since = Clock.parameter(Timestamp.now)
        // Before anything is started, so that no output is missed.
        var attached: [(ProjectContainer, AttachedStream)] = []
        for container in visible { if let stream = try await attach(container) { attached.append((container, stream)) } }
        let streams = attached
        // Who watches files is not done when a container ends.
        let board = Board(Set(containers.map(\.id) + (watching == nil ? [] : [""])), beginStart())
        return try await withThrowingTaskGroup(of: Event.self) { group in
            defer {
                board.start.cancel()
                group.cancelAll()
            }
            group.addTask {
                try await watch(containers, since: since, board)
                return .lifeEnded
            }
            if let watching {
                group.addTask {
                    try await watching.run()
                    return .done
                }
            }
            group.addTask {
                _ = try await signals.next()
                return .interrupted
            }
            for (container, stream) in streams {
                group.addTask {
                    try await follow(container, stream)
                    return .outputEnded
                }
            }
            group.addTask {
                // Who stops them before all have started breaks that off.
                do { try await board.start.value } catch is CancellationError {}
                return .done
            }
            var isInterrupted = false, isOver = false, speaking = streams.count
            while let event = try await group.next() {
                switch event {
                case .lifeEnded:
                    isOver = true
                    group.addTask {
                        try await AsyncIO.sleep(Self.outputPatience)
                        return .outputIsLate
                    }
                case .outputEnded: speaking -= 1
                case .outputIsLate: speaking = 0
                case .done: break
                case .interrupted:
                    let isSecond = isInterrupted
                    isInterrupted = true
                    compose.warnPlainly(isSecond ? "" : "Gracefully Stopping... press Ctrl+C again to force")
                    group.addTask {
                        if isSecond { try await killAll() } else { try await stop(board) }
                        return board.isOver ? .lifeEnded : .done
                    }
                    if !isSecond {
                        group.addTask {
                            _ = try await signals.next()
                            return .interrupted
                        }
                    }
                }
                if isOver, speaking <= 0 { break }
            }
            return isInterrupted ? 130 : board.code ?? 0
        }
    }

    private func beginStart() -> Task<Void, any Error> {
        var quiet = deployment
        // Whoever looks on sees what the containers say.
        quiet.report = { _ in }
        let starting = quiet
        return AsyncIO.begin { try await starting.start() }
    }

    /// Stops them all: none may start behind its back.
    private func stop(_ board: Board) async throws {
        await board.endStart()
        // What the named services need goes on.
        let ending = try await deployment.containers(all: false).filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }
        board.keep(only: Set(ending.map(\.id)))
        try await deployment.stop(compose.arguments, timeoutSeconds: compose.timeoutSeconds)
    }

    private func killAll() async throws {
        let running = try await deployment.containers(all: false)
        try await deployment.change(running, "Killing", "Killed") { try await deployment.client.killContainer($0.id, signal: "SIGKILL") }
    }

    /// Nil for one that is gone.
    private func attach(_ container: ProjectContainer) async throws -> AttachedStream? {
        do {
            let details = try await deployment.client.inspectContainer(container.id)
            let stream = try await deployment.client.attach(container.id, AttachParameters(stdout: true, stderr: true), tty: details.config.tty)
            try stream.connection.shutdownWrite()
            return stream
        } catch let error as APIError where error.status == 404 || error.status == 409 { return nil }
    }

    /// Prints a container's output until it ends, and those of its next lives as its log has them.
    private func follow(_ container: ProjectContainer, _ stream: AttachedStream) async throws {
        let name = compose.shortName(container, deployment)
        do { try await stream.forEachPiece { printer.add($1, of: name, isError: $0 == .stderr) } } catch let error as SyscallError
            where error.errno == .connectionReset
        {
            // One way for the engine's end to go away.
        }
        printer.flush(name)
        var shown = Timestamp.never
        while try await awaitNextLife(of: container) {
            var parameters = LogParameters()
            parameters.follow = true
            // A log may go on into the life after the one that it was read for.
            parameters.since = Clock.parameter(max(try await deployment.client.inspectContainer(container.id).state.startedAt, shown))
            try await compose.printLog(of: container, deployment, parameters, printer)
            shown = .now
        }
    }

    /// False when there will be none.
    private func awaitNextLife(of container: ProjectContainer) async throws -> Bool {
        while true {
            let state: ContainerState
            do { state = try await deployment.client.inspectContainer(container.id).state } catch let error as APIError where error.status == 404 { return false }
            if state.running { return true }
            if !state.restarting { return false }
            try await AsyncIO.sleep(.milliseconds(100))
        }
    }

    /// Until no container is alive any more: what ends, and what is started again.
    private func watch(_ containers: [ProjectContainer], since: String, _ board: Board) async throws {
        do {
            try await deployment.lifeEvents(since: since) { service, event in
                let attributes = event.actor.attributes
                let prefix = deployment.project.name + deployment.separator, full = attributes["name"] ?? ""
                let name = full.hasPrefix(prefix) ? String(full.dropFirst(prefix.count)) : full
                if event.action == "start" { return board.begin(event.actor.id) }
                let code = Int32(attributes["exitCode"] ?? "") ?? 0
                let returns = try await isRestarting(event.actor.id)
                if shown.contains(service) { printer.status(name, "exited with code \(code)" + (returns ? " (restarting)" : "")) }
                if !returns { try await handleExit(of: service, code, board) }
                if !returns, board.end(event.actor.id) { throw AllEnded() }
            }
        } catch is AllEnded {}
    }

    private struct AllEnded: Error {}

    private func isRestarting(_ id: String) async throws -> Bool {
        do {
            let state = try await deployment.client.inspectContainer(id).state
            return state.restarting || state.running
        } catch let error as APIError where error.status == 404 { return false }
    }

    private func handleExit(of service: String, _ code: Int32, _ board: Board) async throws {
        let flags = compose.flags, from = flags.string("exit-code-from")
        if from == service { board.setCode(code) }
        let aborts = flags.bool("abort-on-container-exit") || !from.isEmpty || (flags.bool("abort-on-container-failure") && code != 0)
        guard aborts, board.beginStopping() else { return }
        if from.isEmpty { board.setCode(code) }
        compose.warnPlainly("Aborting on container exit...")
        try await stop(board)
    }
}

extension ComposeSession {
    func warnPlainly(_ text: String) { if !text.isEmpty { Console.error("\(text)\n") } }
}
