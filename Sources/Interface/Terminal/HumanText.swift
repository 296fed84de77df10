package import Values

/// Sizes and times as Docker shows them to people.
package enum HumanText {
    /// Decimal units, `precision` significant digits: `1.24MB`, `0B`.
    package static func size(_ bytes: Int, precision: Int = 3) -> String {
        scaled(Double(bytes), 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"], precision)
    }

    /// Binary units, four significant digits: `1.5MiB`.
    package static func binarySize(_ bytes: Int) -> String {
        scaled(Double(bytes), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], 4)
    }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String], _ precision: Int) -> String {
        var value = value, unit = 0
        while abs(value) >= base, unit < units.count - 1 {
            value /= base
            unit += 1
        }
        return significant(value, precision) + units[unit]
    }

    /// `%.Ng` without exponents.
    private static func significant(_ value: Double, _ digits: Int) -> String {
        var whole = 1
        var limit = 10.0
        while abs(value) >= limit {
            whole += 1
            limit *= 10
        }
        // Leading zeros after the point are not significant.
        var places = digits - whole
        if value != 0, abs(value) < 1 {
            var small = abs(value)
            while small < 1, places < 12 {
                small *= 10
                places += 1
            }
            places -= 1
            places = max(places, digits)
        }
        guard places > 0 else { return String(Int(value.rounded(.toNearestOrEven))) }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let number = Int((abs(value) * scale).rounded(.toNearestOrEven))
        let fraction = String(number % Int(scale))
        var text = "\(number / Int(scale)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return (value < 0 ? "-" : "") + text
    }

    /// `5 minutes ago`.
    package static func age(of time: Timestamp, now: Timestamp) -> String { (now - time).inWords + " ago" }

    /// At most `length` characters, the last an ellipsis where something was cut.
    package static func ellipsis(_ text: String, _ length: Int) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > length, length > 0 else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(length - 1))) + "…"
    }
}
