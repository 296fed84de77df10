internal import Arguments
internal import AsyncIO
package import HTTPTransport
internal import Linux
internal import Settings
internal import Synchronization
package import TLS
internal import Terminal
package import Values

/// What `davit daemon` is told.
package struct DaemonOptions: Sendable {
    /// Addresses to listen on (`unix://…`); empty means the run root's own socket.
    package var hosts: [String]
    /// Those where nothing can be changed.
    package var readOnlyHosts: [String]
    /// Who may use the unix sockets, besides root.
    package var group: String
    /// Where to write the process id; empty for nowhere.
    package var pidFile: String
    package var paths: StatePaths
    /// How TCP ports speak TLS; nil when they do not.
    package var tls: TLSServerSettings?
    /// Only start what is to run, and end: for a boot without a daemon.
    package var isOnce: Bool
    /// Only say whether the settings can be used, and end.
    package var isTest: Bool
}

/// The command line: words in, text and an exit code out.
package enum CLI {
    /// Carries out one command line and returns the exit code.
    ///
    /// - arguments: what follows the program's name.
    /// - program: `davit` or `docker`, as messages name it.
    /// - inProcess: makes the engine of the given state and the way to it, for when no host is set; true when a container is going to be
    ///   started.
    /// - daemon: serves the same engine on sockets until it is told to stop.
    /// - registry: serves or maintains a registry.
    package static func main(
        arguments: [String], program: String, inProcess: @escaping @Sendable (StatePaths, Bool) throws -> any Transport,
        daemon: @escaping @Sendable (DaemonOptions) throws -> Int32, registry: @escaping @Sendable (RegistryRequest) throws -> Int32
    ) -> Int32 {
        let parser = Parser(program: program, root: Root.command(program), width: TerminalDevice.columns)
        let outcome: Outcome<Action>
        do throws(UsageFailure) {
            outcome = try parser.parse(arguments)
        } catch {
            Console.error(error.text)
            return error.exitCode
        }
        switch outcome {
        case .help(let text, let wasAskedFor):
            if wasAskedFor { Console.output(text) } else { Console.error(text) }
            return 0
        case .version:
            Console.output("\(program.hasPrefix("docker") ? "Docker" : "Davit") version \(ClientVersion.number), build \(ClientVersion.build)\n")
            return 0
        case .unknown(let invocation, let failure):
            do { try CommandPlugin(Session(program: program, invocation: invocation, inProcess: inProcess))?.execute(arguments) } catch {
                Console.error("\(program): \(error)\n")
                return 1
            }
            if failure.exitCode == 0 { Console.output(failure.text) } else { Console.error(failure.text) }
            return failure.exitCode
        case .run(let invocation):
            let session = Session(program: program, invocation: invocation, inProcess: inProcess)
            // The daemon drives its own event loop, so it must not start inside of ours.
            if invocation.command.name == "daemon" { return serve(session, daemon) }
            if let request = RegistryRequest(session) {
                do { return try registry(request) } catch {
                    Console.error("\(session.program) registry: \(error)\n")
                    return 1
                }
            }
            return run(invocation.command.action ?? { _ in 0 }, session)
        }
    }

    private static func serve(_ session: Session, _ daemon: (DaemonOptions) throws -> Int32) -> Int32 {
        let globals = session.invocation.globals, flags = session.flags
        do {
            DaemonFile.use(flags.optional("config-file"), flags: try DaemonFlag.settings(flags, of: DaemonFlag.all))
            let settings = try DaemonSettings(isDockers: session.program == "dockerd")
            var paths = session.paths
            if let root = settings.dataRoot { paths.dataRoot = root }
            if let root = settings.runRoot { paths.runRoot = root }
            var hosts = globals.list("host") + settings.hosts
            if hosts.isEmpty, session.program == "dockerd" { hosts = [Session.dockerHost] }
            var known: Set<String> = []
            hosts = hosts.filter { known.insert($0).inserted }
            let tls = TLSFlags([globals, flags, settings.tls])
            let options = DaemonOptions(
                hosts: hosts, readOnlyHosts: flags.list("read-only-host"), group: settings.group, pidFile: settings.pidFile, paths: paths,
                tls: tls.isUsed ? try tls.server() : nil, isOnce: flags.bool("once"), isTest: flags.bool("validate"))
            return try daemon(options)
        } catch {
            Console.error("\(session.program) daemon: \((error as? Exit)?.message ?? "\(error)")\n")
            return 1
        }
    }

    private static func run(_ action: @escaping Action, _ session: Session) -> Int32 {
        do {
            let code = try AsyncIO.run { try await action(session) }
            guard code == 0, let failure = Console.failure else { return code }
            Console.error("write /dev/stdout: \(failure)\n")
            return 1
        } catch let exit as Exit {
            if let message = exit.message { Console.error(message + "\n") }
            return exit.code
        } catch {
            Console.error("\(error)\n")
            return 1
        }
    }
}

/// What a command does; it returns the exit code.
typealias Action = @Sendable (Session) async throws -> Int32

/// An end of the program with a code other than what an error gives by itself.
struct Exit: Error {
    var code: Int32
    var message: String?

    init(_ code: Int32, _ message: String? = nil) {
        self.code = code
        self.message = message
    }

    /// How `attach` and `exec` end when the detach keys were typed; to `run` and `start` that is success.
    static let escaped = Exit(1, "read escape sequence")
}

/// What the client says of itself.
enum ClientVersion {
    static let number = "0.1.0"
    static let build = "first-light"
    static let api = "1.51"
}

/// Standard output and error for texts; streams of containers go their own way.
enum Console {
    private static let lost = Mutex<Errno?>(nil)

    /// Why something that was written to the output is not there: a disk that is full, say. A reader who went away knows that himself.
    static var failure: Errno? { lost.withLock { $0 } }

    static func output(_ text: String) { write(text, 1) }
    static func output(_ bytes: [UInt8]) { write(bytes, 1) }
    static func error(_ text: String) { write(text, 2) }

    private static func write(_ text: String, _ number: Int32) { write(Array(text.utf8), number) }

    private static func write(_ bytes: [UInt8], _ number: Int32) {
        guard !bytes.isEmpty else { return }
        do throws(SyscallError) {
            try StandardStream.write(bytes, to: number)
        } catch {
            if number == 1, error.errno != .brokenPipe, error.errno != .badDescriptor { lost.withLock { $0 = error.errno } }
        }
    }
}
