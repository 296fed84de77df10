package import Linux
internal import Synchronization

/// What tells a follower that it is worth reading on.
package final class LogChanges: Sendable {
    /// Readable after something was written. It is read by `LogReader.next` alone.
    package let file: FileDescriptor

    fileprivate init(watching path: String) throws(SyscallError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        do throws(SyscallError) {
            // The directory rather than the file: so nothing has to be watched anew when the file is rotated.
            let file = try FileDescriptor.inotify()
            try file.watch(directory, [.modified, .created, .movedIn])
            self.file = file
        } catch  where error.errno == .processFileLimit || error.errno == .systemFileLimit || error.errno == .noSpace {
            // The user's inotify instances or watches are used up, which must not end `logs --follow`.
            file = try FileDescriptor.interval(milliseconds: LogChanges.fallbackMilliseconds)
        }
    }

    /// How often a follower looks when the kernel has no watch left for it.
    static let fallbackMilliseconds = 200
}

/// Reads a container's log while, or after, it is written, across the files that rotation made.
///
///     while true {
///         let entries = try reader.next()
///         if !entries.isEmpty { … } else if let changes = reader.changes, !reader.isFinished { wait until changes.file is readable } else { break }
///     }
///
/// Several threads may share one; each record goes to one of them. A line that is no record (torn by a crash, or edited by
/// somebody) is passed over and counted.
package final class LogReader: Sendable {
    /// How much of a file is read at once.
    static let chunkSize = 64 * 1024
    /// The longest line that can be a record: a piece of 16 KiB has at most 6 times that when every byte is escaped.
    static let lineLimit = 1 << 20

    /// Nil unless the reader follows.
    package let changes: LogChanges?
    private let cursor: Mutex<LogCursor>

    /// Reads the log at `path`. No such file is an empty log, its directory must be there when following.
    package init(path: String, options: LogReadOptions) throws(SyscallError) {
        // Before anything is read, so that nothing is written unnoticed in between.
        changes = options.follow ? try LogChanges(watching: path) : nil
        cursor = Mutex(try LogCursor(path: path, options: options))
    }

    /// The next records, the oldest first; empty when there are no more, or none yet.
    package func next() throws(SyscallError) -> [LogEntry] {
        // First the events, then the file: what is written after this line makes the descriptor readable again.
        if let changes { try changes.file.drainEvents() }
        return try cursor.withLock { cursor throws(SyscallError) in try cursor.next() }
    }

    /// A record after `until` was met: nothing more will come even when following.
    package var isFinished: Bool { cursor.withLock { $0.isFinished } }

    /// Lines passed over because they were no records.
    package var malformedLines: Int { cursor.withLock { $0.malformedLines } }
}
