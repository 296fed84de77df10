import APIServer
import CLI
import Containers
import Engine
import HTTPTransport
import Linux
import Supervisor
import Values

/// What the program is asked to be.
enum Role {
    /// Does it, and gives the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        // Whatever else was handed down to this process is nobody's business below it.
        try? Process.closeOnExec(from: 3)
        let name = arguments.first?.split(separator: "/").last ?? ""
        let rest = Array(arguments.dropFirst())
        switch name {
        case "davit-supervisor": return supervise(rest)
        case "docker": return commandLine(rest, program: "docker")
        default: return commandLine(rest, program: "davit")
        }
    }

    /// `davit-supervisor --root DIR --run-root DIR ID`, as `Containers` starts it.
    private static func supervise(_ arguments: [String]) -> Int32 {
        guard arguments.count == 5, arguments[0] == "--root", arguments[2] == "--run-root", let id = Identifier(arguments[4]) else {
            return 64
        }
        let paths = StatePaths(dataRoot: arguments[1], runRoot: arguments[3])
        // It was started from a descriptor, and would be listed by that number.
        Process.setName("davit-supervisor")
        var engine: Engine?
        let code = Supervisor.main(paths: paths.container(id)) { exit in
            let opened = try Engine(paths: paths)
            engine = opened
            try opened.containers.finish(id, exit)
        }
        // Nobody waits for this process any more, so it does what costs a disk's time.
        engine?.settle()
        return code
    }

    private static func commandLine(_ arguments: [String], program: String) -> Int32 {
        CLI.main(
            arguments: arguments, program: program,
            inProcess: { paths in
                let api = API(try Engine(paths: paths))
                return InProcessTransport { await api.respond(to: $0) }
            },
            daemon: { options in
                let addresses = try Daemon.addresses(options.hosts, default: options.paths.apiSocket)
                let engine = try Engine(paths: options.paths)
                try engine.recover()
                try Daemon(engine) { line in
                    // The log is for whoever reads it.
                    try? StandardStream.write(Array((line + "\n").utf8), to: 2)
                }.run(addresses)
                return 0
            })
    }
}
