import Cgroups
import ContainerRuntime
import JSON
import Linux
import LogFiles
import OCI
import Values

/// The end of a run, and of the container.
extension Supervisor {
    func reapRun() throws -> ContainerExit? {
        guard let current = run, let status = try current.started.process.reap() else { return nil }
        Failpoint.hit(.exitAfterReap)
        // With a PID namespace of its own everything has ended with it; where it shares the host's, this ends the rest.
        try? cgroup.killAll()
        drain(current.streams, milliseconds: 1000)
        // A cgroup that cannot be read tells of no kill.
        let oomKilled = (try? cgroup.oomKills()).map { $0 > 0 } ?? false
        if let foreign { clear(foreign) }
        let networkError = closeNetwork()
        let exit = ContainerExit(
            code: status.code, oomKilled: oomKilled, startedAt: startedAt, finishedAt: .now, restartCount: restartCount,
            error: current.streams.logError ?? networkError ?? "", stopRequested: stopRequested, health: monitor?.last)
        for session in sessions { session.streams.finish() }
        sessions = []
        check = nil
        monitor = nil
        run = nil
        current.streams.finish()
        return exit
    }

    /// Reads what a process that has ended left in its pipes; not longer than asked, should another still hold them.
    func drain(_ streams: ProcessStreams, milliseconds: Int) {
        let end = MonotonicClock.now + .milliseconds(milliseconds)
        while streams.isOpen {
            var set = PollSet()
            streams.register(in: &set, token: 0)
            for (index, client) in streams.clients.enumerated() { client.register(in: &set, token: 8 + index) }
            let left = max(0, Int((end - MonotonicClock.now) / .milliseconds(1)))
            // What cannot be waited for cannot be read either.
            guard let ready = try? set.wait(timeoutMilliseconds: left), !ready.isEmpty else { return }
            let clients = streams.clients
            for event in ready {
                if event.token < 8 { streams.handle(part: event.token, event) } else { handle(clients[event.token - 8], event) }
            }
            if milliseconds > 0, left == 0 { return }
        }
    }

    /// Tells everyone, has the engine's code clean up, and closes.
    func conclude(_ exit: ContainerExit, _ finish: (ContainerExit) throws -> Void) throws {
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
