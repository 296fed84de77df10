internal import Arguments

typealias AnyCommand = Command<Action>

/// The tree of commands. Everything is made when it is asked for.
enum Root {
    static func command(_ program: String) -> AnyCommand {
        var root = AnyCommand(
            group: "", "Containers without a daemon, in Docker's words", usage: "[OPTIONS] COMMAND", flags: globals,
            subcommands: {
                [
                    run().named("run", .common), exec().named("exec", .common), list().named("ps", .common), build().named("build", .common), pull().named("pull", .common),
                    push().named("push", .common), login().named("login", .common), logout().named("logout", .common),
                    images().named("images", .common), version().named("version", .common), info().named("info", .common),
                    builder(), buildx(), compose(), container(), context(), image(), manifest(), volume(), network(), registry(), system(),
                    attach(), commit(), copy(), create(), diff(), events(), export(), history(), importImage(), inspect(), kill(), load(), logs(), pause(),
                    port(), rename(), restart(), remove(), removeImage().named("rmi"), save(), search().named("search", .common), start(), stats(), stop(), tag(), top(), unpause(),
                    update(), wait(),
                    completion(), daemon(), runtime(),
                ]
            })
        root.category = .other
        return root
    }

    @Sendable private static func globals() -> [Flag] {
        [
            .value("config", default: "", "Location of client config files"),
            .value(
                "context", short: "c", "Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with \"docker context use\")"),
            .bool("debug", short: "D", "Enable debug mode"),
            .list("host", short: "H", "Daemon socket to connect to; without it the engine runs in this process"),
            .value("log-level", short: "l", default: "info", "Logging level (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")"),
            .value("root", default: "", "Directory of durable state (default \"/var/lib/davit\")"),
            .value("run-root", default: "", "Directory of state that lasts until the next boot (default \"/run/davit\")"),
            .bool("version", short: "v", "Print version information and quit"),
        ] + TLSFlags.all
    }

    private static func container() -> AnyCommand {
        AnyCommand(
            group: "container", "Manage containers",
            subcommands: {
                [
                    attach(), commit(), copy(), create(), diff(), exec(), export(), inspectContainer(), kill(), logs(), list(), pause(), port(),
                    pruneContainers(), rename(), restart(), remove(), run(), start(), stats(), stop(), top(), unpause(), update(), wait(),
                ]
            })
    }

    private static func image() -> AnyCommand {
        AnyCommand(
            group: "image", "Manage images",
            subcommands: {
                [
                    bootstrap(), build(), copyImage(), history(), importImage(), inspectImage(), load(), images(), pruneImages(), pull(), push(), removeImage(), save(), squash(),
                    tag(),
                ]
            })
    }

    private static func context() -> AnyCommand {
        AnyCommand(
            group: "context", "Manage contexts",
            subcommands: {
                [
                    createContext(), exportContext(), importContext(), inspectContext(), listContexts(), removeContext(), showContext(), updateContext(),
                    useContext(),
                ]
            })
    }

    private static func builder() -> AnyCommand {
        AnyCommand(group: "builder", "Manage builds", subcommands: { [build(), pruneBuildCache("builder prune")] })
    }

    private static func volume() -> AnyCommand {
        AnyCommand(
            group: "volume", "Manage volumes",
            subcommands: { [createVolume(), inspectVolume(), listVolumes(), pruneVolumes(), removeVolume()] })
    }

    private static func network() -> AnyCommand {
        AnyCommand(
            group: "network", "Manage networks",
            subcommands: {
                [connectNetwork(), createNetwork(), disconnectNetwork(), inspectNetwork(), listNetworks(), pruneNetworks(), removeNetwork()]
            })
    }

    private static func system() -> AnyCommand {
        AnyCommand(group: "system", "Manage the engine", subcommands: { [dialStdio(), diskUsage(), events(), info(), pruneSystem()] })
    }
}
