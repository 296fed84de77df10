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
        let called = arguments.first.map { $0[($0.lastIndex(of: "/").map { i in arguments[0].index(after: i) } ?? $0.startIndex)...] } ?? "davit"
        if called == "davit-supervisor" { return supervise(Array(arguments.dropFirst())) }
        return CLI.main(
            arguments: Array(arguments.dropFirst()), program: called == "docker" ? "docker" : "davit",
            inProcess: { paths in
                let api = API(try Engine(paths: paths))
                return InProcessTransport { await api.respond(to: $0) }
            },
            daemon: { options in try Daemon.run(options.paths, hosts: options.hosts) })
    }

    /// `davit-supervisor --root DIR --run-root DIR ID`, as `Containers` starts it.
    private static func supervise(_ arguments: [String]) -> Int32 {
        guard arguments.count == 5, arguments[0] == "--root", arguments[2] == "--run-root", let id = Identifier(arguments[4]) else { return 64 }
        let paths = StatePaths(dataRoot: arguments[1], runRoot: arguments[3])
        return Supervisor.main(paths: paths.container(id)) { exit in try Engine(paths: paths).containers.finish(id, exit) }
    }
}
