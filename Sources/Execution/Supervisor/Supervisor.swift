import Cgroups
import ContainerRuntime
import Events
import JSON
package import Linux
import LogFiles
import NetworkPlumbing
import OCI
package import Values

/// The one small process that stands behind each container: parent of its first process and of its exec sessions, keeper of
/// their streams and of the log, teller of how it ended. One thread, one poll loop, from `main` to the end.
package final class Supervisor {
    let plan: SupervisorPlan
    let paths: ContainerPaths
    let listener: FileDescriptor
    /// Held as long as this process lives: whoever finds it free knows that the container has no supervisor.
    let lock: FileDescriptor
    let cgroup: Cgroup
    let seccompFilter: [UInt8]
    /// Nil when Davit itself makes the container's processes.
    let foreign: ForeignRuntime?
    /// It has a mount namespace of its own.
    var isApart = false
    /// What the container's processes get unless they are given another: publishing many ports raises this process's own.
    private let openFiles: (soft: UInt64, hard: UInt64)

    /// The network namespace of the first life, from before its plan was there until it begins.
    var namespace: OpenFile?
    /// Of the current life; nil between two, and for a network that is another's.
    var network: ContainerNetwork?
    /// What the next is to be like.
    var networkPlan: SandboxPlan?

    /// What is told with every event: a name may change.
    var events: EventPlan?
    var restart: RestartPlan
    var restartCount = 0
    private var restartDelay = RestartDelay()
    /// Nil while nothing runs, and without health checks.
    var monitor: HealthMonitor?
    var check: Check?
    var stopRequested = false
    var startedAt = Timestamp.never
    var run: Run?
    var connections: [Connection] = []
    var sessions: [Session] = []
    /// When to start again; nil when running or done.
    var restartsAt: Duration?
    var lastExit: ContainerExit?
    /// The first start has succeeded.
    var isStarted = false
    /// What came before that and needs a process: a signal, say, of one who knows that we are starting.
    var early: [(Connection, SupervisorRequest, [UInt8])] = []

    /// One life of the container's first process.
    final class Run {
        let started: StartedProcess
        let streams: ProcessStreams
        init(started: consuming StartedProcess, streams: ProcessStreams) {
            self.started = started
            self.streams = streams
        }
    }

    /// An exec session.
    final class Session {
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

    /// The role's entry: makes the container's cgroup, reads the plan when `channel` says that it is there, runs the container to its end,
    /// and calls `finish` with how it ended before it lets go of the lock. The result is the process's exit code.
    package static func main(
        _ assignment: consuming SupervisorAssignment, paths: ContainerPaths, channel: borrowing FileDescriptor,
        finish: (ContainerExit) throws -> Void
    ) -> Int32 {
        do {
            let supervisor = try Supervisor(assignment, paths: paths, channel: channel)
            try supervisor.startFirst(report: channel)
            let exit = try supervisor.runToEnd()
            try supervisor.conclude(exit, finish)
            return 0
        } catch {
            // Before the start has been reported the engine hears of it; afterwards nobody listens, and the next command
            // finds the lock free and repairs.
            try? channel.send(SupervisorReport.failure(error))
            return 1
        }
    }

    private init(_ assignment: consuming SupervisorAssignment, paths: ContainerPaths, channel: borrowing FileDescriptor) throws {
        self.paths = paths
        cgroup = try Cgroup(path: assignment.cgroup)
        listener = assignment.listener
        lock = assignment.lock
        try listener.setNonBlocking()
        Signal.ignore(13 /* SIGPIPE */)
        // What a terminal or a service manager sends to a group is meant for others: only SIGKILL ends a supervisor.
        for number: Int32 in [1, 2, 3, 15] { Signal.ignore(number) }
        try cgroup.create()
        if assignment.ownsNetwork { namespace = try Sandbox.makeNamespace() }
        Failpoint.hit(.supervisorAfterCgroup)
        connections = try SupervisorReport.awaitWord(channel)
        openFiles = try Process.limit(Process.openFiles)
        var plan = try JSONValue(parsing: try FileSystem.read(paths.plan)).decode(SupervisorPlan.self)
        foreign = plan.runtime.map { ForeignRuntime($0, paths, id: plan.id) }
        if let resources = plan.spec.linux?.resources {
            try cgroup.update(resources)
            // Another runtime sets them again, with those of devices in words of its own.
            if plan.runtime == nil { plan.spec.linux?.resources = nil }
        }
        self.plan = plan
        events = plan.events
        restart = plan.restart
        networkPlan = plan.network
        if let exit = plan.resumes {
            restartCount = exit.restartCount
            restartDelay = RestartDelay(afterRestarts: exit.restartCount)
        }
        seccompFilter = try plan.seccompFilter.map { path throws(SyscallError) in try FileSystem.read(path) } ?? []
        Failpoint.hit(.supervisorAfterPlan)
    }

    // MARK: - Starting

    func startFirst(report: borrowing FileDescriptor) throws {
        // Clients that attached before the start must not miss the first byte.
        connections.forEach(read)
        acceptAll()
        if let exit = plan.resumes { try scheduleRestart(after: exit) } else { try start() }
        isStarted = true
        for (connection, request, rest) in early { serve(connection, request, rest) }
        early = []
        try report.send([SupervisorReport.started])
        Failpoint.hit(.supervisorAfterReport)
        // Making the plan out of its text took more than keeping it.
        Process.releaseFreeMemory()
    }

    func start() throws {
        let log = try plan.log.map { try LogWriter(path: $0.path, maxSize: $0.maxSize, maxFiles: $0.maxFiles, attributes: $0.attributes) }
        let streams = ProcessStreams(isTerminal: plan.terminal, inputOnce: plan.stdinOnce, log: log)
        var launch = ContainerLaunch(
            spec: plan.spec, rootMount: plan.rootMount, mountPoint: plan.mountPoint, user: plan.user, additionalGroups: plan.additionalGroups,
            seccompFilter: seccompFilter, usesInit: plan.usesInit)
        launch.spec.process?.terminal = plan.terminal
        let standard = try streams.open(input: plan.openStdin)
        let namespace = try openNetwork(for: &launch)
        defer { withExtendedLifetime(namespace) {} }
        launch.spec.process = launch.spec.process.map(limited)
        var started: StartedProcess
        do {
            if let foreign { started = try start(launch, by: foreign, streams: standard) } else { started = try launch.start(cgroup: cgroup, streams: standard) }
        } catch {
            _ = closeNetwork()
            throw error
        }
        if let terminal = started.terminal.take() { try streams.attach(terminal: terminal) }
        startedAt = .now
        let pid = started.process.pid
        Failpoint.hit(.supervisorAfterProcess)
        run = Run(started: started, streams: streams)
        for connection in connections where connection.selection != nil && connection.streams == nil { join(connection, streams) }
        monitor = plan.health.map { HealthMonitor($0, now: MonotonicClock.now) }
        try writeState(pid: pid, restarting: false)
        Failpoint.hit(.supervisorAfterState)
    }

    func limited(_ process: RuntimeProcess) -> RuntimeProcess {
        var process = process
        let isSet = process.rlimits?.contains { $0.type == "RLIMIT_NOFILE" } ?? false
        if !isSet { process.rlimits = (process.rlimits ?? []) + [ResourceLimit(type: "RLIMIT_NOFILE", hard: openFiles.hard, soft: openFiles.soft)] }
        return process
    }

    func writeState(pid: Int32, restarting: Bool) throws {
        var state = LivingState()
        state.pid = pid
        state.startTime = Process.startTime(pid) ?? 0
        state.supervisorPid = Process.id
        state.startedAt = startedAt
        state.restartCount = restartCount
        state.restarting = restarting
        state.lastExit = lastExit
        state.stopRequested = stopRequested
        state.health = monitor?.health
        try state.write(paths)
    }

    // MARK: - The loop

    /// Returns when the container has ended for good.
    func runToEnd() throws -> ContainerExit {
        while true {
            try turn(timeoutMilliseconds: waitTime())
            try attendHealth()
            if let due = restartsAt, MonotonicClock.now >= due || stopRequested {
                restartsAt = nil
                if stopRequested, var exit = lastExit {
                    exit.stopRequested = true
                    return exit
                }
                restartCount += 1
                do {
                    try start()
                    publish("start")
                } catch {
                    return ContainerExit(
                        code: 128, oomKilled: false, startedAt: startedAt, finishedAt: .now, restartCount: restartCount, error: "\(error)",
                        stopRequested: stopRequested)
                }
            }
            if let exit = try reapRun() {
                guard restart.restarts(after: exit.code, count: restartCount, stopRequested: stopRequested) else { return exit }
                // Who hears of it finds it so.
                try scheduleRestart(after: exit)
                for connection in connections where connection.waits { tell(connection, exit, restarts: true) }
                if exit.oomKilled { publish("oom") }
                publish("die", exit.eventAttributes)
            }
        }
    }

    /// Tells what the engine does not see: what happens between its start and its end.
    func publish(_ action: String, _ attributes: [String: String] = [:]) {
        guard let journal = events else { return }
        EventJournal(directory: journal.directory).publish(.container, action, plan.id, journal.attributes.merging(attributes) { _, new in new })
    }

    private func scheduleRestart(after exit: ContainerExit) throws {
        lastExit = exit
        startedAt = exit.startedAt
        restartsAt = MonotonicClock.now + restartDelay.after(run: exit.finishedAt - exit.startedAt)
        try writeState(pid: 0, restarting: true)
    }

    func waitTime() -> Int {
        guard let due = [restartsAt, healthDue, network?.due].compactMap(\.self).min() else { return -1 }
        let left = due - MonotonicClock.now
        return max(0, Int(left / .milliseconds(1)) + 1)
    }

    /// Waits once and acts on everything that happened.
    func turn(timeoutMilliseconds: Int) throws {
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

        let networkBase = clientBase + connections.count
        let networkThen = network
        networkThen?.register(in: &set, token: networkBase)

        let ready = try set.wait(timeoutMilliseconds: timeoutMilliseconds)
        // Before anything changes it; also when nothing came, as something may be due.
        networkThen?.handle(ready.filter { $0.token >= networkBase }.map { ($0.token - networkBase, $0) })
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
            case clientBase..<networkBase: handle(connectionsThen[event.token - clientBase], event)
            default: break
            }
        }
        reapSessions()
        reapOrphans()
        sweep()
    }

    /// Drops clients that are done.
    func sweep() {
        var outlivesClient = false
        connections.removeAll { connection in
            let done = connection.failed || (connection.closing && !connection.hasOutgoing)
            if done { connection.streams?.remove(connection) }
            if done, !connection.closing, connection.selection?.isLifeline == true { outlivesClient = true }
            return done
        }
        guard outlivesClient else { return }
        stopRequested = true
        // What cannot be killed has ended.
        _ = deliver(9)
    }
}
