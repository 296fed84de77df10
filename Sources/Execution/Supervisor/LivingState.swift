package import DockerAPI
import JSON
import Linux
package import NetworkPlumbing
package import Values

/// What is true while a container runs: `state.json`, written by its supervisor alone.
package struct LivingState: Codable, Sendable {
    package var pid: Int32
    /// proc(5), stat, field 22; see `Process.startTime`.
    package var startTime: UInt64
    package var supervisorPid: Int32
    package var startedAt: Timestamp
    package var restartCount: Int
    /// Waiting to be started again; `pid` is 0 then, and `lastExit` tells of the run before.
    package var restarting: Bool
    package var lastExit: ContainerExit?
    /// A stop or kill has been asked for.
    package var stopRequested: Bool
    /// What is published now; empty while it waits to be started again.
    package var ports: [PublishedPort]

    /// Nil without health checks.
    package var health: Health?

    package static func read(_ paths: ContainerPaths) throws -> LivingState? { try readJSON(paths.state) }

    package func write(_ paths: ContainerPaths) throws { try writeJSON(self, paths.state) }
}

/// How a container ended: `exit.json`, in place before anyone is told.
package struct ContainerExit: Codable, Sendable, Hashable {
    package var code: Int
    package var oomKilled: Bool
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    package var restartCount: Int
    /// What went wrong beside the program's own end; empty when nothing did.
    package var error: String
    /// Someone asked for it: a restart policy of `unless-stopped` remembers that.
    package var stopRequested: Bool
    /// What the checks said last; nil without any.
    package var health: Health?

    package init(
        code: Int, oomKilled: Bool, startedAt: Timestamp, finishedAt: Timestamp, restartCount: Int, error: String, stopRequested: Bool,
        health: Health? = nil
    ) {
        self.health = health
        self.code = code
        self.oomKilled = oomKilled
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.restartCount = restartCount
        self.error = error
        self.stopRequested = stopRequested
    }

    package static func read(_ paths: ContainerPaths) throws -> ContainerExit? { try readJSON(paths.exit) }

    package func write(_ paths: ContainerPaths) throws { try writeJSON(self, paths.exit) }
}

/// An exec session: a file of its own under the run directory. Made by the engine, completed by the supervisor.
package struct ExecState: Codable, Sendable {
    package var id: String
    package var containerID: String
    /// The request that made it, as the API has it.
    package var request: [UInt8]
    package var running: Bool
    package var pid: Int32
    /// Nil until it has ended.
    package var exitCode: Int?

    package init(id: String, containerID: String, request: [UInt8]) {
        self.id = id
        self.containerID = containerID
        self.request = request
        running = false
        pid = 0
    }

    package static func read(_ id: String, _ paths: ContainerPaths) throws -> ExecState? { try readJSON("\(paths.execs)/\(id).json") }

    package func write(_ paths: ContainerPaths) throws { try writeJSON(self, "\(paths.execs)/\(id).json") }
}

/// Nil when there is no such file.
private func readJSON<Value: Decodable>(_ path: String) throws -> Value? {
    guard let bytes = try FileSystem.readIfPresent(path) else { return nil }
    return try JSONValue(parsing: bytes).decode(Value.self)
}

private func writeJSON(_ value: some Encodable, _ path: String) throws {
    try FileSystem.replace(path, with: try JSONValue(encoding: value).compact, mode: 0o600)
}
