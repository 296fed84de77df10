import Arguments
import Cgroups
import ContainerRuntime
import JSON
import Linux
import OCI
import Values

extension RuntimeCommand {
    static var exec: RuntimeCommand {
        RuntimeCommand(
            "exec", "Run one more program in a container", usage: "[OPTIONS] CONTAINER [COMMAND [ARG...]]", arity: .atLeast(1), interspersed: false,
            flags: {
                [
                    .value("console-socket", "Socket that the program's terminal is sent to"),
                    .value("pidfd-socket", "Socket that a descriptor of the process is sent to"),
                    .value("cwd", "Working directory"),
                    .list("env", short: "e", "Set environment variables"),
                    .bool("tty", short: "t", "Give it a terminal"),
                    .value("user", short: "u", type: "uid[:gid]", "Numbers of user and group"),
                    .list("additional-gids", short: "g", "More groups"),
                    .value("process", short: "p", "File with the process as a specification has it"),
                    .bool("detach", short: "d", "Do not wait for its end"),
                    .value("pid-file", "File to write the number of the process to"),
                    .value("process-label", "SELinux label").unsupported("there is no support for SELinux"),
                    .value("apparmor", "AppArmor profile"),
                    .bool("no-new-privs", "It gains no privileges by executing"),
                    .list("cap", short: "c", "Add capabilities"),
                    .int("preserve-fds", "Pass so many more descriptors on"),
                    .list("cgroup", "Path of a cgroup below the container's"),
                    .bool("ignore-paused", "Also while the container is paused, which keeps the program from beginning"),
                    .bool("no-subreaper", "Accepted: nothing becomes the orphans' parent").hidden(),
                ]
            }
        ) { call in
            // As runc: what keeps the program from beginning is told apart from how it ends.
            do { return try exec(call) } catch {
                RuntimeLog.error("\(error)")
                return 255
            }
        }
    }

    private static func exec(_ call: RuntimeInvocation) throws -> Int32 {
        let container = try call.container()
        switch try container.status() {
        case .paused where !call.flags.bool("ignore-paused"):
            throw RuntimeFault("cannot exec in a paused container (use --ignore-paused to override)")
        case .stopped, .creating: throw RuntimeFault("cannot exec in a stopped container")
        default: break
        }
        let spec = try Bundle.read(FileSystem.read(container.paths.configuration))
        let process = try self.process(call, spec)
        try Bundle.check(process)
        var options = LaunchOptions()
        options.consoleSocket = call.flags.optional("console-socket")
        options.isDetached = call.flags.bool("detach")
        try options.check(terminal: process.terminal ?? false)
        return try exec(call, container, spec, process, options)
    }

    private static func exec(
        _ call: RuntimeInvocation, _ container: StoredContainer, _ spec: RuntimeSpec, _ process: RuntimeProcess, _ options: LaunchOptions
    ) throws -> Int32 {
        let filter = try CallFilter(spec.linux?.seccomp, root: call.store.root)
        var process = process
        if !options.isDetached { Foreground.fit(&process) }
        var session = ExecSession(process: process, user: nil, seccompFilter: filter.program)
        session.extras = try ProcessExtras(call.flags)
        session.extras.keepsLines = !options.isDetached
        session.extras.personality = spec.linux?.personality
        session.extras.seccompFlags = filter.flags
        guard let first = try container.process() else { throw RuntimeFault("cannot exec in a stopped container") }
        if !options.isDetached { Foreground.holdSignals() }
        var started = try session.start(
            in: first, pid: container.record.pid, cgroup: try cgroup(call, container), streams: nil,
            notifier: { pid, file throws(RuntimeError) in
                do { try filter.hand(file, pid: pid, container.record) } catch { throw RuntimeError("\(error)") }
            })
        do {
            if let path = call.flags.optional("pid-file") { try FileSystem.replace(path, with: "\(started.process.pid)".utf8) }
            if let path = call.flags.optional("pidfd-socket") { try Console.hand(started.process.pidfd, named: "pidfd", to: path) }
            if let socket = options.consoleSocket { try Console.hand(&started.terminal, to: socket) }
        } catch {
            // It may have ended by itself.
            try? Process.signal(started.process.pidfd, 9)
            throw error
        }
        return options.isDetached ? 0 : try Foreground(started).wait()
    }

    /// The container's, or one below it.
    private static func cgroup(_ call: RuntimeInvocation, _ container: StoredContainer) throws -> Cgroup? {
        let paths = call.flags.list("cgroup")
        guard let path = paths.first, let whole = container.record.cgroup else { return try container.cgroup }
        guard paths.count == 1, !path.contains(":") else { throw RuntimeFault("one cgroup for all controllers is all there is: --cgroup PATH") }
        let below = path.drop { $0 == "/" }
        if below.isEmpty { return try container.cgroup }
        let cgroup = try Cgroup(path: "\(whole)/\(below)")
        guard cgroup.exists else { throw RuntimeFault("cgroup \(path) does not exist in the container's") }
        return cgroup
    }

    /// What the file says, or else the container's own process with what the flags change of it.
    private static func process(_ call: RuntimeInvocation, _ spec: RuntimeSpec) throws -> RuntimeProcess {
        let flags = call.flags
        if let path = flags.optional("process") {
            let bytes = try FileSystem.read(path)
            do { return try JSON.decode(RuntimeProcess.self, from: bytes) } catch { throw RuntimeFault("\(path): \(Bundle.words(error))") }
        }
        guard var process = spec.process, call.arguments.count > 1 else { throw RuntimeFault("process args cannot be empty") }
        process.args = Array(call.arguments.dropFirst())
        process.terminal = flags.bool("tty")
        if let directory = flags.optional("cwd"), !directory.isEmpty { process.cwd = directory }
        process.env = (process.env ?? []) + flags.list("env")
        if flags.isSet("no-new-privs") { process.noNewPrivileges = flags.bool("no-new-privs") }
        if flags.isSet("apparmor") { process.apparmorProfile = flags.string("apparmor") }
        if let user = flags.optional("user"), !user.isEmpty {
            let numbers = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { UInt32($0) }
            guard let uid = numbers.first.flatMap(\.self), let gid = numbers.count > 1 ? numbers[1] : process.user.gid else {
                throw RuntimeFault("invalid user \(user): numbers are wanted")
            }
            process.user.uid = uid
            process.user.gid = gid
        }
        for group in flags.list("additional-gids") {
            guard let number = UInt32(group) else { throw RuntimeFault("invalid group \(group): a number is wanted") }
            process.user.additionalGids = (process.user.additionalGids ?? []) + [number]
        }
        for name in flags.list("cap") {
            func adding(_ names: [String]?) -> [String] { (names ?? []) + [name] }
            var all = process.capabilities ?? RuntimeCapabilities()
            (all.bounding, all.effective, all.permitted) = (adding(all.bounding), adding(all.effective), adding(all.permitted))
            // The kernel raises those only that are handed down.
            if all.inheritable?.contains(name) == true { all.ambient = adding(all.ambient) }
            process.capabilities = all
        }
        return process
    }
}
