internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import Values

extension Context {
    /// GET /events: the stream stays empty until events are recorded, and ends at `until` as it should.
    func events(_ request: Request) async throws -> Response {
        _ = try request.filters()
        let until = try request.time("until")
        _ = try request.time("since")
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { _ in
                guard let until else { return try await AsyncIO.sleep(.seconds(100 * 365 * 86400)) }
                let left = until - Timestamp.now
                if left > .zero { try await AsyncIO.sleep(left) }
            })
    }
}

extension Request {
    /// A moment as clients send it: seconds since 1970 with an optional fraction, or RFC 3339; nil when absent or zero.
    func time(_ name: String) throws -> Timestamp? {
        guard let text = parameter(name), text != "0" else { return nil }
        if let time = Timestamp(text) { return time }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let seconds = Int64(parts[0]), abs(seconds) < 9_000_000_000, (1...9).contains(fraction.utf8.count),
            let digits = Int64(fraction), digits >= 0
        else { throw Fault(.invalid, "invalid value for \"\(name)\": failed to parse \"\(text)\" as a time") }
        var nanoseconds = digits
        for _ in fraction.utf8.count..<9 { nanoseconds *= 10 }
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
}
