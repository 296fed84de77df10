internal import AsyncIO
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import Events
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux
internal import Values

extension Context {
    /// GET /events: what was noted since `since`, and what comes, until `until`.
    func events(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        let filter: EventFilter
        do throws(Filters.Invalid) { filter = try EventFilter(filters) } catch { throw Fault(.invalid, error.description) }
        let until = try request.moment("until"), since = try request.moment("since")
        if let since, let until, until < since { throw Fault(.invalid, "`since` time (\(since)) cannot be after `until` time (\(until))") }
        let paths = engine.paths
        // A moment that has passed asks for what was before it.
        let reader = try await AsyncIO.offload { try EventReader(EventJournal(paths), since: since ?? until.map { _ in Timestamp(nanoseconds: 0) }) }
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { output in
                while true {
                    let events = try await AsyncIO.offload { try reader.next() }
                    let wanted = events.filter { filter.matches($0) && (until.map { $0.nanoseconds } ?? .max) >= $0.timeNano }
                    try await output.write(try wanted.flatMap { try JSON.encode($0) + [10] })
                    if !events.isEmpty { continue }
                    guard let until else {
                        try await AsyncIO.readable(reader.changes.descriptor)
                        continue
                    }
                    let left = until - Timestamp.now
                    if left <= .zero { return }
                    try await Self.wait(for: reader.changes, atMost: left)
                }
            })
    }

    private static func wait(for file: OpenFile, atMost limit: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await AsyncIO.readable(file.descriptor) }
            group.addTask { try await AsyncIO.sleep(limit) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension Request {
    /// As `moment`, but nil for `0` too: so logs have it.
    func time(_ name: String) throws -> Timestamp? { parameter(name) == "0" ? nil : try moment(name) }

    /// A moment as clients send it: seconds since 1970 with an optional fraction, or RFC 3339; nil when absent.
    func moment(_ name: String) throws -> Timestamp? {
        guard let text = parameter(name), !text.isEmpty else { return nil }
        if let time = Timestamp(text) { return time }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let seconds = Int64(parts[0]), (-9_000_000_000...9_000_000_000).contains(seconds), (1...9).contains(fraction.utf8.count),
            let digits = Int64(fraction), digits >= 0
        else { throw Fault(.invalid, "invalid value for \"\(name)\": failed to parse \"\(text)\" as a time") }
        var nanoseconds = digits
        for _ in fraction.utf8.count..<9 { nanoseconds *= 10 }
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
}
