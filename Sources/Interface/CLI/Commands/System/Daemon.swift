internal import Arguments
internal import AsyncIO
internal import Terminal

extension Root {
    /// Scripts for shells, which need no engine.
    static func completion() -> AnyCommand {
        AnyCommand(
            "completion", "Generate the completion script for a shell (bash, zsh or fish)", usage: "SHELL", arity: .exactly(1),
            action: { session in
                guard let shell = Shell(rawValue: session.arguments[0]) else {
                    throw Exit(1, "unknown shell: \(session.arguments[0]) (one of \(Shell.allCases.map(\.rawValue).joined(separator: ", ")))")
                }
                Console.output(Parser(program: session.program, root: Root.command(session.program)).completion(for: shell))
                return 0
            })
    }

    /// The engine behind sockets. It runs outside this command's event loop: the entry sees it before that begins.
    static func daemon() -> AnyCommand {
        AnyCommand(
            "daemon", "Serve the API on sockets until told to stop", usage: "[OPTIONS]", arity: .none,
            flags: {
                DaemonFlag.all.map(\.flag) + [
                    .list("read-only-host", "Address to answer on what changes nothing and gives no files away"),
                    .bool("once", "Only start the containers that their restart policies want running, and exit"),
                    .value("config-file", "Daemon configuration file, instead of /etc/davit/daemon.json and /etc/docker/daemon.json"),
                    .bool("validate", "Validate daemon configuration and exit"),
                ] + TLSFlags.all
            },
            action: { _ in throw Exit(1, "the daemon cannot be started from here") })
    }
}
