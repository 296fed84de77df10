package import DockerAPI
import JSON
package import Linux
import Synchronization
package import Values

/// Reads a journal from a moment on, and goes on with what comes. For one task at a time.
package final class EventReader: Sendable {
    private struct State: Sendable {
        /// Still to be read, the oldest first.
        var files: [OpenFile] = []
        var offset: Int64 = 0
        /// The beginning of a line whose end has not been read yet.
        var partial: [UInt8] = []
    }

    /// Readable when there may be more.
    package let changes: OpenFile
    private let journal: EventJournal
    private let since: Timestamp?
    private let state = Mutex(State())

    /// Without `since` it begins with what comes from now on.
    package init(_ journal: EventJournal, since: Timestamp?) throws {
        self.journal = journal
        self.since = since
        try FileSystem.makeDirectories(journal.directory, mode: 0o700)
        changes = OpenFile(try FileDescriptor.inotify())
        // First the watch, then the look: nothing falls in between.
        try changes.descriptor.watch(journal.directory, [.modified, .created, .movedIn])
        var begin = State()
        for path in since == nil ? [journal.path] : [journal.older, journal.path] {
            if let file = try Self.open(path) { begin.files.append(file) }
        }
        if since == nil, let file = begin.files.last { begin.offset = try file.descriptor.status().size }
        state.withLock { $0 = begin }
    }

    private static func open(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) { return OpenFile(try FileDescriptor.open(path)) } catch  where error.errno == .noEntry { return nil }
    }

    /// What there is that was not read yet; empty when that is nothing for now.
    package func next() throws -> [EventMessage] {
        // What happens from here on makes it readable again.
        try changes.descriptor.drainEvents()
        return try state.withLock { state in
            var events: [EventMessage] = []
            while true {
                guard let file = state.files.first else {
                    guard let first = try Self.open(journal.path) else { return events }
                    state.files = [first]
                    continue
                }
                let bytes = try file.descriptor.read(upTo: 256 << 10, at: state.offset)
                state.offset += Int64(bytes.count)
                take(bytes, &state.partial, &events)
                if !bytes.isEmpty {
                    if events.count >= 4096 { return events }
                    continue
                }
                // The end of one that has become the older one is the end of it.
                if state.files.count == 1 {
                    guard let current = try Self.open(journal.path), try current.descriptor.status().inode != file.descriptor.status().inode else { return events }
                    state.files.append(current)
                }
                state.files.removeFirst()
                state.offset = 0
                state.partial = []
            }
        }
    }

    private func take(_ bytes: [UInt8], _ partial: inout [UInt8], _ events: inout [EventMessage]) {
        partial += bytes
        var lines = partial.split(separator: 10, omittingEmptySubsequences: false)
        let rest = lines.removeLast()
        for line in lines {
            // A line that is none was cut off by a full disk.
            guard let event = try? JSON.decode(EventMessage.self, from: Array(line)) else { continue }
            if let since, event.timeNano < since.nanoseconds { continue }
            events.append(event)
        }
        partial = Array(rest)
    }
}
