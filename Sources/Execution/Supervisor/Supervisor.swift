import Cgroups
import ContainerRuntime
import JSON
package import Linux
import LogFiles
import OCI
package import Values

/// The one small process that stands behind each container: parent of its first process and of its exec sessions, keeper of
/// their streams and of the log, teller of how it ended. One thread, one poll loop, from `main` to the end.
///
/// It is handed, by number: 3 the listening socket `supervisor.sock`, 4 the engine's end to report the start to, 5 its lock,
/// which is held already.
package final class Supervisor {
    private let plan: SupervisorPlan
    private let paths: ContainerPaths
    private let listener: FileDescriptor
    /// Held as long as this process lives: whoever finds it free knows that the container has no supervisor.
    private let lock: FileDescriptor
    private let cgroup: Cgroup?
    private let seccompFilter: [UInt8]

    private var restart: RestartPlan
    private var restartCount = 0
    private var stopRequested = false
    private var startedAt = Timestamp.never
    private var run: Run?
    private var connections: [Connection] = []
    private var sessions: [Session] = []
    /// When to start again; nil when running or done.
    private var restartsAt: Duration?
    private var lastExit: ContainerExit?
    /// The first start has succeeded.
    private var isStarted = false
    /// What came before that and needs a process: a signal, say, of one who knows that we are starting.
    private var early: [(Connection, SupervisorRequest, [UInt8])] = []

    /// One life of the container's first process.
    private final class Run {
        let started: StartedProcess
        let streams: ProcessStreams
        init(started: consuming StartedProcess, streams: ProcessStreams) {
            self.started = started
            self.streams = streams
        }
    }

    /// An exec session.
    private final class Session {
        let id: String
        let started: StartedProcess
        let streams: ProcessStreams
        var ended = false
        init(id: String, started: consuming StartedProcess, streams: ProcessStreams) {
            self.id = id
            self.started = started
            self.streams = streams
        }
    }

    /// The role's entry: reads the plan in `directory`, runs the container to its end, and calls `finish` with how it ended
    /// before it lets go of the lock. The result is the process's exit code.
    package static func main(paths: ContainerPaths, finish: (ContainerExit) throws -> Void) -> Int32 {
        let report: FileDescriptor
        do throws(SyscallError) { report = try Process.inherited(4) } catch { return 1 }
        do {
            let supervisor = try Supervisor(paths: paths)
            try supervisor.startFirst(report: report)
            let exit = try supervisor.runToEnd()
            try supervisor.conclude(exit, finish)
            return 0
        } catch {
            // Before the start has been reported the engine hears of it; afterwards nobody listens, and the next command
            // finds the lock free and repairs.
            try? report.send([SupervisorReport.error] + Array("\(error)".utf8.prefix(60_000)))
            return 1
        }
    }

    private init(paths: ContainerPaths) throws {
        self.paths = paths
        listener = try Process.inherited(3)
        try listener.setNonBlocking()
        lock = try Process.inherited(5)
        guard try lock.lock(exclusive: true, wait: false) else { throw RuntimeError("another supervisor runs this container") }
        plan = try JSONValue(parsing: try FileSystem.read(paths.plan)).decode(SupervisorPlan.self)
        restart = plan.restart
        seccompFilter = try plan.seccompFilter.map { path throws(SyscallError) in try FileSystem.read(path) } ?? []
        Failpoint.hit(.supervisorAfterPlan)
        cgroup = try plan.cgroup.map { try Cgroup(path: $0) }
        Signal.ignore(13 /* SIGPIPE */)
        // What a terminal or a service manager sends to a group is meant for others: only SIGKILL ends a supervisor.
        for number: Int32 in [1, 2, 3, 15] { Signal.ignore(number) }
    }

    // MARK: - Starting

    private func startFirst(report: borrowing FileDescriptor) throws {
        // Clients that attached before the start must not miss the first byte.
        acceptAll()
        try start()
        isStarted = true
        for (connection, request, rest) in early { serve(connection, request, rest) }
        early = []
        try report.send([SupervisorReport.started])
        Failpoint.hit(.supervisorAfterReport)
    }

    private func start() throws {
        let log = try plan.log.map { try LogWriter(path: $0.path, maxSize: $0.maxSize, maxFiles: $0.maxFiles) }
        let streams = ProcessStreams(isTerminal: plan.terminal, inputOnce: plan.stdinOnce, log: log)
        var launch = ContainerLaunch(
            spec: plan.spec, rootMount: plan.rootMount, mountPoint: plan.mountPoint, user: plan.user, additionalGroups: plan.additionalGroups,
            seccompFilter: seccompFilter, usesInit: plan.usesInit)
        launch.spec.process?.terminal = plan.terminal
        let standard = try streams.open(input: plan.openStdin)
        var started = try launch.start(cgroup: cgroup, streams: standard)
        if let terminal = started.terminal.take() { try streams.attach(terminal: terminal) }
        startedAt = .now
        let pid = started.process.pid
        Failpoint.hit(.supervisorAfterProcess)
        run = Run(started: started, streams: streams)
        for connection in connections where connection.selection != nil && connection.streams == nil { join(connection, streams) }
        try writeState(pid: pid, restarting: false)
        Failpoint.hit(.supervisorAfterState)
    }

    private func writeState(pid: Int32, restarting: Bool) throws {
        try LivingState(
            pid: pid, startTime: Process.startTime(pid) ?? 0, supervisorPid: Process.id, startedAt: startedAt, restartCount: restartCount,
            restarting: restarting, lastExit: lastExit, stopRequested: stopRequested
        ).write(paths)
    }

    // MARK: - The loop

    /// Returns when the container has ended for good.
    private func runToEnd() throws -> ContainerExit {
        while true {
            try turn(timeoutMilliseconds: waitTime())
            if let due = restartsAt, MonotonicClock.now >= due || stopRequested {
                restartsAt = nil
                if stopRequested, let lastExit { return lastExit }
                restartCount += 1
                do { try start() } catch {
                    return ContainerExit(
                        code: 128, oomKilled: false, startedAt: startedAt, finishedAt: .now, restartCount: restartCount, error: "\(error)",
                        stopRequested: stopRequested)
                }
            }
            if let exit = try reapRun() {
                guard restart.restarts(after: exit.code, count: restartCount, stopRequested: stopRequested) else { return exit }
                lastExit = exit
                for connection in connections where connection.waits { tell(connection, exit) }
                // 100 ms doubled each time up to a minute; a run of ten seconds begins anew. As Docker does.
                let lasted = exit.finishedAt - exit.startedAt
                if lasted >= .seconds(10) { backoff = .milliseconds(100) }
                restartsAt = MonotonicClock.now + backoff
                backoff = min(backoff * 2, .seconds(60))
                try writeState(pid: 0, restarting: true)
            }
        }
    }

    private var backoff = Duration.milliseconds(100)

    private func waitTime() -> Int {
        guard let due = restartsAt else { return -1 }
        let left = due - MonotonicClock.now
        return max(0, Int(left / .milliseconds(1)) + 1)
    }

    /// Waits once and acts on everything that happened.
    private func turn(timeoutMilliseconds: Int) throws {
        var set = PollSet()
        set.add(listener, read: true, token: 0)
        if let run {
            set.add(run.started.process.pidfd, read: true, token: 1)
            run.streams.register(in: &set, token: 2)
        }
        let sessionBase = 8
        for (index, session) in sessions.enumerated() {
            if !session.ended { set.add(session.started.process.pidfd, read: true, token: sessionBase + index * 8) }
            session.streams.register(in: &set, token: sessionBase + index * 8 + 1)
        }
        let clientBase = sessionBase + sessions.count * 8
        for (index, connection) in connections.enumerated() { connection.register(in: &set, token: clientBase + index) }

        let ready = try set.wait(timeoutMilliseconds: timeoutMilliseconds)
        // Handlers may change the lists; the tokens mean those of before.
        let (sessionsThen, connectionsThen) = (sessions, connections)
        for event in ready {
            switch event.token {
            case 0: acceptAll()
            case 1: break
            case 2..<sessionBase: run?.streams.handle(part: event.token - 2, event)
            case sessionBase..<clientBase:
                let part = (event.token - sessionBase) % 8
                if part > 0 { sessionsThen[(event.token - sessionBase) / 8].streams.handle(part: part - 1, event) }
            default: handle(connectionsThen[event.token - clientBase], event)
            }
        }
        reapSessions()
        sweep()
    }

    /// Drops clients that are done.
    private func sweep() {
        connections.removeAll { connection in
            let done = connection.failed || (connection.closing && !connection.hasOutgoing)
            if done { connection.streams?.remove(connection) }
            return done
        }
    }

    // MARK: - Clients

    private func acceptAll() {
        // A client that cannot be accepted is not served, and hears so by the closed connection; the container goes on.
        while connections.count < 4096, let socket = try? UnixSocket.accept(listener) {
            let connection = Connection(socket)
            connections.append(connection)
            read(connection)
        }
    }

    private func handle(_ connection: Connection, _ ready: PollSet.Ready) {
        if ready.writable { connection.flush() }
        if ready.readable { read(connection) }
        if ready.hungUp, !ready.readable { connection.hangUp() }
    }

    private func read(_ connection: Connection) {
        let bytes = connection.receive()
        if connection.selection != nil {
            let (passed, detached) = connection.detachKeys.filter(bytes)
            if connection.selection?.stdin == true, let streams = connection.streams {
                if !passed.isEmpty { streams.write(passed) }
                if connection.inputEnded, !connection.failed, !detached { streams.closeInput(for: connection) }
            }
            if detached {
                connection.streams?.detach(connection)
                connection.closing = true
            }
            return
        }
        if connection.waits || connection.closing { return }
        connection.incoming += bytes
        if let length = Framing.length(connection.incoming) {
            guard length <= SupervisorRequest.limit else { return reply(connection, SupervisorReply(error: "request of \(length) bytes is too long")) }
            if connection.incoming.count >= 4 + length {
                let body = connection.incoming[4..<4 + length]
                let rest = Array(connection.incoming[(4 + length)...])
                connection.incoming = []
                do {
                    serve(connection, try JSONValue(parsing: Array(body)).decode(SupervisorRequest.self), rest)
                } catch {
                    reply(connection, SupervisorReply(error: "malformed request: \(error)"))
                }
                return
            }
        }
        if connection.inputEnded { connection.closing = true }
    }

    /// Answers and closes.
    private func reply(_ connection: Connection, _ reply: SupervisorReply) {
        answer(connection, reply)
        connection.closing = true
    }

    private func answer(_ connection: Connection, _ reply: SupervisorReply) {
        // Encoding these few fields cannot fail.
        if let bytes = try? Framing.encode(reply) { connection.send(bytes) }
    }

    private func tell(_ connection: Connection, _ exit: ContainerExit) {
        answer(connection, SupervisorReply(error: exit.error.isEmpty ? nil : exit.error, exitCode: exit.code))
        connection.waits = false
        connection.told = true
    }

    private func serve(_ connection: Connection, _ request: SupervisorRequest, _ rest: [UInt8]) {
        if !isStarted, request.kind != .wait, request.kind != .attach { return early.append((connection, request, rest)) }
        switch request.kind {
        case .wait: connection.waits = true
        case .attach:
            connection.selection = request.streams ?? StreamSelection(stdin: false, stdout: true, stderr: true)
            if plan.terminal, let keys = request.detachKeys { connection.detachKeys = DetachKeys(keys) }
            connection.incoming = rest
            if let run { join(connection, run.streams) }
        case .signal:
            if request.stops == true { stopRequested = true }
            reply(connection, deliver(request.signal ?? 0))
        case .resize:
            let streams = request.exec.map { id in sessions.first { $0.id == id }?.streams } ?? run?.streams
            guard let streams, let size = request.size else { return reply(connection, SupervisorReply(error: "no such session")) }
            do throws(SyscallError) {
                try streams.resize(rows: size.height, columns: size.width)
                reply(connection, SupervisorReply())
            } catch { reply(connection, SupervisorReply(error: "resize terminal: \(error)")) }
        case .restartPolicy:
            if let restart = request.restart { self.restart = restart }
            reply(connection, SupervisorReply())
        case .exec: startSession(connection, request.session, rest)
        }
    }

    /// Ties an attached client to a process's streams, with the input that came before there was a process.
    private func join(_ connection: Connection, _ streams: ProcessStreams) {
        streams.add(connection)
        let early = connection.incoming
        connection.incoming = []
        if connection.selection?.stdin == true, !early.isEmpty { streams.write(connection.detachKeys.filter(early).0) }
        if connection.inputEnded { streams.closeInput(for: connection) }
    }

    private func deliver(_ number: Int32) -> SupervisorReply {
        guard let run else {
            return SupervisorReply(error: stopRequested ? nil : "the container is not running")
        }
        do throws(SyscallError) {
            try Process.signal(run.started.process.pidfd, number)
            if stopRequested { try? writeState(pid: run.started.process.pid, restarting: false) }
            return SupervisorReply()
        } catch {
            return SupervisorReply(error: "\(error)")
        }
    }

    // MARK: - Exec sessions

    private func startSession(_ connection: Connection, _ plan: ExecPlan?, _ rest: [UInt8]) {
        guard let plan else { return reply(connection, SupervisorReply(error: "malformed request: no session")) }
        guard let run else { return reply(connection, SupervisorReply(error: "the container is not running")) }
        do {
            let isTerminal = plan.process.terminal ?? false
            let streams = ProcessStreams(isTerminal: isTerminal, inputOnce: true, log: nil)
            let standard = try streams.open(input: plan.streams.stdin)
            let filter = try plan.seccompFilter.map { path throws(SyscallError) in try FileSystem.read(path) } ?? []
            let session = ExecSession(process: plan.process, user: plan.user, additionalGroups: plan.additionalGroups, seccompFilter: filter)
            var started = try session.start(in: run.started.process.pidfd, cgroup: cgroup, streams: standard)
            if let terminal = started.terminal.take() { try streams.attach(terminal: terminal) }
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
            let code = text.contains("executable file not found") || text.contains("no such file or directory") ? 127 : 126
            try? record(plan.id) {
                $0.running = false
                $0.exitCode = code
            }
            reply(connection, SupervisorReply(error: text, exitCode: code))
        }
    }

    private func record(_ id: String, _ change: (inout ExecState) -> Void) throws {
        guard var state = try ExecState.read(id, paths) else { return }
        change(&state)
        try state.write(paths)
    }

    private func reapSessions() {
        for session in sessions where !session.ended {
            guard let status = try? session.started.process.reap() else { continue }
            session.ended = true
            Failpoint.hit(.execAfterReap)
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

    // MARK: - The end

    private func reapRun() throws -> ContainerExit? {
        guard let current = run, let status = try current.started.process.reap() else { return nil }
        Failpoint.hit(.exitAfterReap)
        // With a PID namespace of its own everything has ended with it; where it shares the host's, this ends the rest.
        try? cgroup?.killAll()
        drain(current.streams, milliseconds: 1000)
        // A cgroup that cannot be read tells of no kill.
        let oomKilled = (try? cgroup?.oomKills()).map { $0 > 0 } ?? false
        let exit = ContainerExit(
            code: status.code, oomKilled: oomKilled, startedAt: startedAt, finishedAt: .now, restartCount: restartCount,
            error: current.streams.logError ?? "", stopRequested: stopRequested)
        for session in sessions { session.streams.finish() }
        sessions = []
        run = nil
        current.streams.finish()
        return exit
    }

    /// Reads what a process that has ended left in its pipes; not longer than asked, should another still hold them.
    private func drain(_ streams: ProcessStreams, milliseconds: Int) {
        let end = MonotonicClock.now + .milliseconds(milliseconds)
        while streams.isOpen {
            var set = PollSet()
            streams.register(in: &set, token: 0)
            for (index, client) in streams.clients.enumerated() { client.register(in: &set, token: 8 + index) }
            let left = max(0, Int((end - MonotonicClock.now) / .milliseconds(1)))
            guard let ready = try? set.wait(timeoutMilliseconds: left), !ready.isEmpty else { return }
            let clients = streams.clients
            for event in ready {
                if event.token < 8 { streams.handle(part: event.token, event) } else { handle(clients[event.token - 8], event) }
            }
            if milliseconds > 0, left == 0 { return }
        }
    }

    /// Tells everyone, has the engine's code clean up, and closes.
    private func conclude(_ exit: ContainerExit, _ finish: (ContainerExit) throws -> Void) throws {
        try exit.write(paths)
        Failpoint.hit(.exitAfterFile)
        for connection in connections where connection.waits { tell(connection, exit) }
        acceptAll()
        for connection in connections where connection.waits { tell(connection, exit) }
        for connection in connections where connection.streams == nil && !connection.told { connection.closing = true }
        Failpoint.hit(.exitAfterTelling)
        let cleaned = Result { try finish(exit) }
        // All is done that was to be done alone: a client that does not read must not keep the container from its next start.
        try? lock.unlock()
        // Those who asked to know of the removal know it by the end of their connection.
        for connection in connections { connection.closing = true }
        let end = MonotonicClock.now + .seconds(10)
        while true {
            sweep()
            let left = Int((end - MonotonicClock.now) / .milliseconds(1))
            if connections.isEmpty || left <= 0 { break }
            var set = PollSet()
            for (index, connection) in connections.enumerated() { connection.register(in: &set, token: index) }
            let ready = try set.wait(timeoutMilliseconds: left)
            let then = connections
            for event in ready { handle(then[event.token], event) }
        }
        try cleaned.get()
    }
}

/// What a supervisor tells the engine that started it, once: one message.
package enum SupervisorReport {
    static let started: UInt8 = 0x4f
    static let error: UInt8 = 0x45

    /// Waits for it. Throws what went wrong, in words; nil of the other end closed says that the supervisor was killed.
    package static func receive(_ channel: borrowing FileDescriptor) throws {
        guard let message = try channel.receive() else { throw RuntimeError("the supervisor ended before the container was started") }
        if message.bytes.first == error { throw RuntimeError(String(decoding: message.bytes.dropFirst(), as: UTF8.self)) }
    }
}
