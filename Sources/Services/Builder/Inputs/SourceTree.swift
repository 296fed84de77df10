internal import Archive
internal import Dockerfile
internal import Linux
internal import OCI

/// A directory that files are copied from: the context, or what a stage or image has in it. Links lead where they lead in it, and nowhere else.
struct SourceTree: Sendable {
    /// Files and directories at most.
    private static let limit = 1 << 22

    let root: OpenFile
    /// What of it is not there for a build.
    var ignored = IgnorePatterns.none

    /// One file or directory of what a `COPY` takes, with its path from there.
    struct Entry {
        var path: PathBytes
        var status: FileStatus
    }

    /// What one source of a `COPY` came to.
    struct Source {
        /// Without slashes at either end; empty for the root.
        var path: String
        var isDirectory: Bool
        /// A directory's contents, or the one file, each directory before what is in it.
        var entries: [Entry]
        /// What the entries' paths are in.
        var directory: OpenFile

        var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
    }

    /// The sources that a path or pattern means, in order of name; empty when there is none.
    func find(_ text: String, excluding excludes: IgnorePatterns) throws -> [Source] {
        let path = Self.clean(text)
        if !Glob.isPattern(path) { return try source(path, excludes).map { [$0] } ?? [] }
        guard let glob = Glob(path: path) else { throw DockerfileError("syntax error in pattern") }
        let depth = path.contains("**") ? Int.max : path.split(separator: "/").count
        var found: [String] = []
        try match(glob, in: root.descriptor.open(".", [.directory]), below: "", depth: depth, &found)
        return try found.compactMap { try source($0, excludes) }
    }

    /// Without empty parts, `.` and `..`, which lead nowhere from the root.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    private func match(_ glob: Glob, in directory: borrowing FileDescriptor, below prefix: String, depth: Int, _ found: inout [String]) throws {
        guard depth > 0, prefix.utf8.count < 4096 else { return }
        for name in try directory.sortedNames() {
            let path = prefix.isEmpty ? name.description : "\(prefix)/\(name)"
            let isIgnored = ignored.matches(path)
            if isIgnored, !ignored.hasExceptions { continue }
            if !isIgnored, glob.matches(path) {
                found.append(path)
            } else if let status = try directory.statusIfAny(of: name), status.isDirectory {
                try match(glob, in: directory.open(name, [.directory, .noFollow]), below: path, depth: depth - 1, &found)
            }
        }
    }

    private func source(_ path: String, _ excludes: IgnorePatterns) throws -> Source? {
        if !path.isEmpty, ignored.matches(path), !ignored.hasExceptions { return nil }
        guard let file = try Self.open(path, in: root.descriptor) else { return nil }
        let status = try file.descriptor.status()
        if status.isDirectory {
            let directory = OpenFile(try file.descriptor.open(".", [.directory]))
            var entries: [Entry] = []
            try collect(directory.descriptor.open(".", [.directory]), [], path, excludes, &entries)
            if !path.isEmpty, entries.isEmpty, ignored.matches(path) { return nil }
            return Source(path: path, isDirectory: true, entries: entries, directory: directory)
        }
        if ignored.matches(path) { return nil }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        if excludes.matches(name) { return Source(path: path, isDirectory: false, entries: [], directory: root) }
        // The file that a link leads to, under the link's name.
        let real = try file.descriptor.currentPath()
        guard let slash = real.lastIndex(of: "/"), let base = PathBytes(Array(real[real.index(after: slash)...].utf8)) else { return nil }
        let parent = try FileDescriptor.open(String(real[..<slash]) + "/", [.path, .directory])
        guard let there = try parent.statusIfAny(of: base), there.inode == status.inode, there.device == status.device else { return nil }
        return Source(path: path, isDirectory: false, entries: [Entry(path: base, status: status)], directory: OpenFile(parent))
    }

    private static func open(_ path: String, in root: borrowing FileDescriptor) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) {
            return OpenFile(try root.open("/" + path, [.path], resolve: [.inRoot, .noMagicLinks]))
        } catch  where [.noEntry, .notDirectory, .symbolicLinkLoop].contains(error.errno) { return nil }
    }

    /// `inside`: the path from the source on; `path`: the one from the root.
    private func collect(
        _ directory: borrowing FileDescriptor, _ inside: [UInt8], _ path: String, _ excludes: IgnorePatterns, _ entries: inout [Entry]
    ) throws {
        for name in try directory.sortedNames() {
            guard let status = try directory.statusIfAny(of: name), let place = PathBytes(inside + name.bytes) else { continue }
            let whole = path.isEmpty ? name.description : "\(path)/\(name)"
            let isLeftOut = ignored.matches(whole) || excludes.matches(place.description)
            let mayHaveMore = status.isDirectory && (ignored.hasExceptions || excludes.hasExceptions)
            if isLeftOut, !mayHaveMore { continue }
            guard entries.count < Self.limit, place.count < 4096 else { throw SyscallError("copy", whole, errno: .tooMany) }
            let before = entries.count
            entries.append(Entry(path: place, status: status))
            if status.isDirectory { try collect(directory.open(name, [.directory, .noFollow]), place.bytes + [UInt8(ascii: "/")], whole, excludes, &entries) }
            // Only there for what is in it.
            if isLeftOut, entries.count == before + 1 { entries.removeLast() }
        }
    }
}

extension SourceTree.Source {
    /// What is copied, but for times: names, kinds, modes and contents, with owners where they are kept.
    func digest(keepsOwner: Bool) throws -> Digest {
        let hasher = ContentHasher(), blocks = BlockReader()
        func add(_ text: String) { hasher.update(Array("\(text.utf8.count):\(text)".utf8)) }
        add(isDirectory ? "directory" : name)
        for entry in entries {
            if isDirectory { hasher.update(Array("\(entry.path.count):".utf8) + entry.path.bytes) }
            let status = entry.status
            add("\(status.mode) \(keepsOwner ? "\(status.user):\(status.group)" : "") \(status.isDirectory ? 0 : status.size)")
            switch status.kind {
            case .regular:
                let file = try directory.descriptor.open(entry.path, [.readOnly, .noFollow, .nonBlocking], resolve: [.inRoot, .noSymbolicLinks])
                let source = HashingSource(FileBytes(file))
                try blocks.drain(source)
                add("\(source.digest())")
            case .symbolicLink:
                let parent = try parent(of: entry)
                hasher.update(try parent.directory.descriptor.readLink(parent.name))
            case .characterDevice, .blockDevice: add("\(status.deviceNumber)")
            default: break
            }
        }
        return hasher.finish()
    }

    /// The directory that an entry is in, and its name there.
    func parent(of entry: SourceTree.Entry) throws(SyscallError) -> (directory: OpenFile, name: PathBytes) {
        let bytes = entry.path.bytes
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), let path = PathBytes(bytes[..<slash]), let name = PathBytes(bytes[(slash + 1)...]) else {
            return (directory, entry.path)
        }
        return (OpenFile(try directory.descriptor.open(path, [.path, .directory], resolve: [.inRoot, .noSymbolicLinks])), name)
    }
}

/// A file's bytes from where it stands.
final class FileBytes: ByteSource {
    private let file: FileDescriptor

    init(_ file: consuming FileDescriptor) { self.file = file }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try unsafe file.read(into: buffer) }
}
