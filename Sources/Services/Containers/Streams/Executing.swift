import ContainerRuntime
import Database
package import Diagnostics
package import DockerAPI
import JSON
package import Linux
package import OCI
import Seccomp
import Supervisor
import Values

extension Containers {
    /// Notes down a process to run in a container; `startExec` runs it. Gives its id.
    package func createExec(_ reference: String, _ request: ExecCreateRequest) throws -> String {
        guard let arguments = request.cmd, !arguments.isEmpty else { throw Fault(.invalid, "No exec command specified") }
        var record = try refreshed(reference)
        // It is just being started: the lock is free when that is decided.
        if record.running, !FileSystem.exists(paths(record).state) { record = try locked(record.id, reference: reference) { $0 } }
        try Self.requireRunning(record, as: reference)
        _ = try Self.detachKeys(request.detachKeys)
        if !request.user.isEmpty, let pid = try living(record)?.pid, pid > 0 {
            do throws(RuntimeError) { _ = try UserLookup.resolve(request.user, additionalGroups: [], in: "/proc/\(pid)/root") } catch { throw Fault(.invalid, error.description) }
        }
        let id = Identifier.random(of: record.id).description
        try ExecState(id: id, containerID: record.id.description, request: try JSONValue(encoding: request).compact).write(paths(record))
        Failpoint.hit(.execAfterFile)
        publish("exec_create: \(arguments.joined(separator: " "))", record, ["execID": id])
        return id
    }

    private static func requireRunning(_ record: ContainerRecord, as name: String? = nil) throws(Fault) {
        guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
        if record.paused { throw Fault(.conflict, "Container \(name ?? record.id.description) is paused, unpause the container before exec") }
    }

    /// How an exec session began, and whether its output is raw.
    package enum ExecStart: Sendable {
        case detached
        /// The connection carries its streams as `attach` does.
        case attached(OpenFile, raw: Bool)
        /// Its program cannot be run; the exit code says 126 or 127, and the fault why, in the runtime's words.
        case failed(Fault, raw: Bool)
    }

    /// Runs it; `raw` without frames, which is what Docker does when the request to start says `Tty`. A detached session whose program cannot be
    /// run throws that.
    package func startExec(_ id: String, detach: Bool, raw: Bool, consoleSize: ConsoleSize? = nil) throws -> ExecStart {
        let (record, state) = try findExec(id)
        if state.running || state.exitCode != nil { throw Fault(.conflict, "Error: Exec command \(id) is already running") }
        let request = try JSONValue(parsing: state.request).decode(ExecCreateRequest.self)
        do {
            // Alone: what is frozen between its first and its last step would keep the supervisor waiting for it.
            let connection = try locked(record.id, reference: record.id.description) { record in
                try Self.requireRunning(record)
                return try launchExec(id, record, request, detach: detach, raw: raw, consoleSize: consoleSize)
            }
            return detach ? .detached : .attached(connection, raw: raw)
        } catch let fault as Fault where fault.kind == .invalid {
            // Clients that already speak the stream learn the exit code by inspecting the session.
            var failed = try ExecState.read(id, paths(record)) ?? state
            failed.running = false
            failed.exitCode = Self.exitCode(of: fault.message) == 127 ? 127 : 126
            try failed.write(paths(record))
            if detach { throw fault }
            return .failed(fault, raw: raw)
        }
    }

    private func launchExec(_ id: String, _ record: ContainerRecord, _ request: ExecCreateRequest, detach: Bool, raw: Bool, consoleSize: ConsoleSize?) throws -> OpenFile {
        var plan = try execPlan(record, id, request, detach: detach)
        plan.streams.frames = !raw
        if let size = consoleSize ?? ConsoleSize(request.consoleSize) { plan.process.consoleSize = size }
        var message = SupervisorRequest(.exec)
        message.session = plan
        guard let connection = try open(record, message), let reply = try reply(on: connection, of: record.id) else {
            throw Fault(.conflict, "container \(record.id) is not running")
        }
        if let error = reply.error {
            // Users are looked up before a runtime is asked, as far as Docker's words go.
            if error.hasPrefix("unable to find ") { throw Fault(.invalid, error) }
            throw Fault(.invalid, "OCI runtime exec failed: exec failed: unable to start container process: \(error)")
        }
        publish("exec_start: \((request.cmd ?? []).joined(separator: " "))", record, ["execID": id])
        return connection
    }

    func execPlan(_ record: ContainerRecord, _ id: String, _ request: ExecCreateRequest, detach: Bool) throws -> ExecPlan {
        var host = record.hostConfig
        if request.privileged { host.privileged = true }
        let security = try SecurityOptions(host.securityOpt ?? [], .read())
        let names = try CapabilityNames.resolve(add: host.capAdd ?? [], drop: host.capDrop ?? [], privileged: host.privileged)
        let user = request.user.isEmpty ? record.config.user : request.user
        let isRoot = ["", "0", "root"].contains(user.prefix { $0 != ":" })

        // Whoever is linked to and does not run any more leaves no variables.
        let links = (try? liveLinks(of: record)) ?? []
        let own = [DefaultSpec.path, "HOSTNAME=\(record.config.hostname)"] + (request.tty ? ["TERM=xterm"] : []) + links.flatMap(\.variables)
        let environment = Variables.overriding(Variables.overriding(own, with: record.config.env ?? []), with: request.env ?? [])
        let directory = request.workingDir.isEmpty ? record.config.workingDir : request.workingDir
        let process = RuntimeProcess(
            terminal: request.tty, args: request.cmd, env: environment, cwd: directory.isEmpty ? "/" : directory,
            capabilities: RuntimeCapabilities(
                bounding: names, effective: isRoot ? names : [], inheritable: [], permitted: isRoot ? names : [], ambient: []),
            rlimits: try SpecBuilder.limits(host), noNewPrivileges: security.noNewPrivileges, oomScoreAdj: host.oomScoreAdj)
        var filter: String?
        // The container's own, also for a session that is privileged.
        if let profile = try seccompProfile(record) {
            filter = try SeccompFilter.path(profile: profile, capabilities: names, cacheDirectory: paths.seccompFilters)
        }
        return ExecPlan(
            id: id, process: process, user: user, additionalGroups: host.groupAdd ?? [], seccompFilter: filter,
            streams: StreamSelection(stdin: request.attachStdin && !detach, stdout: request.attachStdout, stderr: request.attachStderr),
            detached: detach, detachKeys: try Self.detachKeys(request.detachKeys))
    }

    /// What there is to know of an exec session. Throws `notFound`.
    package func inspectExec(_ id: String) throws -> ExecInspect {
        let (record, state) = try findExec(id)
        let request = try JSONValue(parsing: state.request).decode(ExecCreateRequest.self)
        let command = request.cmd ?? []
        return ExecInspect(
            id: id, running: state.running, exitCode: state.exitCode,
            processConfig: ExecProcessConfig(
                arguments: Array(command.dropFirst()), entrypoint: command.first ?? "", privileged: request.privileged, tty: request.tty, user: request.user),
            openStdin: request.attachStdin, openStderr: request.attachStderr, openStdout: request.attachStdout, canRemove: state.exitCode != nil,
            containerID: record.id.description, detachKeys: request.detachKeys, pid: Int(state.pid))
    }

    /// Changes the size of the terminal of an exec session.
    package func resizeExec(_ id: String, height: Int, width: Int) throws {
        let (record, _) = try findExec(id)
        try resize(record, exec: id, height: height, width: width)
    }

    /// Sessions are files of their containers, whose ids theirs tell.
    private func findExec(_ id: String) throws -> (record: ContainerRecord, state: ExecState) {
        guard let prefix = Identifier(id)?.ownerPrefix else { throw Fault(.notFound, "No such exec instance: \(id)") }
        let rows = try database.read { t in
            try t.rows("SELECT * FROM \(ContainerRecord.tables) WHERE id >= ?1 AND id < ?2", .text(prefix), .text(prefix + "g"))
        }
        for row in rows {
            let record = try ContainerRecord(row, known: definitions)
            guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
            if let state = try ExecState.read(id, paths(record)) { return (record, state) }
        }
        throw Fault(.notFound, "No such exec instance: \(id)")
    }
}
