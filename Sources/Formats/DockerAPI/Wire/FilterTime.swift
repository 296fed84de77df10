package import Values

extension Timestamp {
    /// A moment as filters such as `until` give it: RFC 3339, a day or time without zone (taken as UTC), seconds since 1970 with an
    /// optional fraction, or how long before `now` in Go's notation (`10m`, `1h30m`). Nil for anything else.
    package init?(filter text: String, now: Timestamp) {
        if let nanoseconds = GoDuration.nanoseconds(text) {
            let (difference, overflow) = now.nanoseconds.subtractingReportingOverflow(nanoseconds)
            if overflow { return nil }
            self.init(nanoseconds: difference)
        } else if let seconds = Self.seconds(text) {
            self = seconds
        } else if let time = Timestamp(text) {
            self = time
        } else if let time = Timestamp(Self.completed(text)) {
            self = time
        } else {
            return nil
        }
    }

    /// `2024-05-01` and `2024-05-01T10:20` get what they lack.
    private static func completed(_ text: String) -> String {
        switch text.utf8.count {
        case 10: "\(text)T00:00:00Z"
        case 13: "\(text):00:00Z"
        case 16: "\(text):00Z"
        default: "\(text)Z"
        }
    }

    private static func seconds(_ text: String) -> Timestamp? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]), (-9_000_000_000...9_000_000_000).contains(whole) else { return nil }
        guard parts.count == 2 else { return Timestamp(seconds: whole) }
        guard !parts[1].isEmpty, parts[1].count <= 9, let fraction = UInt32(parts[1] + String(repeating: "0", count: 9 - parts[1].count)) else { return nil }
        return Timestamp(seconds: whole, nanoseconds: whole < 0 ? -Int64(fraction) : Int64(fraction))
    }
}
