internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import LogFiles
internal import Values

extension Context {
    /// GET /containers/{id}/logs
    func containerLogs(_ request: Request) async throws -> Response {
        let id = request.capture("id"), query = request.query
        var options = LogReadOptions(
            stdout: query.flag("stdout"), stderr: query.flag("stderr"), since: try request.time("since"), until: try request.time("until"),
            follow: query.flag("follow"))
        guard options.stdout || options.stderr else { throw Fault(.invalid, "Bad parameters: you must choose at least one stream") }
        // What is no number means everything, and so does a negative one: so does Docker.
        if let tail = request.parameter("tail").flatMap(Int.init), tail >= 0 { options.tail = tail }
        let wanted = options
        let (reader, hasTerminal) = try await call { (try $0.containers.logs(id, wanted), try $0.containers.hasTerminal(id)) }
        let ending = reader.changes == nil ? nil : try await call { try $0.containers.wait(id, condition: .notRunning) }
        let format = LogFormat(timestamps: query.flag("timestamps"), details: query.flag("details"), frames: !hasTerminal)
        return Response(
            headers: ["Content-Type": hasTerminal ? StreamMediaType.raw : StreamMediaType.multiplexed],
            body: .stream { output in try await Self.copy(reader, until: ending, format, to: output) })
    }

    private static func copy(_ reader: LogReader, until ending: WaitHandle?, _ format: LogFormat, to output: BodyWriter) async throws {
        var hasEnded = false
        while true {
            let entries = try await AsyncIO.offload { try reader.next() }
            if !entries.isEmpty {
                try await output.write(entries.flatMap(format.bytes))
            } else if let changes = reader.changes, !reader.isFinished, !hasEnded {
                hasEnded = try await waitForMore(changes, ending)
            } else {
                return
            }
        }
    }

    /// True when the container has ended, after which one more look finds the last of its output.
    private static func waitForMore(_ changes: LogChanges, _ ending: WaitHandle?) async throws -> Bool {
        guard let connection = ending?.connection else { return true }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await AsyncIO.readable(changes.file)
                return false
            }
            group.addTask {
                try await AsyncIO.readable(connection.descriptor)
                return true
            }
            defer { group.cancelAll() }
            return try await group.next() ?? true
        }
    }
}

/// How records are written for a client.
struct LogFormat: Sendable {
    var timestamps: Bool
    var details: Bool
    var frames: Bool

    func bytes(_ entry: LogEntry) -> [UInt8] {
        var line: [UInt8] = []
        if timestamps { line += "\(entry.time.paddedDescription) ".utf8 }
        if details { line += "\(Self.text(entry.attributes)) ".utf8 }
        line += entry.bytes
        return frames ? StreamFrame(entry.stream == .stdout ? .stdout : .stderr, line).encoded : line
    }

    private static func text(_ attributes: [String: String]) -> String {
        attributes.sorted { $0.key < $1.key }.map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: ",")
    }

    private static func escaped(_ text: String) -> String {
        PercentEncoding.encode(text, keeping: " ").split(separator: " ", omittingEmptySubsequences: false).joined(separator: "+")
    }
}
