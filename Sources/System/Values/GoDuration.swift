/// Lengths of time as Go prints them, which Docker's texts show: `1h2m0.5s`, `30s`, `1.5ms`.
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
}
