internal import Arguments
internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import HTTPTransport
internal import Linux
internal import OCI
internal import Synchronization
internal import Terminal
internal import Values

/// One command being carried out: what it was given and the way to the engine.
final class Session: Sendable {
    let program: String
    let invocation: Invocation<Action>
    private let inProcess: @Sendable (StatePaths, Bool) throws -> any Transport
    private let connected = Mutex<Client?>(nil)
    private let chosen = Mutex<EngineChoice?>(nil)
    private let preferred = Mutex<ConfigFile?>(nil)

    init(
        program: String, invocation: Invocation<Action>, inProcess: @escaping @Sendable (StatePaths, Bool) throws -> any Transport
    ) {
        self.program = program
        self.invocation = invocation
        self.inProcess = inProcess
    }

    /// The same with other arguments, for another command that does the work.
    func with(arguments: [String]) -> Session {
        var invocation = invocation
        invocation.arguments = arguments
        return with(invocation)
    }

    /// Another command on the same engine.
    func with(_ invocation: Invocation<Action>) -> Session {
        let session = Session(program: program, invocation: invocation, inProcess: inProcess)
        session.connected.withLock { $0 = connected.withLock { $0 } }
        session.chosen.withLock { $0 = chosen.withLock { $0 } }
        session.preferred.withLock { $0 = preferred.withLock { $0 } }
        return session
    }

    var flags: FlagValues { invocation.flags }
    var arguments: [String] { invocation.arguments }

    /// `--root` and `--run-root`, their variables, or where a system's state belongs.
    var paths: StatePaths {
        let globals = invocation.globals
        return StatePaths(
            dataRoot: globals.optional("root") ?? Environment.value("DAVIT_ROOT") ?? "/var/lib/davit",
            runRoot: globals.optional("run-root") ?? Environment.value("DAVIT_RUN_ROOT") ?? "/run/davit")
    }

    /// The engine of the context in use. `starts`: a container is going to be started there.
    func client(starts: Bool = false) throws -> Client {
        try connected.withLock { connected in
            if let client = connected { return client }
            let client = try connect(starts)
            connected = client
            return client
        }
    }

    /// Where the engine is, as the context in use has it.
    func engine() throws -> EngineChoice {
        try chosen.withLock { chosen in
            if let choice = chosen { return choice }
            let choice = try chooseEngine()
            chosen = choice
            return choice
        }
    }

    /// What `config.json` says, read once.
    var preferences: ConfigFile {
        preferred.withLock { preferred in
            if let file = preferred { return file }
            let file = readPreferences()
            preferred = file
            return file
        }
    }

    private func connect(_ starts: Bool) throws -> Client {
        let engine = try engine()
        guard let host = engine.host else { return Client(try inProcess(paths, starts), address: "this process") }
        return Client(try EngineAddress.transport(host, engine.tls), address: host)
    }

    /// A connection to the daemon, where the context in use has it or where it listens by itself. What one request begins another may go on with, such as
    /// attaching to a container that is yet to start: so all must reach the same process.
    func dial() async throws -> any ByteStream {
        let engine = try engine(), host = engine.host ?? ownHost
        do { return try await EngineAddress.transport(host, engine.tls).open() } catch is SyscallError {
            throw Exit(1, "Cannot connect to the Docker daemon at \(host). Is the docker daemon running?")
        }
    }

    /// `--platform`, or the variable that stands in for it.
    var platform: String? {
        let text = flags.optional("platform") ?? Environment.value("DOCKER_DEFAULT_PLATFORM")
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `--platform` where it takes several, each in the JSON that the API wants.
    func platforms() throws -> [String] {
        try flags.list("platform").flatMap { $0.split(separator: ",") }.map { text in
            let platform: Platform
            do throws(PlatformError) { platform = try Platform(String(text)) } catch { throw Invalid("\(error)") }
            return String(decoding: try Document.encode(platform), as: UTF8.self)
        }
    }

    func print(_ line: String) { Console.output(line + "\n") }
    func warn(_ line: String) { Console.error(line + "\n") }

    /// A warning that Docker's command line writes by its logger: coloured for a terminal, else as fields.
    func warnInLog(_ message: String) {
        warn(
            TerminalDevice.errorIsTerminal
                ? "\u{1B}[33mWARN\u{1B}[0m[0000] \(message)" : "time=\"\(Timestamp(seconds: Timestamp.now.seconds))\" level=warning msg=\"\(message)\"")
    }

    /// Does the same to every argument, prints each that it was done to, and tells errors one by one: exit code 1 if there was any.
    func forEach(_ names: [String], printing: Bool = true, _ body: (String) async throws -> Void) async throws -> Int32 {
        var code: Int32 = 0
        for name in names {
            do {
                try await body(name)
                if printing { print(name) }
            } catch let exit as Exit {
                throw exit
            } catch {
                warn("\(error)")
                code = 1
            }
        }
        return code
    }

    /// Asks a yes-or-no question on standard output; anything but `y` is no. Who interrupts it has answered, too: nothing is done, and well.
    func confirm(_ question: String) async throws -> Bool {
        let input = try FileDescriptor.standard(0), interrupts = try SignalEvents([2])
        defer { Signal.block([]) }
        Console.output(question + " [y/N] ")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await AsyncIO.readable(FileDescriptor.standard(0)) }
            group.addTask {
                _ = try await interrupts.next()
                Console.output("\n")
                throw Exit(0)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        let answer = String(decoding: try input.read(upTo: 64), as: UTF8.self).split(separator: "\n").first ?? ""
        return answer == "y" || answer == "Y"
    }

    /// The filters of `--filter`, each `name=value`.
    func filters(_ flag: String = "filter") -> Filters {
        var filters = Filters()
        for text in flags.list(flag) {
            guard let (name, value) = text.cut("=") else { continue }
            filters.add(name.lowercased().trimmed, value.trimmed)
        }
        return filters
    }
}

extension StringProtocol {
    /// Without white space at either end.
    var trimmed: String {
        var view = Substring(self)
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
