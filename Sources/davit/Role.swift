import Containers
import Engine
import Linux
import Supervisor
import Values

/// What the program is asked to be.
enum Role {
    /// Does it, and gives the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        // Whatever else was handed down to this process is nobody's business below it.
        try? Process.closeOnExec(from: 3)
        if arguments.first == "davit-supervisor" { return supervise(Array(arguments.dropFirst())) }
        return 64
    }

    /// `davit-supervisor --root DIR --run-root DIR ID`, as `Containers` starts it.
    private static func supervise(_ arguments: [String]) -> Int32 {
        guard arguments.count == 5, arguments[0] == "--root", arguments[2] == "--run-root", let id = Identifier(arguments[4]) else { return 64 }
        let paths = StatePaths(dataRoot: arguments[1], runRoot: arguments[3])
        return Supervisor.main(paths: paths.container(id)) { exit in try Engine(paths: paths).containers.finish(id, exit) }
    }
}
