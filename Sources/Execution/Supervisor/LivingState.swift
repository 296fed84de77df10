package import DockerAPI
package import JSON
import Linux
package import Values

/// What is true while a container runs: `state.json`, written by its supervisor alone.
package struct LivingState: JSONRecord, Sendable {
    package var pid: Int32 = 0
    /// proc(5), stat, field 22; see `Process.startTime`.
    package var startTime: UInt64 = 0
    package var supervisorPid: Int32 = 0
    package var startedAt: Timestamp = .never
    package var restartCount: Int = 0
    /// Waiting to be started again; `pid` is 0 then, and `lastExit` tells of the run before.
    package var restarting: Bool = false
    package var lastExit: ContainerExit?
    /// A stop or kill has been asked for.
    package var stopRequested: Bool = false
    /// Nil without health checks.
    package var health: Health?

    package init() {}

    package static func read(_ paths: ContainerPaths) throws -> LivingState? { try readJSON(paths.state) }

    package func write(_ paths: ContainerPaths) throws { try writeJSON(self, paths.state) }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("pid", &pid, .required)
        try m("startTime", &startTime, .required)
        try m("supervisorPid", &supervisorPid, .required)
        try m("startedAt", &startedAt, .required)
        try m("restartCount", &restartCount, .required)
        try m("restarting", &restarting, .required)
        try m("lastExit", &lastExit, .unlessNil)
        try m("stopRequested", &stopRequested, .required)
        try m("health", &health, .unlessNil)
    }
}

/// How a container ended: `exit.json`, in place before anyone is told.
package struct ContainerExit: JSONRecord, Sendable, Hashable {
    package var code: Int = 0
    package var oomKilled: Bool = false
    package var startedAt: Timestamp = .never
    package var finishedAt: Timestamp = .never
    package var restartCount: Int = 0
    /// What went wrong beside the program's own end; empty when nothing did.
    package var error: String = ""
    /// Someone asked for it: a restart policy of `unless-stopped` remembers that.
    package var stopRequested: Bool = false
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

    /// What an event about it carries.
    package var eventAttributes: [String: String] {
        ["exitCode": "\(code)", "execDuration": "\(max(0, (finishedAt - startedAt).components.seconds))"]
    }

    package static func read(_ paths: ContainerPaths) throws -> ContainerExit? { try readJSON(paths.exit) }

    package func write(_ paths: ContainerPaths) throws { try writeJSON(self, paths.exit) }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("code", &code, .required)
        try m("oomKilled", &oomKilled, .required)
        try m("startedAt", &startedAt, .required)
        try m("finishedAt", &finishedAt, .required)
        try m("restartCount", &restartCount, .required)
        try m("error", &error, .required)
        try m("stopRequested", &stopRequested, .required)
        try m("health", &health, .unlessNil)
    }
}

/// An exec session: a file of its own under the run directory. Made by the engine, completed by the supervisor.
package struct ExecState: JSONRecord, Sendable {
    package var id: String = ""
    package var containerID: String = ""
    /// The request that made it, as the API has it.
    package var request: [UInt8] = []
    package var running: Bool = false
    package var pid: Int32 = 0
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("id", &id, .required)
        try m("containerID", &containerID, .required)
        try m("request", &request, .required)
        try m("running", &running, .required)
        try m("pid", &pid, .required)
        try m("exitCode", &exitCode, .unlessNil)
    }
}

/// Nil when there is no such file.
private func readJSON<Value: Decodable>(_ path: String) throws -> Value? {
    guard let bytes = try FileSystem.readIfPresent(path) else { return nil }
    return try JSONValue(parsing: bytes).decode(Value.self)
}

private func writeJSON(_ value: some Encodable, _ path: String) throws {
    try FileSystem.replace(path, with: try JSONValue(encoding: value).compact, mode: 0o600)
}
