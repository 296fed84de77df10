import Arguments
import ContainerRuntime
import JSON
import Linux
package import OCI
import Synchronization
import Values

/// A command of the runtime with what it was given; the result is the exit code.
typealias RuntimeAction = @Sendable (RuntimeInvocation) throws -> Int32
typealias RuntimeCommand = Command<RuntimeAction>

struct RuntimeInvocation: Sendable {
    let store: ContainerStore
    let flags: FlagValues
    let arguments: [String]

    /// The first argument, which the command has made sure of.
    var id: String { arguments.first ?? "" }
    func container() throws -> StoredContainer { try store.container(id) }
}

/// An OCI runtime's command line, as runc has it: what podman, containerd and others start containers by.
/// https://github.com/opencontainers/runtime-tools/blob/master/docs/command-line-interface.md
package enum RuntimeProgram {
    /// The runtime specification that is spoken.
    static let specification = "1.2.0"

    /// Does what the words ask for, and gives the exit code. `program` is what it was called as. To be called before anything is opened:
    /// descriptors may have been handed down for a container.
    package static func main(_ arguments: [String], program: String, version: String) -> Int32 {
        do throws(UsageFailure) {
            switch try Parser(program: program, root: root).parse(arguments) {
            case .help(let text, let wasAskedFor):
                say(text)
                return wasAskedFor ? 0 : 1
            case .version:
                say("\(program) version \(version)\nspec: \(specification)\n")
                return 0
            case .run(let invocation): return run(invocation)
            case .unknown(_, let failure): throw failure
            }
        } catch {
            RuntimeLog.error(error.text.split(separator: "\n").first.map(String.init) ?? error.text)
            return 1
        }
    }

    /// Throws for what `create` refuses of a `config.json` before it looks at anything else, and gives the rest as it is understood.
    package static func read(configuration: [UInt8]) throws -> RuntimeSpec {
        let spec = try Bundle.read(configuration)
        try Bundle.check(spec)
        return spec
    }

    private static func run(_ invocation: Invocation<RuntimeAction>) -> Int32 {
        let globals = invocation.globals
        RuntimeLog.settings.withLock { settings in
            settings.path = globals.optional("log").flatMap { $0.isEmpty || $0 == "/dev/stderr" ? nil : $0 }
            settings.isJSON = globals.string("log-format") == "json"
        }
        do {
            // What was handed down goes to a container when that is asked for, and to nobody else.
            try Process.closeOnExec(from: 3)
            guard ["text", "json"].contains(globals.string("log-format")) else { throw RuntimeFault("invalid log-format: \(globals.string("log-format"))") }
            if globals.bool("systemd-cgroup") { throw RuntimeFault("systemd cgroups are not supported: use the cgroupfs driver") }
            guard let action = invocation.command.action else { return 1 }
            let root = globals.optional("root") ?? defaultRoot
            return try action(RuntimeInvocation(store: ContainerStore(root: root), flags: invocation.flags, arguments: invocation.arguments))
        } catch {
            RuntimeLog.error("\(error)")
            return 1
        }
    }

    /// As runc's, below the directory of who is not root.
    private static var defaultRoot: String {
        guard !Credentials.isMachineRoot, let directory = Environment.value("XDG_RUNTIME_DIR"), directory.hasPrefix("/") else { return RuntimePaths.defaultRoot }
        return "\(directory)/davit/runtime"
    }

    static func say(_ text: String) {
        // Nobody is left to tell that nobody listens.
        try? StandardStream.write(Array(text.utf8), to: 1)
    }

    private static var root: RuntimeCommand {
        RuntimeCommand(
            group: "", "Open Container Initiative runtime: runs containers by the bundles that others make.",
            flags: {
                [
                    .value("root", default: RuntimePaths.defaultRoot, "Directory for what is known of containers"),
                    .value("log", default: "/dev/stderr", "File to write errors to"),
                    .value("log-format", default: "text", "Form of the log (\"text\"|\"json\")"),
                    .bool("debug", "Accepted; there is nothing more to tell"),
                    .bool("systemd-cgroup", "Refused: cgroups are made directly"),
                    .value("rootless", default: "auto", "Accepted; what is allowed is found out").hidden(),
                    .value("criu", "Accepted, and not used").hidden(),
                    .bool("version", short: "v", "Print version information and quit"),
                ]
            },
            subcommands: {
                [
                    .create, .run, .start, .exec, .kill, .delete, .state, .list, .ps, .pause, .resume, .events, .update, .spec, .features,
                    .refused("checkpoint"), .refused("restore"),
                ]
            })
    }
}
