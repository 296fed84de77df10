import Cgroups
import ContainerRuntime
import JSON
import Linux
import LogFiles
import OCI
import Values

/// Exec sessions.
extension Supervisor {
    func startSession(_ connection: Connection, _ plan: ExecPlan?, _ rest: [UInt8]) {
        guard let plan else { return reply(connection, SupervisorReply(error: "malformed request: no session")) }
        guard let run else { return reply(connection, SupervisorReply(error: "the container is not running")) }
        do {
            let isTerminal = plan.process.terminal ?? false
            let streams = ProcessStreams(isTerminal: isTerminal, inputOnce: true, log: nil)
            let started = try start(plan, in: run, streams: streams)
            let pid = started.process.pid
            Failpoint.hit(.execAfterProcess)
            try record(plan.id) {
                $0.running = true
                $0.pid = pid
            }
            sessions.append(Session(id: plan.id, started: started, streams: streams))
            answer(connection, SupervisorReply(pid: pid))
            if plan.detached {
                connection.closing = true
                return
            }
            connection.selection = plan.streams
            if isTerminal, let keys = plan.detachKeys { connection.detachKeys = DetachKeys(keys) }
            connection.incoming = rest
            join(connection, streams)
        } catch {
            // Docker's numbers: 127 for a program that is not there, 126 for one that cannot be run.
            let text = "\(error)"
            let code = text.contains("executable file not found") || text.lowercased().contains("no such file or directory") ? 127 : 126
            try? record(plan.id) {
                $0.running = false
                $0.exitCode = code
            }
            reply(connection, SupervisorReply(error: text, exitCode: code))
        }
    }

    func start(_ plan: ExecPlan, in run: Run, streams: ProcessStreams) throws -> StartedProcess {
        let standard = try streams.open(input: plan.streams.stdin)
        if let foreign {
            var started = try start(plan, in: run, by: foreign, streams: standard)
            if let terminal = started.terminal.take() { try streams.attach(terminal: terminal) }
            return started
        }
        let filter = try plan.seccompFilter.map { path throws(SyscallError) in try FileSystem.read(path) } ?? []
        let session = ExecSession(process: limited(plan.process), user: plan.user, additionalGroups: plan.additionalGroups, seccompFilter: filter)
        var started = try session.start(in: run.started.process.pidfd, pid: run.started.process.pid, cgroup: cgroup, streams: standard)
        if let terminal = started.terminal.take() { try streams.attach(terminal: terminal) }
        return started
    }

    func record(_ id: String, _ change: (inout ExecState) -> Void) throws {
        guard var state = try ExecState.read(id, paths) else { return }
        change(&state)
        try state.write(paths)
    }

    func reapSessions() {
        for session in sessions where !session.ended {
            // Until it can be waited for it counts as running.
            guard let status = try? session.started.process.reap() else { continue }
            session.ended = true
            Failpoint.hit(.execAfterReap)
            if session !== check?.session { publish("exec_die", ["execID": session.id, "exitCode": "\(status.code)"]) }
            // What cannot be told now is told by the next check.
            if session === check?.session { try? endCheck(session, code: status.code) }
            // The file is what inspect tells; the container's own end does not depend on it.
            try? record(session.id) {
                $0.running = false
                $0.exitCode = status.code
            }
        }
        sessions.removeAll { session in
            guard session.ended else { return false }
            drain(session.streams, milliseconds: 0)
            // What it left running in the background may write on, but the session is over: as Docker has it.
            session.streams.finish()
            return true
        }
    }
}
