internal import Arguments
internal import Linux
internal import Values

/// Times as the command line reads and shows them.
enum Clock {
    static var now: Timestamp { Timestamp.now }

    /// Go's default text of a time, in UTC: `2024-05-01 12:00:00 +0000 UTC`.
    static func text(_ time: Timestamp) -> String {
        String(time.description.dropLast().map { $0 == "T" ? " " : $0 }) + " +0000 UTC"
    }

    /// A time of `--since` or `--until` as the engine takes it, in seconds since 1970 with a fraction: a moment, a duration back
    /// from now, or already that number.
    static func parameter(_ text: String?, _ name: String) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        // A bare 0 is the beginning of 1970, not now.
        if text != "0", let duration = Syntax.durationNanoseconds(text) { return parameter(Timestamp(nanoseconds: now.nanoseconds &- Int64(duration))) }
        if text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), Double(text) != nil { return text }
        // RFC 3339 from the day alone up to a moment with a zone; without one it is UTC.
        var full = text
        if !full.contains("T") { full += "T00:00:00" }
        let clock = full.split(separator: "T").last.map(String.init) ?? ""
        let zone = clock.lastIndex { "Zz+-".contains($0) }
        var time = zone.map { String(clock[..<$0]) } ?? clock
        while time.split(separator: ":").count < 3 { time += ":00" }
        full = "\(full.prefix { $0 != "T" })T\(time)" + (zone.map { String(clock[$0...]) } ?? "Z")
        guard let moment = Timestamp(full) else {
            throw Invalid("invalid value for \"\(name)\": failed to parse value as time or duration: \(Syntax.quoted(text))")
        }
        return parameter(moment)
    }

    /// A moment as the engine takes it.
    static func parameter(_ time: Timestamp) -> String {
        let fraction = String(time.nanoseconds - time.seconds * 1_000_000_000)
        return "\(time.seconds).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)"
    }
}
