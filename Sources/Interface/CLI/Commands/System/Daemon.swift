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
                [
                    .list("host", short: "H", "Address to listen on (unix://path, tcp://address:port, fd:// for the sockets of systemd)"),
                    .list("read-only-host", "Address to answer on what changes nothing and gives no files away"),
                    .value("group", short: "G", default: "docker", "Group that may use unix sockets made here"),
                    .value("pidfile", short: "p", "File to write the daemon's process id to"), .bool("debug", short: "D", "Enable debug mode"),
                    .list("add-runtime", type: "runtime", "Register an additional OCI compatible runtime (NAME=PATH)"),
                    .value("default-runtime", "Default OCI runtime for containers"),
                    .bool("once", "Only start the containers that their restart policies want running, and exit"),
                    .value("data-root", "Directory of durable state, as --root"), .value("exec-root", "Directory of state until the next boot, as --run-root"),
                    .value("config-file", "Daemon configuration file, instead of /etc/davit/daemon.json and /etc/docker/daemon.json"),
                    .value("containerd", "Taken for dockerd's sake: there is none"), .value("containerd-namespace", "The same"),
                    .value("containerd-plugins-namespace", "The same"),
                    .bool("live-restore", default: true, "Taken for dockerd's sake: containers always live on without the daemon"),
                ] + daemonNetworkFlags + TLSFlags.all
            },
            action: { _ in throw Exit(1, "the daemon cannot be started from here") })
    }
}
