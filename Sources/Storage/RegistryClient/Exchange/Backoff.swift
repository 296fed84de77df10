/// How long to wait before asking again: longer each time, and by chance, so that many clients do not come back all at once.
enum Backoff {
    static let first = Duration.milliseconds(200)
    static let longest = Duration.seconds(10)
    /// What a server may ask for; with more than this the user is told instead.
    static let patience = 60

    /// Statuses that say "not now".
    static func isTransient(_ status: Int) -> Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }

    static func pause(before attempt: Int) -> Duration {
        let full = min(longest, first * (1 << min(attempt, 10)))
        return full / 2 + full / 2 * Double.random(in: 0...1)
    }

    /// `asked`: the server's own word, in seconds. Nil when that is too long to wait.
    static func pause(before attempt: Int, asked: Int?) -> Duration? {
        guard let asked else { return pause(before: attempt) }
        return asked > patience ? nil : .seconds(asked) + .milliseconds(Int.random(in: 0...500))
    }
}
