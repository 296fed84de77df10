import APIServer
import CLI
import ContainerRuntime
import Containers
import Database
import Engine
import HTTPTransport
import Linux
import Membership
import Networks
import RuntimeCLI
import Supervisor
import Synchronization
import Values

/// What the program is asked to be.
enum Role {
    /// Does it, and gives the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        Process.openStandardStreams()
        if let (words, program) = runtime(arguments) { return RuntimeRole.run(words, program: program) }
        // Whatever else was handed down to this process is nobody's business below it.
        try? Process.closeOnExec(from: 3)
        let name = arguments.first?.split(separator: "/").last ?? ""
        let rest = Array(arguments.dropFirst())
        switch name {
        case "davit-supervisor": return supervise(rest)
        case "docker-init": return ReapingInit.main(rest)
        case "davit-settle": return settle(rest)
        case "davit-overlay": return attendOverlay(rest)
        case "docker": commandLine(rest, program: "docker")
        case "dockerd": commandLine([["-v"], ["--version"]].contains(rest) ? rest : ["daemon"] + rest, program: "dockerd")
        case "docker-compose": return CLI.standaloneCompose(rest) { commandLine($0, program: "docker") }
        case "registry": return registry(rest)
        default: commandLine(rest, program: "davit")
        }
    }

    /// What the OCI runtime is asked for: it is called by a name of one, or by `davit runtime`.
    private static func runtime(_ arguments: [String]) -> (words: [String], program: String)? {
        let name = arguments.first?.split(separator: "/").last.map(String.init) ?? ""
        if ["davit-runtime", "runc", "crun"].contains(name) { return (Array(arguments.dropFirst()), name) }
        return name != "docker" && arguments.dropFirst().first == "runtime" ? (Array(arguments.dropFirst(2)), "davit runtime") : nil
    }

    /// `davit-supervisor --root DIR --run-root DIR ID`, as `Containers` starts it: the id is a line of its length until there is one. It hears
    /// of that over the socket that is 3.
    private static func supervise(_ arguments: [String]) -> Int32 {
        guard arguments.count == 5, arguments[0] == "--root", arguments[2] == "--run-root" else { return 64 }
        let paths = StatePaths(dataRoot: arguments[1], runRoot: arguments[3])
        // It was started from a descriptor, and would be listed by that number.
        Process.setName("davit-supervisor")
        let index = Database.holdIndex(of: paths.database)
        defer { withExtendedLifetime(index) {} }
        do {
            let channel = try Process.inherited(3)
            guard let assignment = try SupervisorReport.awaitAssignment(channel) else { return 0 }
            Process.replaceArgument(arguments.count, with: assignment.id)
            return supervise(assignment, paths, channel)
        } catch { return 1 }
    }

    private static func supervise(_ assignment: consuming SupervisorAssignment, _ paths: StatePaths, _ channel: borrowing FileDescriptor) -> Int32 {
        guard let id = Identifier(assignment.id) else { return 64 }
        var engine: Engine?
        var remains: Containers.Remains?
        let code = Supervisor.main(assignment, paths: paths.container(id), channel: channel) { exit in
            let opened = try Engine(paths: paths)
            engine = opened
            remains = try opened.containers.finish(id, exit)
        }
        // Nobody waits for this process any more, so it does what costs a disk's time. What it cannot remove the ticket tells of.
        try? remains?.clear()
        engine?.settle()
        return code
    }

    /// `registry …`, as Docker's registry is called.
    private static func registry(_ arguments: [String]) -> Int32 {
        guard arguments == ["--version"] || arguments == ["-v"] else { commandLine(["registry"] + arguments, program: "davit") }
        // Nobody is left to tell that nobody listens.
        try? StandardStream.write(Array("registry davit \(Engine.version)\n".utf8), to: 1)
        return 0
    }

    /// `davit-settle --root DIR --run-root DIR`: the disk work that a command which has answered leaves behind.
    private static func settle(_ arguments: [String]) -> Int32 {
        guard arguments.count == 4, arguments[0] == "--root", arguments[2] == "--run-root" else { return 64 }
        do {
            let engine = try Engine(paths: StatePaths(dataRoot: arguments[1], runRoot: arguments[3]))
            // A log is as long as its last commit says, and this process has made none yet.
            engine.settleNow()
            return 0
        } catch { return 1 }
    }

    /// `davit-overlay --root DIR --run-root DIR NETWORK`, as `Networks` starts it: starts itself again as a process that is nobody's child
    /// and ends. That one, with the word `keep` more, starts one with `run`, which keeps the network's hosts together, and again when it
    /// was killed.
    private static func attendOverlay(_ arguments: [String]) -> Int32 {
        guard arguments.count >= 5, arguments[0] == "--root", arguments[2] == "--run-root", let network = Identifier(arguments[4]) else { return 64 }
        func again(_ word: String) throws -> ChildProcess {
            let quiet = try FileDescriptor.open("/dev/null", [.readWrite])
            var spawn = Spawn("/proc/self/exe", ["davit-overlay"] + arguments.prefix(5) + [word], environment: [])
            spawn.newSession = true
            for number: Int32 in 0...2 { spawn.give(quiet, as: number) }
            return try spawn.start()
        }
        Process.setName("davit-overlay")
        do {
            switch arguments.dropFirst(5).first {
            case nil: _ = try again("keep")
            case "keep":
                // What ends by itself, be it for an error, has nothing more to do; what is killed too often is not wanted.
                for _ in 0..<100 { guard case .signaled = try again("run").wait() else { break } }
            default:
                // The engine is not kept: what this process does lasts as long as the containers.
                let plan = try Engine(paths: StatePaths(dataRoot: arguments[1], runRoot: arguments[3])).networks.membership(of: network)
                if let plan { try Membership.run(plan) }
            }
            return 0
        } catch { return 1 }
    }

    /// Starts `settle` apart from this process, which nobody shall wait for. Should that fail the next command does it.
    private static func settleBehind(_ paths: StatePaths) {
        guard let quiet = try? FileDescriptor.open("/dev/null", [.readWrite]) else { return }
        var spawn = Spawn("/proc/self/exe", ["davit-settle", "--root", paths.dataRoot, "--run-root", paths.runRoot], environment: [])
        spawn.newSession = true
        for number: Int32 in 0...2 { spawn.give(quiet, as: number) }
        _ = try? spawn.start()
    }

    /// A line for whoever reads a daemon's log.
    private static func log(_ line: String) {
        // That nobody does changes nothing.
        try? StandardStream.write(Array((line + "\n").utf8), to: 2)
    }

    private static func commandLine(_ arguments: [String], program: String) -> Never {
        Process.unblockStandardStreams()
        let used = Mutex<Engine?>(nil)
        let code = CLI.main(
            arguments: arguments, program: program,
            inProcess: { paths, starts in
                let engine = try Engine(paths: paths)
                used.withLock { $0 = engine }
                if starts { engine.containers.expectStart() }
                let api = API(engine)
                return InProcessTransport { await api.respond(to: $0) }
            },
            daemon: { options in
                try Engine.checkSettings()
                if options.isTest {
                    log("configuration OK")
                    return 0
                }
                let hosts = options.hosts.isEmpty && options.readOnlyHosts.isEmpty ? ["unix://\(options.paths.apiSocket)"] : options.hosts
                let addresses = try Daemon.addresses(hosts, group: options.group, tls: options.tls != nil)
                let readOnly = try Daemon.addresses(options.readOnlyHosts, group: options.group, tls: options.tls != nil)
                let tls = try options.tls.map { try TLSServer($0) }
                let engine = try Engine(paths: options.paths, networkFlags: .flags())
                try engine.recover()
                try engine.containers.startByPolicy { log("failed to start container \($0): \($1)") }
                if options.isOnce { return 0 }
                let pidFile = options.pidFile
                if !pidFile.isEmpty { try FileSystem.replace(pidFile, with: "\(Process.id)\n".utf8) }
                // The next daemon writes it anew.
                defer { if !pidFile.isEmpty { _ = try? FileSystem.removeFile(pidFile) } }
                try Daemon(engine, tls: tls, log: log).run(addresses, readOnly: readOnly)
                return 0
            },
            registry: RegistryRole.run)
        if let engine = used.withLock({ $0 }) {
            engine.containers.expectNoStart()
            if engine.needsSettling { settleBehind(engine.paths) }
        }
        // The kernel takes back all that is held faster than it is let go piece by piece.
        withExtendedLifetime(used) { Process.exit(code) }
    }
}
