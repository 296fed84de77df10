internal import Diagnostics
internal import Linux
internal import Synchronization
internal import Values

/// Makes files in a directory as a peer tells of them, which is not trusted: paths lead nowhere else, and through no links.
final class TreeWriter: Sendable {
    /// Entries at most.
    static let limit = 1 << 22

    enum Step: Sendable {
        case directory(PathBytes, FileEntry)
        case link(PathBytes, FileEntry)
        /// Another name of a file that has been told of.
        case name(PathBytes, of: PathBytes)
        case file(PathBytes, FileEntry, id: Int)
        case data(Int, [UInt8])
        case end(Int)
        /// A device, pipe or socket: contexts have none.
        case nothing
        /// Nothing more comes.
        case done

        /// Throws for what cannot be in a directory.
        init(_ entry: FileEntry, id: Int) throws {
            let path = try Self.path(entry.path)
            switch GoFileMode(entry.mode).kind {
            case .directory: self = .directory(path, entry)
            case .symbolicLink: self = .link(path, entry)
            case .regular where !entry.link.isEmpty: self = .name(path, of: try Self.path(entry.link))
            case .regular: self = .file(path, entry, id: id)
            default: self = .nothing
            }
        }

        private static func path(_ text: String) throws -> PathBytes {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let path = PathBytes(Array(text.utf8)), path.count < 4096, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
                throw Fault(.invalid, "the client sent a path that leads elsewhere: \(text.prefix(256))")
            }
            return path
        }
    }

    private struct Open {
        var file: OpenFile
        var entry: FileEntry
    }

    private let root: OpenFile
    private let state = Mutex<(open: [Int: Open], directories: [(PathBytes, FileEntry)])>(([:], []))

    init(_ root: OpenFile) { self.root = root }

    func perform(_ steps: [Step]) throws { for step in steps { try perform(step) } }

    private func perform(_ step: Step) throws {
        switch step {
        case .nothing: break
        case .directory(let path, let entry):
            let (parent, name) = try place(path)
            try parent.descriptor.makeDirectory(name)
            state.withLock { $0.directories.append((path, entry)) }
        case .link(let path, let entry):
            let (parent, name) = try place(path)
            guard let target = PathBytes(Array(entry.link.utf8)) else { throw Fault(.invalid, "the client sent a link to nowhere") }
            try parent.descriptor.makeSymbolicLink(name, to: target)
            try parent.descriptor.setTimes(of: name, entry.time)
        case .name(let path, let other):
            let (parent, name) = try place(path), (directory, file) = try place(other)
            try parent.descriptor.makeHardLink(name, to: file, in: directory.descriptor)
        case .file(let path, let entry, let id):
            let (parent, name) = try place(path)
            let file = OpenFile(try parent.descriptor.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600))
            state.withLock { $0.open[id] = Open(file: file, entry: entry) }
        case .data(let id, let bytes):
            guard let open = state.withLock({ $0.open[id] }) else { throw Fault(.invalid, "the client sent a file that it did not tell of") }
            try open.file.descriptor.writeAll(bytes)
        case .end(let id):
            guard let open = state.withLock({ $0.open.removeValue(forKey: id) }) else { throw Fault(.invalid, "the client sent a file that it did not tell of") }
            try open.file.descriptor.changeMode(to: GoFileMode(open.entry.mode).permissions)
            try open.file.descriptor.setTimes(open.entry.time)
        case .done:
            // The innermost first: what is made in a directory changes its time.
            for (path, entry) in state.withLock({ $0.directories }).reversed() {
                let directory = try root.descriptor.open(path, [.directory, .noFollow], resolve: [.beneath, .noSymbolicLinks])
                try directory.changeMode(to: GoFileMode(entry.mode).permissions)
                try directory.setTimes(entry.time)
            }
        }
    }

    /// The directory that a path is in, and its name there.
    private func place(_ path: PathBytes) throws -> (OpenFile, PathBytes) {
        guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")), let parent = PathBytes(path.bytes[..<slash]), let name = PathBytes(path.bytes[(slash + 1)...]) else {
            return (root, path)
        }
        return (OpenFile(try root.descriptor.open(parent, [.path, .directory], resolve: [.beneath, .noSymbolicLinks])), name)
    }
}

extension FileEntry {
    /// When it was changed, as far as a file system can have it.
    fileprivate var time: Timestamp { Timestamp(nanoseconds: Int64(max(-1 << 61, min(modified, 1 << 61)))) }
}
