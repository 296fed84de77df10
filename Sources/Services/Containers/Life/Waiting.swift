import Synchronization
import Diagnostics
package import DockerAPI
package import Linux
import Supervisor
import Values

/// What `wait` waits for.
package enum WaitCondition: String, Sendable {
    /// It does not run: the end of its process, be it to be started again.
    case notRunning = "not-running"
    case nextExit = "next-exit"
    /// Its end for good.
    case removed
}

/// A container's end that is waited for. `connection` becomes readable when it has come.
package final class WaitHandle: Sendable {
    /// Nil when it is decided already.
    package let connection: OpenFile?
    private let decided: ContainerWaitResponse?
    private let condition: WaitCondition
    private let containers: Containers
    private let id: Identifier
    /// It began before the container was started.
    private let isEarly: Bool

    init(
        _ containers: Containers, _ id: Identifier, _ condition: WaitCondition, connection: OpenFile?, decided: ContainerWaitResponse?, isEarly: Bool = false
    ) {
        self.isEarly = isEarly
        self.containers = containers
        self.id = id
        self.condition = condition
        self.connection = connection
        self.decided = decided
    }

    /// Blocks until it has come, and tells how.
    package func result() throws -> ContainerWaitResponse {
        if let decided { return decided }
        guard let connection else { return ContainerWaitResponse(statusCode: 0) }
        if let reply = try SupervisorClient.reply(connection.descriptor) {
            // What has ended is cleaned up, or removed, when the supervisor closes: the next command shall find it so.
            if condition == .removed || condition == .notRunning && reply.restarts != true { try containers.awaitEnd(of: connection, id) }
            return ContainerWaitResponse(statusCode: reply.exitCode ?? 0, error: reply.error.map { ContainerWaitError(message: $0) })
        }
        // The supervisor was killed. Whoever comes first repairs, and may remove the container altogether.
        try containers.recover(id)
        // One that was removed before it ever ran ended well.
        return ContainerWaitResponse(statusCode: try containers.find(id)?.exitCode ?? (isEarly ? 0 : 137))
    }

    /// Waits at most this long; nil is without end.
    func isDecided(within limit: Duration?) throws -> Bool {
        guard let connection else { return true }
        let end = limit.map { MonotonicClock.now + $0 }
        while true {
            var set = PollSet()
            set.add(connection.descriptor, read: true, token: 0)
            let left = end.map { max(0, Int(($0 - MonotonicClock.now) / .milliseconds(1))) } ?? -1
            if try !set.wait(timeoutMilliseconds: left).isEmpty { return true }
            if left == 0 { return false }
        }
    }
}

extension Containers {
    /// Begins to wait for the container's end: register first, start then, and no end is missed.
    package func wait(_ reference: String, condition: WaitCondition) throws -> WaitHandle {
        let record = try refreshed(reference)
        if !record.running, condition == .notRunning {
            return WaitHandle(self, record.id, condition, connection: nil, decided: ContainerWaitResponse(statusCode: record.exitCode))
        }
        return try ending(record, condition)
    }

    func ending(_ record: ContainerRecord, _ condition: WaitCondition = .removed) throws -> WaitHandle {
        do {
            let connection = try connect(record, SupervisorRequest(.wait))
            return WaitHandle(self, record.id, condition, connection: connection, decided: nil, isEarly: !record.running)
        } catch let fault as Fault where fault.kind == .conflict {
            // It has ended since it was looked at.
            guard record.running, let ended = try find(record.id), !ended.running else { throw fault }
            return WaitHandle(self, record.id, condition, connection: nil, decided: ContainerWaitResponse(statusCode: ended.exitCode))
        }
    }
}
