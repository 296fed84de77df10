/// Lengths of time as Go prints and reads them, which Docker's texts show: `1h2m0.5s`, `30s`, `1.5ms`.
package enum GoDuration {
    package static func text(nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let size = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        for (unit, name) in [(UInt64(1), "ns"), (1000, "µs"), (1_000_000, "ms")] where size < unit * 1000 {
            return sign + decimal(size, unit) + name
        }
        let minutes = size / 60_000_000_000
        var text = sign
        if minutes >= 60 { text += "\(minutes / 60)h" }
        if minutes > 0 { text += "\(minutes % 60)m" }
        return text + decimal(size % 60_000_000_000, 1_000_000_000) + "s"
    }

    /// Without zeros at the end.
    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        var fraction = String(unit + value % unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(value / unit)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// Go's `time.ParseDuration`, in nanoseconds; nil for what is none.
    package static func nanoseconds(_ text: String) -> Int64? {
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
