internal import Linux
internal import Values

/// A place in a log, and how to get on from it.
struct LogCursor: Sendable {
    private let path: String
    private let options: LogReadOptions
    /// What is still to be read, the oldest first.
    private var segments: [LogSegment]
    private var offset: Int64 = 0
    /// Where the last segment ends for a reader that does not follow: what is written meanwhile is not its business.
    private var end: Int64 = .max
    /// The beginning of a line whose end has not been read yet.
    private var line: [UInt8] = []
    /// The line is too long to be a record: everything up to its end is passed over.
    private var isOverlong = false
    private(set) var isFinished = false
    private(set) var malformedLines = 0

    init(path: String, options: LogReadOptions) throws(SyscallError) {
        self.path = path
        self.options = options
        segments = try LogSegment.all(of: path)
        if let tail = options.tail {
            let start = try LogSegment.tail(tail, of: segments)
            segments.removeFirst(start.index)
            offset = start.offset
        }
        if let since = options.since { try skipOlder(than: since) }
        if !options.follow, let last = segments.last { end = try last.file.status().size }
    }

    /// Leaves out files last written to before `since`; the kernel's file times lag by some milliseconds, so not to the second.
    private mutating func skipOlder(than since: Timestamp) throws(SyscallError) {
        let second: Int64 = 1_000_000_000
        let limit = max(since.nanoseconds, .min + second) - second
        while segments.count > 1, try segments[0].file.status().modified.nanoseconds < limit {
            segments.removeFirst()
            offset = 0
        }
    }

    mutating func next() throws(SyscallError) -> [LogEntry] {
        while !isFinished {
            guard let segment = segments.first else {
                guard options.follow, try findNewer(than: nil) else { return [] }
                continue
            }
            let limit = segments.count == 1 ? min(Int64(LogReader.chunkSize), end - offset) : Int64(LogReader.chunkSize)
            let chunk = limit > 0 ? try segment.file.read(upTo: Int(limit), at: offset) : []
            if chunk.isEmpty {
                if segments.count > 1 {
                    segments.removeFirst()
                    beginFile()
                    continue
                }
                guard options.follow, try isChanged(segment) else { return [] }
                continue
            }
            offset += Int64(chunk.count)
            let entries = split(chunk)
            if !entries.isEmpty { return entries }
        }
        return []
    }

    /// At the end of the last file: is there more after all?
    private mutating func isChanged(_ segment: LogSegment) throws(SyscallError) -> Bool {
        if try segment.file.status().size < offset {
            // Somebody emptied it by hand; what it holds now is new.
            beginFile()
            return true
        }
        let current = try FileSystem.status(path)
        guard let current, current.inode != segment.inode else { return false }
        // Rotated. The writer has left this file for good, but may have written to it since it was read to its end: with a
        // newer one behind it, it is read once more and then left.
        return try findNewer(than: segment)
    }

    /// Adds the files that came after `segment`, or all when it is gone; false when there are none.
    private mutating func findNewer(than segment: LogSegment?) throws(SyscallError) -> Bool {
        let all = try LogSegment.all(of: path)
        let index = segment.flatMap { segment in all.lastIndex { $0.inode == segment.inode } }
        let newer = all.dropFirst(index.map { $0 + 1 } ?? 0)
        segments += newer
        return !newer.isEmpty
    }

    private mutating func beginFile() {
        if !line.isEmpty || isOverlong { malformedLines += 1 }
        line = []
        isOverlong = false
        offset = 0
    }

    /// Takes the lines out of what was read, and keeps the beginning of the last.
    private mutating func split(_ chunk: [UInt8]) -> [LogEntry] {
        var entries: [LogEntry] = []
        var rest = chunk[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let text = line.isEmpty ? rest[..<newline] : (line + rest[..<newline])[...]
            rest = rest[(newline + 1)...]
            line = []
            if isOverlong {
                isOverlong = false
                malformedLines += 1
                continue
            }
            // The writer begins anew with an empty line after a torn one.
            if text.isEmpty { continue }
            guard let entry = RecordDecoder.decode(text) else {
                malformedLines += 1
                continue
            }
            if let until = options.until, entry.time > until {
                isFinished = true
                return entries
            }
            if options.wants(entry) { entries.append(entry) }
        }
        if !isOverlong { line += rest }
        if line.count > LogReader.lineLimit {
            line = []
            isOverlong = true
        }
        return entries
    }
}
