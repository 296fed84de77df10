internal import Arguments
internal import Compose

extension Root {
    /// `compose`, and `docker-compose` as a program of its own.
    static func compose() -> AnyCommand {
        AnyCommand(
            group: "compose", "Define and run multi-container applications", usage: "[OPTIONS] COMMAND", flags: { composeFlags },
            subcommands: { ComposeCommands.all })
    }

    private static var composeFlags: [Flag] {
        [
            .bool("all-resources", "Include all resources, even those not used by services"),
            .value("ansi", default: "auto", "Control when to print ANSI control characters (\"never\"|\"always\"|\"auto\")"),
            .bool("compatibility", "Run compose in backward compatibility mode"),
            .bool("dry-run", "Execute command in dry run mode"),
            .list("env-file", type: "stringArray", "Specify an alternate environment file"),
            .list("file", short: "f", type: "stringArray", "Compose configuration files"),
            .bool("no-ansi", "Do not print ANSI control characters (DEPRECATED)").hidden(),
            .int("parallel", default: -1, "Control max parallelism, -1 for unlimited"),
            .list("profile", type: "stringArray", "Specify a profile to enable"),
            .value("progress", "Set type of progress output (auto, tty, plain, json, quiet)"),
            .value("project-directory", "Specify an alternate working directory\n(default: the path of the, first specified, Compose file)"),
            .value("project-name", short: "p", "Project name"),
            .bool("verbose", "Show more output").hidden(),
            .bool("version", short: "v", "Show the Docker Compose version information"),
            .value("workdir", "Specify an alternate working directory").hidden(),
        ]
    }
}

/// The commands of `compose`, a file each.
enum ComposeCommands {
    static var all: [AnyCommand] {
        [
            attach(), build(), commit(), config(), copy(), create(), down(), events(), exec(), export(), images(), kill(), list(), logs(), pause(), port(), processes(), pull(),
            push(), remove(), restart(), run(), scale(), start(), stats(), stop(), top(), unpause(), up(), version(), volumes(), wait(), watch(),
        ]
    }
}
