internal import Linux

/// One file of a log, open. It is the file that is meant, not its name: rotation only changes the name.
///
/// A class because arrays cannot hold descriptors.
final class LogSegment: Sendable {
    let file: FileDescriptor
    let inode: UInt64

    private init(file: consuming FileDescriptor, inode: UInt64) {
        self.file = file
        self.inode = inode
    }

    /// Opens one file; nil when there is none.
    private static func open(_ path: String) throws(SyscallError) -> LogSegment? {
        do throws(SyscallError) {
            let file = try FileDescriptor.open(path, [.noFollow, .nonBlocking])
            let status = try file.status()
            guard status.kind == .regular else { throw SyscallError("open", path, errno: .invalid) }
            return LogSegment(file: file, inode: status.inode)
        } catch  where error.errno == .noEntry { return nil }
    }

    /// All files of the log at `path`, the oldest first, as they stand between two rotations.
    static func all(of path: String) throws(SyscallError) -> [LogSegment] {
        for _ in 0..<100 {
            // From the newest on: a file that is renamed meanwhile is then met twice, never missed.
            var segments: [LogSegment] = []
            let current = try open(path)
            if let current { segments.append(current) }
            var missing = 0
            for number in 1...LogWriter.maxFilesLimit {
                // A writer that died while it rotated leaves a gap of one.
                guard let segment = try open("\(path).\(number)") else {
                    missing += 1
                    if missing == 2 { break }
                    continue
                }
                if !segments.contains(where: { $0.inode == segment.inode }) { segments.append(segment) }
            }
            let now = try FileSystem.status(path)?.inode
            if now == current?.inode { return segments.reversed() }
        }
        // More than a hundred rotations while a directory was read: nothing that a log of a sensible size does.
        throw SyscallError("open", path, errno: .busy)
    }

    /// Where the last `count` records begin: the segment's index and the offset in it. Reads backwards, no more than needed.
    static func tail(_ count: Int, of segments: [LogSegment]) throws(SyscallError) -> (index: Int, offset: Int64) {
        var left = count
        for index in segments.indices.reversed() {
            let file = segments[index]
            // Newlines end records; what stands after the last of them is being written just now.
            var position = try file.file.status().size
            while position > 0 {
                let start = max(0, position - Int64(LogReader.chunkSize))
                let chunk = try file.file.read(upTo: Int(position - start), at: start)
                var rest = chunk[...]
                while let newline = rest.lastIndex(of: UInt8(ascii: "\n")) {
                    if left <= 0 { return (index, start + Int64(newline) + 1) }
                    left -= 1
                    rest = rest[..<newline]
                }
                position = start
            }
            if left <= 0 { return (index, 0) }
        }
        return (0, 0)
    }
}
