/// A moment, in nanoseconds since 1970-01-01T00:00:00Z. Written and read as RFC 3339, as Docker's and OCI's formats want it.
package struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// What does not fit is brought to the nearest moment that does: 1677 or 2262.
    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        let limit: Int64 = 9_223_372_035
        self.nanoseconds = max(-limit, min(seconds, limit)) * 1_000_000_000 + max(-999_999_999, min(nanoseconds, 999_999_999))
    }

    /// Docker's zero time, `0001-01-01T00:00:00Z`: "never". It lies outside the range of nanoseconds, so it is a value apart.
    package static let never = Timestamp(nanoseconds: .min)

    /// Whole seconds, rounded down; of `never`, those of the year 1.
    package var seconds: Int64 {
        if self == .never { return -62_135_596_800 }
        let whole = nanoseconds / 1_000_000_000
        return nanoseconds % 1_000_000_000 < 0 ? whole - 1 : whole
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }
    package static func - (a: Timestamp, b: Timestamp) -> Duration { .nanoseconds(a.nanoseconds) - .nanoseconds(b.nanoseconds) }
    /// The nearest moment that fits, when the sum does not; never `never`.
    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        let (seconds, attoseconds) = b.components
        let limit: Int64 = 9_223_372_035_000_000_000
        let (whole, isFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOver) = a.nanoseconds.addingReportingOverflow(whole)
        if isFar || isOver { return Timestamp(nanoseconds: seconds < 0 ? -limit : limit) }
        return Timestamp(nanoseconds: max(-limit, min(sum, limit)) + attoseconds / 1_000_000_000)
    }

    /// RFC 3339 in UTC with the fraction trimmed of trailing zeros, as Go's `RFC3339Nano` prints it.
    package var description: String { text(trimmingFraction: true) }

    /// RFC 3339 in UTC with nine fraction digits always, as `docker logs --timestamps` prints it.
    package var paddedDescription: String { text(trimmingFraction: false) }

    private func text(trimmingFraction: Bool) -> String {
        if self == .never { return "0001-01-01T00:00:00Z" }
        let day = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400)
        let second = seconds - day * 86400
        let date = CivilDate(daysSinceEpoch: day)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        text += "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        let nanosecond = nanoseconds - seconds * 1_000_000_000
        if nanosecond > 0 || !trimmingFraction {
            var fraction = Substring(padded(nanosecond, 9))
            if trimmingFraction { while fraction.last == "0" { fraction.removeLast() } }
            text += ".\(fraction)"
        }
        return text + "Z"
    }

    /// Reads RFC 3339 with any zone offset and fraction; nil when the text is not that.
    package init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int64? {
            guard rest.count >= digits else { return nil }
            var value: Int64 = 0
            for byte in rest.prefix(digits) {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            rest = rest.dropFirst(digits)
            return value
        }
        func skip(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(".") {
            var digits = 0
            while let byte = rest.first, byte >= 48, byte <= 57 {
                if digits < 9 { fraction = fraction * 10 + Int64(byte - 48) }
                digits += 1
                rest = rest.dropFirst()
            }
            guard digits > 0 else { return nil }
            for _ in min(digits, 9)..<9 { fraction *= 10 }
        }
        var offset: Int64 = 0
        if !skip("Zz") {
            let negative = rest.first == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
            offset = (hours * 60 + minutes) * (negative ? -60 : 60)
        }
        guard rest.isEmpty else { return nil }
        if year == 1, month == 1, day == 1 { self = .never; return }
        let seconds = CivilDate(year: year, month: month, day: day).daysSinceEpoch * 86400 + hour * 3600 + minute * 60 + second - offset
        // Only the years 1678 to 2261 fit; anything else is not a time that any of our formats carries.
        guard (1678...2261).contains(year) else { return nil }
        self.init(seconds: seconds, nanoseconds: fraction)
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time: \(text)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A day of the proleptic Gregorian calendar; the conversions are Howard Hinnant's `days_from_civil` and back.
package struct CivilDate: Sendable, Hashable {
    package var year: Int64, month: Int64, day: Int64

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    package init(daysSinceEpoch days: Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package var daysSinceEpoch: Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
