internal import Archive
internal import Arguments
internal import Content
internal import DockerAPI
internal import Dockerfile
internal import HTTPTransport
internal import Layers
internal import Linux

/// Where a build's files come from, as `build`'s argument and `--file` say.
struct BuildSource {
    /// A repository or address that the engine fetches.
    private(set) var remote: String?
    /// The context's absolute path; nil when there is no directory.
    private(set) var directory: String?
    /// Where the Dockerfile is in the context.
    private(set) var dockerfile = ""
    private(set) var inputs = BuildInputs()
    /// Standard input is the archive of a context.
    private(set) var archive: OpenFile?
    /// As progress names it.
    private(set) var name = "Dockerfile"
    /// Bytes of a Dockerfile that was read here.
    var dockerfileSize: Int? { inputs.dockerfile?.utf8.count }

    init(_ session: Session) throws {
        let place = session.arguments[0], file = session.flags.string("file")
        if !file.isEmpty { name = file }
        if place == "-" {
            if file == "-" { throw Exit(1, "ERROR: invalid argument: can't use stdin for both build context and dockerfile") }
            let given = try Self.standardInput()
            if Self.isArchive(given) {
                archive = given
                dockerfile = file
            } else {
                inputs.dockerfile = try Self.text(of: given)
            }
            return
        }
        if file == "-" { inputs.dockerfile = try Self.text(of: Self.standardInput()) }
        if Self.isRemote(place) {
            remote = place
            dockerfile = file == "-" ? "" : file
            return
        }
        guard let path = Self.absolute(place) else { throw Exit(1, "ERROR: unable to prepare context: path \(Syntax.quoted(place)) not found") }
        guard try FileSystem.status(path)?.isDirectory == true else { throw Exit(1, "ERROR: unable to prepare context: context must be a directory: \(place)") }
        directory = path
        if file.isEmpty || file == "-" { return }
        guard let found = Self.absolute(file) else {
            throw Exit(1, "ERROR: failed to build: failed to solve: failed to read dockerfile: open \(file): no such file or directory")
        }
        if found.hasPrefix(path == "/" ? path : path + "/") {
            dockerfile = String(found.dropFirst(path == "/" ? 1 : path.utf8.count + 1))
        } else {
            inputs.dockerfile = String(decoding: try FileSystem.read(found, limit: Dockerfile.sizeLimit), as: UTF8.self)
            inputs.ignore = try FileSystem.readIfPresent("\(found).dockerignore", limit: Dockerfile.sizeLimit).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// All of standard input, in a file without a name.
    private static func standardInput() throws -> OpenFile {
        let input = try FileDescriptor.standard(0), file = OpenFile(try unnamed())
        while true {
            let bytes = try input.read(upTo: 256 << 10)
            if bytes.isEmpty { return file }
            try file.descriptor.writeAll(bytes)
        }
    }

    private static func unnamed() throws(SyscallError) -> FileDescriptor { try FileDescriptor.open("/tmp", [.readWrite, .temporary], mode: 0o600) }

    private static func text(of file: OpenFile) throws -> String {
        guard try file.descriptor.status().size <= Dockerfile.sizeLimit else { throw Exit(1, "ERROR: the Dockerfile is too large") }
        return String(decoding: try file.descriptor.read(upTo: Dockerfile.sizeLimit, at: 0), as: UTF8.self)
    }

    private static func isRemote(_ place: String) -> Bool {
        ["http://", "https://", "git://", "ssh://", "git@"].contains { place.hasPrefix($0) } && !FileSystem.exists(place)
    }

    private static func isArchive(_ file: OpenFile) -> Bool {
        // What cannot be read as an archive is none.
        guard let bytes = try? FileDescriptor.open(file.descriptor.procPath), let plain = try? Decompressor(FileSource(bytes)), let header = try? TarReader(plain).next()
        else { return false }
        return !header.path.isEmpty
    }

    /// Links followed; nil when there is nothing.
    static func absolute(_ path: String) -> String? {
        // Nothing that can be opened is nothing.
        try? FileDescriptor.open(path, [.path]).currentPath()
    }

    /// The context as one archive, in a file without a name, and its size.
    func packed() throws -> (body: RequestBody, size: Int) {
        if let archive {
            let size = try archive.descriptor.status().size
            return (.file(archive, length: UInt64(size)), Int(size))
        }
        let file = OpenFile(try Self.unnamed())
        let sink = FileSink(try file.descriptor.duplicate())
        if let directory {
            let root = try FileDescriptor.open(directory, [.directory])
            let patterns = try ignored(in: directory)
            let kept = [dockerfile.isEmpty ? "Dockerfile" : dockerfile, ".dockerignore", "\(dockerfile).dockerignore"]
            try TreeArchiver.write(root, to: sink) { path in
                if kept.contains(path) || !patterns.matches(path) { return .taken }
                return patterns.hasExceptions ? .searched : .left
            }
        } else {
            try TarWriter(sink).finish()
        }
        let size = try file.descriptor.status().size
        return (.file(file, length: UInt64(size)), Int(size))
    }

    private func ignored(in directory: String) throws -> IgnorePatterns {
        let lines =
            try inputs.ignore.map { Array($0.utf8) }
            ?? FileSystem.readIfPresent("\(directory)/\(dockerfile.isEmpty ? "Dockerfile" : dockerfile).dockerignore", limit: Dockerfile.sizeLimit)
            ?? FileSystem.readIfPresent("\(directory)/.dockerignore", limit: Dockerfile.sizeLimit)
        return try lines.map { try IgnorePatterns(file: $0) } ?? .none
    }
}
