package import Values

/// Which records of a log are wanted.
package struct LogReadOptions: Sendable, Hashable {
    package var stdout: Bool
    package var stderr: Bool
    /// Nothing from before this moment.
    package var since: Timestamp?
    /// Nothing from after this moment, and nothing of what follows it.
    package var until: Timestamp?
    /// Only the last so many records, counted before any of the other choices are made, as Docker does; nil for all.
    package var tail: Int?
    /// Goes on with what is written later.
    package var follow: Bool

    package init(
        stdout: Bool = true, stderr: Bool = true, since: Timestamp? = nil, until: Timestamp? = nil, tail: Int? = nil, follow: Bool = false
    ) {
        self.stdout = stdout
        self.stderr = stderr
        self.since = since
        self.until = until
        self.tail = tail
        self.follow = follow
    }

    func wants(_ entry: LogEntry) -> Bool {
        switch entry.stream {
        case .stdout where !stdout: false
        case .stderr where !stderr: false
        default: since.map { entry.time >= $0 } ?? true
        }
    }
}
