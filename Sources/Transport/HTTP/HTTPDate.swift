package import Values

/// RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    package static func text(_ time: Timestamp) -> String {
        let seconds = time.seconds
        let day = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400)
        let second = seconds - day * 86400
        let date = CivilDate(daysSinceEpoch: day)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((day % 7) + 7) % 7)]
        let month = months[Int(date.month - 1)]
        return "\(weekday), \(two(date.day)) \(month) \(date.year) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) GMT"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The moment that a text means; nil for the older forms too, which nobody sends any more.
    package static func time(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2]) else { return nil }
        return Timestamp("\(words[3])-\(two(Int64(month + 1)))-\(words[1])T\(words[4])Z")
    }
}
