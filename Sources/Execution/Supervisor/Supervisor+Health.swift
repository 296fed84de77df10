import Cgroups
import ContainerRuntime
import DockerAPI
import Linux
import Values

/// Health checks: exec sessions that the supervisor starts by itself.
extension Supervisor {
    /// A check that runs.
    final class Check {
        let session: Session
        let output: LimitedOutput
        let startedAt: Timestamp
        let began: Duration
        let deadline: Duration
        var isOverdue = false
        /// The container was frozen meanwhile: the result says nothing.
        var isVoid = false

        init(session: Session, output: LimitedOutput, startedAt: Timestamp, began: Duration, deadline: Duration) {
            self.session = session
            self.output = output
            self.startedAt = startedAt
            self.began = began
            self.deadline = deadline
        }
    }

    /// When something is to be done next; nil when nothing is.
    var healthDue: Duration? {
        guard run != nil, let monitor else { return nil }
        guard let check else { return monitor.due }
        return check.isOverdue ? nil : check.deadline
    }

    /// Starts the check that is due, and ends the one that takes too long.
    func attendHealth() throws {
        let now = MonotonicClock.now
        guard let due = healthDue, now >= due else { return }
        if let check {
            check.isOverdue = true
            check.isVoid = isFrozen
            // It has ended by itself, which is about to be seen.
            try? Process.signal(check.session.started.process.pidfd, 9)
        } else {
            try startCheck(now: now)
        }
    }

    /// A cgroup that cannot be read is not frozen.
    private var isFrozen: Bool { (try? cgroup.isFrozen()) ?? false }

    private func startCheck(now: Duration) throws {
        guard let run, let plan = monitor?.plan else { return }
        // Somebody may be freezing the container just now, and a process that is born frozen keeps this one waiting.
        let lock = try FileDescriptor.open(paths.lock, [.readWrite, .create], mode: 0o600)
        guard try lock.lock(wait: false) else {
            monitor?.delay(until: now + .milliseconds(50))
            return
        }
        defer { withExtendedLifetime(lock) {} }
        if isFrozen {
            monitor?.schedule(now: now)
            return
        }
        let startedAt = Timestamp.now, output = LimitedOutput()
        do {
            let streams = ProcessStreams(isTerminal: false, inputOnce: true, log: nil, captured: output)
            let session = Session(id: "", started: try start(plan.session, in: run, streams: streams), streams: streams)
            sessions.append(session)
            check = Check(session: session, output: output, startedAt: startedAt, began: now, deadline: now + .nanoseconds(plan.timeout))
        } catch {
            try conclude(HealthcheckResult(start: startedAt, end: .now, exitCode: -1, output: "\(error)"), began: now)
        }
    }

    /// To be called when a session has ended.
    func endCheck(_ session: Session, code: Int) throws {
        guard let check, check.session === session else { return }
        drain(session.streams, milliseconds: 0)
        self.check = nil
        if check.isVoid {
            monitor?.schedule(now: MonotonicClock.now)
            return
        }
        var result = HealthcheckResult(start: check.startedAt, end: .now, exitCode: code, output: check.output.text)
        if check.isOverdue {
            result.exitCode = -1
            let limit = GoDuration.text(nanoseconds: monitor?.plan.timeout ?? 0)
            result.output = "Health check exceeded timeout (\(limit))" + (result.output.isEmpty ? "" : ": \(result.output)")
        }
        try conclude(result, began: check.began)
    }

    private func conclude(_ result: HealthcheckResult, began: Duration) throws {
        if monitor?.record(result, began: began, now: MonotonicClock.now) == true { publish("health_status: \(monitor?.health.status ?? "")") }
        if let run { try writeState(pid: run.started.process.pid, restarting: false) }
    }
}
