internal import ComposeFile
internal import Linux
internal import Values

/// The files at and below some paths as they were when somebody last looked, and what tells that it is worth looking again. What the kernel
/// says is only that: which files changed is seen by comparing, so that nothing is missed in directories that are new.
struct WatchedFiles {
    /// Files at most.
    private static let limit = 1 << 20
    /// How often to look when the kernel has no watch left.
    private static let fallbackMilliseconds = 1000

    /// Readable when something may have changed.
    private(set) var changes: OpenFile
    private var hasWatches = true
    private let roots: [String]
    private let isIgnored: (String) -> Bool
    private var known: [String: Mark] = [:]

    /// What is looked at of a file. A directory is not another one for having other files in it.
    private struct Mark: Hashable {
        var mode: UInt32, inode: UInt64 = 0, size: Int64 = 0, changed: Timestamp?

        init(_ status: FileStatus) {
            mode = status.mode
            guard !status.isDirectory else { return }
            (inode, size, changed) = (status.inode, status.size, status.modified)
        }
    }

    /// `isIgnored`: nothing at or below a path is of interest.
    init(_ roots: [String], isIgnored: @escaping (String) -> Bool) throws {
        self.roots = roots
        self.isIgnored = isIgnored
        changes = OpenFile(try FileDescriptor.inotify())
        _ = try look()
    }

    /// All files there are.
    var paths: [String] { known.keys.sorted() }

    /// What has changed since the last look, was made or is gone.
    mutating func look() throws -> [String] {
        try changes.descriptor.drainEvents()
        var found: [String: Mark] = [:]
        for root in roots {
            // What is not there yet appears in a directory that is.
            var above = FilePath.parent(root)
            while !FileSystem.exists(above), above != "/" { above = FilePath.parent(above) }
            try follow(above)
            try collect(root, &found)
        }
        defer { known = found }
        return Set(found.keys).union(known.keys).filter { found[$0] != known[$0] }.sorted()
    }

    private mutating func collect(_ path: String, _ found: inout [String: Mark]) throws {
        guard !isIgnored(path), let status = try FileSystem.status(path, followingLink: false) else { return }
        guard found.count < Self.limit else { throw Exit(1, "more than \(Self.limit) files to watch below \(roots.joined(separator: ", "))") }
        found[path] = Mark(status)
        guard status.isDirectory else { return }
        do {
            // First, so that what comes while it is read is told.
            try follow(path)
            for name in try FileDescriptor.open(path, [.directory]).entries() { try collect("\(path)/\(name)", &found) }
        } catch let error as SyscallError where [.noEntry, .notDirectory, .access].contains(error.errno) {
            // It went meanwhile, or is not the user's.
        }
    }

    private mutating func follow(_ directory: String) throws(SyscallError) {
        guard hasWatches else { return }
        do throws(SyscallError) {
            try changes.descriptor.watch(directory, [.modified, .created, .movedIn, .movedOut, .removed, .selfRemoved])
        } catch  where error.errno == .noSpace {
            hasWatches = false
            changes = OpenFile(try FileDescriptor.interval(milliseconds: Self.fallbackMilliseconds))
        }
    }
}
