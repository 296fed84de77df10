internal import Archive
internal import Arguments
internal import AsyncIO
internal import Content
internal import DockerAPI
internal import DockerClient
internal import HTTPTransport
internal import Layers
internal import Linux
internal import Synchronization
internal import Terminal
internal import Values

extension Root {
    static func copy() -> AnyCommand {
        AnyCommand(
            "cp", synonyms: ["container cp", "cp"], "Copy files/folders between a container and the local filesystem",
            usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH", arity: .exactly(2), subject: .containers,
            flags: {
                [
                    .bool("archive", short: "a", "Archive mode (copy all uid/gid information)"),
                    .bool("follow-link", short: "L", "Always follow symbol link in SRC_PATH"),
                    .bool("quiet", short: "q", "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached"),
                ]
            },
            action: { session in
                let source = CopyPlace(session.arguments[0]), target = CopyPlace(session.arguments[1])
                if session.arguments.contains("") { throw Invalid("\(session.arguments[0].isEmpty ? "source" : "destination") can not be empty") }
                switch (source.container, target.container) {
                case (nil, nil): throw Invalid("must specify at least one container source")
                case (_?, _?): throw Invalid("copying between containers is not supported")
                case (let container?, nil): try await FileCopy(session).out(of: container, source.path, to: target.path)
                case (nil, let container?): try await FileCopy(session).into(container, target.path, from: source.path)
                }
                return 0
            })
    }
}

/// One side of a copy.
private struct CopyPlace {
    /// Nil for a local path.
    var container: String?
    var path: String

    /// `NAME:PATH`; what begins with a slash or a dot is a local path, whatever follows.
    init(_ text: String) {
        if !text.hasPrefix("/"), !text.hasPrefix("."), let (name, path) = text.cut(":"), !name.isEmpty {
            (container, self.path) = (name, path)
        } else {
            (container, path) = (nil, text)
        }
    }
}

/// The rules of `cp`, which are those of cp(1) with `-a` where the target is a directory, a file, or nothing yet. They are the client's:
/// the engine reads and writes archives.
private struct FileCopy {
    private let session: Session
    private let client: Client
    private let follows: Bool

    init(_ session: Session) throws {
        self.session = session
        client = try session.client()
        follows = session.flags.bool("follow-link")
    }

    // MARK: - Out of a container

    func out(of container: String, _ path: String, to target: String) async throws {
        var path = path.hasPrefix("/") ? path : "/" + path, base: String?
        if follows, let status = try await client.pathStatus(container, path: path), !status.linkTarget.isEmpty {
            // It keeps the name of the link.
            base = Self.base(path)
            path = status.linkTarget
        }
        let (status, archive) = try await client.readPath(container, path: path)
        if target == "-" {
            let output = try AsyncConnection.standard(1)
            return try await archive.forEachPiece { try await output.writeAll($0) }
        }
        let isDirectory = status.mode & 1 << 31 != 0, place = try Self.resolved(target)
        var directory = place, name = base
        if try FileSystem.status(place)?.isDirectory != true {
            if try FileSystem.status(place) != nil, isDirectory { throw Invalid("cannot copy directory") }
            if !isDirectory, Self.meansDirectory(target) { throw Invalid("no such directory") }
            name = Self.base(place)
            directory = Self.parent(place)
            guard try FileSystem.status(directory)?.isDirectory == true else { throw Invalid("invalid output path: directory \"\(directory)\" does not exist") }
        }
        let own = status.name == "." || status.name == "/" ? "" : status.name
        let extraction = TreeExtraction(owner: .caller, rename: name.map { (from: own, to: $0) })
        let size = try await unpack(archive, extraction, in: directory)
        report(size, to: try Self.absolute(target))
    }

    /// Gives the archive's size.
    private func unpack(_ archive: Response, _ extraction: TreeExtraction, in directory: String) async throws -> Int {
        let (reader, writer) = try FileDescriptor.pipe().take { reader, writer throws(SyscallError) in (DescriptorBox(reader), try AsyncConnection(writer)) }
        let size = Mutex(0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await AsyncIO.offload {
                    do {
                        try extraction.run(FileSource(try reader.take()), in: try FileDescriptor.open(directory, [.directory]))
                    } catch let error as LayerError { throw Invalid(error.path.isEmpty ? error.reason : "\(error)") }
                }
            }
            do {
                // Whatever breaks off here, the other side must not wait for more.
                defer { writer.close() }
                try await archive.forEachPiece { piece in
                    size.withLock { $0 += piece.count }
                    try await writer.writeAll(piece)
                }
            } catch let error as SyscallError where error.errno == .brokenPipe {
                // Why the other side stopped reading is what it throws.
            }
            try await group.waitForAll()
            return size.withLock { $0 }
        }
    }

    // MARK: - Into a container

    func into(_ container: String, _ path: String, from source: String) async throws {
        var path = path.hasPrefix("/") ? path : "/" + path
        var status = try await client.pathStatus(container, path: path)
        if let link = status?.linkTarget, !link.isEmpty {
            path = link
            status = try await client.pathStatus(container, path: path)
        }
        let targetIsDirectory = status.map { $0.mode & 1 << 31 != 0 } ?? false
        let copiesOwner = session.flags.bool("archive")
        if source == "-" {
            guard targetIsDirectory else { throw Invalid("destination \"\(container):\(path)\" must be a directory") }
            return try await client.writePath(container, path: path, try ArchiveOutput.source("-"), copiesOwner: copiesOwner)
        }
        let local = follows ? try Self.resolved(source) : source
        guard let kind = try FileSystem.status(local, followingLink: Self.meansDirectory(local)) else {
            throw Invalid("lstat \(try Self.absolute(source)): no such file or directory")
        }
        // Of `dir/.` the content is meant, not the directory.
        let entry = local.hasSuffix("/.") || local == "." ? "." : Self.base(local)
        var name = follows && entry != "." ? Self.base(source) : entry, directory = path
        if !targetIsDirectory {
            if status != nil, kind.isDirectory { throw Invalid("cannot copy directory") }
            if status == nil, !kind.isDirectory, Self.meansDirectory(path) { throw Invalid("no such directory") }
            name = Self.base(path)
            directory = Self.parent(path)
        }
        let holder = entry == "." ? local : Self.parent(local)
        let size = try await pack(entry, in: holder, as: name) { [directory, client] in try await client.writePath(container, path: directory, $0, copiesOwner: copiesOwner) }
        report(size, to: "\(container):\(path)")
    }

    private func pack(_ entry: String, in directory: String, as name: String, _ send: @escaping @Sendable (RequestBody) async throws -> Void) async throws -> Int {
        try await StreamedArchive.send(send) { try TreeArchiver.write(entry, in: try FileDescriptor.open(directory, [.directory]), as: name, to: $0) }
    }

    private func report(_ size: Int, to place: String) {
        let isQuiet = session.flags.isSet("quiet") ? session.flags.bool("quiet") : !TerminalDevice.outputIsTerminal
        if !isQuiet { Console.error("Successfully copied \(HumanText.size(size)) to \(place)\n") }
    }

    // MARK: - Local paths

    private static func meansDirectory(_ path: String) -> Bool { path.hasSuffix("/") || path.hasSuffix("/.") || path == "." }

    /// The last part; of what ends with `.`, that of the directory.
    private static func base(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.last.map(String.init) ?? (path.hasPrefix("/") ? "/" : ".")
    }

    private static func parent(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }.dropLast()
        return (path.hasPrefix("/") ? "/" : parts.isEmpty ? "." : "") + parts.joined(separator: "/")
    }

    private static func absolute(_ path: String) throws -> String { path.hasPrefix("/") ? path : "\(try FileSystem.workingDirectory())/\(path)" }

    /// Where a path ends when it is a link, which need not exist.
    private static func resolved(_ path: String) throws -> String {
        var path = path
        for _ in 0..<40 {
            guard let status = try FileSystem.status(path, followingLink: false), status.kind == .symbolicLink else { return path }
            let target = try FileDescriptor.currentDirectory().readLink(path)
            path = target.hasPrefix("/") ? target : "\(parent(path))/\(target)"
        }
        throw Invalid("lstat \(path): too many levels of symbolic links")
    }
}
