internal import Archive
internal import Content
internal import Dockerfile
internal import Layers
internal import Linux
internal import Values

/// Puts what a `COPY` or `ADD` takes into a root.
struct Placement: ~Copyable {
    let root: FileDescriptor
    /// Absolute; with a slash at its end it is a directory.
    let destination: String
    /// Nil: as the sources have it.
    let owner: (user: UInt32, group: UInt32)?
    let mode: FileMode?
    /// Local archives are unpacked.
    let unpacks: Bool

    init(in root: borrowing FileDescriptor, at destination: String, owner: (user: UInt32, group: UInt32)?, mode: FileMode?, unpacks: Bool) throws {
        self.root = try root.duplicate()
        self.destination = destination
        self.owner = owner
        self.mode = mode
        self.unpacks = unpacks
    }

    private var isDirectory: Bool { destination.hasSuffix("/") }

    /// `below`: where in the destination, for sources that keep their parents.
    borrowing func put(_ source: SourceTree.Source, below: String = "") throws {
        if source.isDirectory {
            // What is in it, that is: the directory itself is made as any other, or stays as it is.
            return try copy(source, to: makeDirectory(below.isEmpty ? destination : "\(destination)/\(below)").descriptor)
        }
        guard let entry = source.entries.first else { return }
        if unpacks, let archive = try Self.archive(entry, in: source.directory.descriptor) { return try unpack(archive) }
        try write(below: below, named: source.name) { directory, name throws in try copyFile(entry, from: source, to: directory, name) }
    }

    /// A file with these contents.
    borrowing func put(_ bytes: [UInt8], named name: String) throws {
        try write(below: "", named: name) { directory, name throws in
            let file = try directory.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            try file.writeAll(bytes)
            try file.changeOwner(user: owner?.user ?? 0, group: owner?.group ?? 0)
            try file.changeMode(to: mode?.applied(to: 0o644, isDirectory: false) ?? 0o644)
        }
    }

    /// Unpacks an archive in the destination.
    borrowing func unpack(_ archive: OpenFile) throws {
        _ = try makeDirectory(destination)
        let owner = owner.map { TreeExtraction.Owner.fixed(user: $0.user, group: $0.group) } ?? .archived
        try TreeExtraction(into: destination, owner: owner, keepsKinds: false).run(FileSource(archive.descriptor.duplicate()), in: root)
    }

    // MARK: Places

    private borrowing func exists(_ path: String) -> Bool {
        // Out of reach is as good as missing: making it tells why.
        (try? root.open(path, [.path], resolve: [.inRoot, .noMagicLinks])) != nil
    }

    /// The directory, made with all that is missing on the way.
    private borrowing func makeDirectory(_ given: String) throws -> OpenFile {
        let path = try following(given)
        var missing: [String] = []
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            if !missing.isEmpty || !exists(prefix) { missing.append(prefix) }
        }
        do throws(SyscallError) { _ = try root.makePath(path, directory: true) } catch {
            if error.errno == .notDirectory { throw DockerfileError("cannot copy to non-directory: \(path)") }
            throw error
        }
        for path in missing {
            let made = try root.open(path, [.directory], resolve: [.inRoot, .noMagicLinks])
            if let owner { try made.changeOwner(user: owner.user, group: owner.group) }
            if let mode { try made.changeMode(to: mode.applied(to: 0o755, isDirectory: true)) }
        }
        return OpenFile(try root.open(path, [.directory], resolve: [.inRoot, .noMagicLinks]))
    }

    /// The path with links put in their places that lead to where nothing is yet: that is made in the root, as all else.
    private borrowing func following(_ path: String) throws -> String {
        var path = path, links = 0
        while true {
            var prefix = "", next: String?
            let parts = path.split(separator: "/").map(String.init)
            for (index, part) in parts.enumerated() {
                let parent = prefix.isEmpty ? "/" : prefix
                prefix += "/\(part)"
                if exists(prefix) { continue }
                // Neither there nor a link: it is made.
                guard exists(parent), let holder = try? root.open(parent, [.path, .directory], resolve: [.inRoot, .noMagicLinks]),
                    let status = try holder.statusIfAny(of: PathBytes(part)), status.kind == .symbolicLink
                else { break }
                let target = String(decoding: try holder.readLink(PathBytes(part)), as: UTF8.self)
                let rest = parts[(index + 1)...].joined(separator: "/")
                next = "/" + SourceTree.clean((target.hasPrefix("/") ? target : "\(parent)/\(target)") + "/" + rest)
                break
            }
            guard let next else { return path }
            links += 1
            guard links <= 40 else { throw SyscallError("open", path, errno: .symbolicLinkLoop) }
            path = next
        }
    }

    /// Finds out where one file goes: into the destination where that is a directory, otherwise in its place.
    private borrowing func write(below: String, named name: String, _ body: (borrowing FileDescriptor, PathBytes) throws -> Void) throws {
        var directory = destination, name = name
        if !below.isEmpty {
            directory += "/\(below)"
        } else if !isDirectory, !isExistingDirectory(destination) {
            let parts = destination.split(separator: "/").map(String.init)
            guard let last = parts.last else { throw DockerfileError("no destination") }
            (directory, name) = ("/" + parts.dropLast().joined(separator: "/"), last)
        }
        let parent = try makeDirectory(directory)
        try clear(PathBytes(name), in: parent.descriptor)
        try body(parent.descriptor, PathBytes(name))
    }

    private borrowing func isExistingDirectory(_ path: String) -> Bool {
        // As above.
        guard let file = try? root.open(path, [.path], resolve: [.inRoot, .noMagicLinks]) else { return false }
        return (try? file.status().isDirectory) ?? false
    }

    /// Makes room for a file.
    private borrowing func clear(_ name: PathBytes, in directory: borrowing FileDescriptor) throws {
        guard let status = try directory.statusIfAny(of: name) else { return }
        if status.isDirectory { throw DockerfileError("cannot replace to directory \(name) with file") }
        try directory.removeFile(name)
    }

    // MARK: Copying

    private borrowing func copy(_ source: SourceTree.Source, to target: borrowing FileDescriptor) throws {
        var directories: [SourceTree.Entry] = []
        for entry in source.entries {
            let bytes = entry.path.bytes
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
            guard let name = slash.map({ PathBytes(bytes[($0 + 1)...]) }) ?? entry.path, let path = PathBytes(slash.map { Array(bytes[..<$0]) } ?? [UInt8(ascii: ".")]) else {
                continue
            }
            // Links that are there already lead where they lead in the root of the destination.
            let parent = try target.open(path, [.path, .directory], resolve: [.inRoot, .noMagicLinks])
            guard entry.status.isDirectory else {
                try clear(name, in: parent)
                try copyFile(entry, from: source, to: parent, name)
                continue
            }
            if let there = try parent.statusIfAny(of: name), !there.isDirectory {
                // One that leads to a directory is as good as that; any other is none.
                let isLink = there.kind == .symbolicLink && (try? parent.open(name, [.path, .directory], resolve: [.inRoot, .noMagicLinks])) != nil
                if isLink { continue }
                throw DockerfileError("cannot copy to non-directory: \(entry.path)")
            }
            do throws(SyscallError) { try parent.makeDirectory(name, mode: 0o755) } catch { if error.errno != .exists { throw error } }
            directories.append(entry)
        }
        // Their times last, when nothing is made in them any more.
        for entry in directories.reversed() {
            let made = try target.open(entry.path, [.readOnly, .directory], resolve: [.inRoot, .noMagicLinks])
            try setAttributes(of: made, like: entry.status)
        }
    }

    private borrowing func setAttributes(of directory: borrowing FileDescriptor, like status: FileStatus) throws {
        try directory.changeOwner(user: owner?.user ?? status.user, group: owner?.group ?? status.group)
        try directory.changeMode(to: mode?.applied(to: status.permissions, isDirectory: true) ?? status.permissions)
        try directory.setTimes(status.modified)
    }

    private borrowing func copyFile(_ entry: SourceTree.Entry, from source: SourceTree.Source, to directory: borrowing FileDescriptor, _ name: PathBytes) throws {
        let status = entry.status
        let origin = try source.parent(of: entry)
        switch status.kind {
        case .regular:
            // Non-blocking: if it is a FIFO by now, this must not wait for a writer.
            let file = try origin.directory.descriptor.open(origin.name, [.readOnly, .noFollow, .nonBlocking])
            guard try file.status().kind == .regular else { throw SyscallError("open", entry.path.description, errno: .invalid) }
            let made = try directory.open(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
            try made.copyContents(of: file, size: status.size)
        case .symbolicLink:
            guard let target = PathBytes(try origin.directory.descriptor.readLink(origin.name)) else { return }
            try directory.makeSymbolicLink(name, to: target)
        case .characterDevice, .blockDevice, .fifo:
            if status.isWhiteout { return }
            try directory.makeNode(name, mode: status.mode, device: status.deviceNumber)
        case .socket, .directory, .unknown: return
        }
        try directory.changeOwner(name, user: owner?.user ?? status.user, group: owner?.group ?? status.group)
        for (attribute, value) in try origin.directory.descriptor.extendedAttributes(of: origin.name)
        where attribute.description == "security.capability" || attribute.description.hasPrefix("user.") {
            // Not all file systems have them, and what cannot have them does without.
            try? directory.setExtendedAttribute(attribute, to: value, of: name)
        }
        if status.kind != .symbolicLink { try directory.changeMode(name, to: mode?.applied(to: status.permissions, isDirectory: false) ?? status.permissions) }
        try directory.setTimes(of: name, status.modified)
    }

    /// The file, if it is an archive.
    private static func archive(_ entry: SourceTree.Entry, in directory: borrowing FileDescriptor) throws -> OpenFile? {
        guard entry.status.kind == .regular else { return nil }
        let file = OpenFile(try directory.open(entry.path, [.readOnly, .noFollow, .nonBlocking]))
        return try isArchive(file.descriptor.procPath) ? file : nil
    }

    /// Whether a file is a tar, however compressed. Told by its contents alone.
    static func isArchive(_ path: String) throws -> Bool {
        let source = FileSource(try FileDescriptor.open(path, [.readOnly, .nonBlocking]))
        // Whatever cannot be read as one is none.
        guard let plain = try? Decompressor(source), let header = try? plain.prefix(512) else { return false }
        return header.count == 512 && header[257..<262].elementsEqual("ustar".utf8)
    }
}

extension ByteSource {
    /// The first bytes, fewer at the end.
    func prefix(_ limit: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        while result.count < limit {
            var buffer = [UInt8](repeating: 0, count: limit - result.count)
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe read(into: $0) }
            if count == 0 { break }
            result += buffer[..<count]
        }
        return result
    }
}
