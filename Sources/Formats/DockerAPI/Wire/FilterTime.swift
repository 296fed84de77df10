package import Values

extension Timestamp {
    /// A moment as filters such as `until` give it: RFC 3339, a day or time without zone (taken as UTC), seconds since 1970 with an
    /// optional fraction, or how long before `now` in Go's notation (`10m`, `1h30m`). Nil for anything else.
    package init?(filter text: String, now: Timestamp) {
        if let nanoseconds = Self.goDuration(text) {
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

    /// Go's `time.ParseDuration`, in nanoseconds.
    private static func goDuration(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        var rest = text[...]
        let negative = rest.first == "-"
        if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let word = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(word.count)
            guard let value = Double(number), let unit = units.first(where: { $0.0 == word }) else { return nil }
            total += value * unit.1
        }
        guard total < 9.2e18 else { return nil }
        return Int64(negative ? -total : total)
    }
}
