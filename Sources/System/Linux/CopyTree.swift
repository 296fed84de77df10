internal import CLinux
internal import Values

extension FileDescriptor {
    /// How deep a tree may be that is copied: each level holds two descriptors.
    package static let copyDepthLimit = 256

    /// Copies everything in `source` into this directory, which holds none of it yet: contents with their holes, owners, modes,
    /// extended attributes, modification times, hard links among the files, devices. Symbolic links are copied, never followed, so
    /// somebody who changes the source meanwhile gets a wrong copy of it and nothing else. The directory itself keeps its own
    /// attributes. What overlayfs(5) marks as removed is left out.
    package borrowing func copyTree(from source: borrowing FileDescriptor) throws(SyscallError) {
        let target = try open(".", [.path, .directory])
        try TreeCopy(target: target).copy(source, to: self, path: [], depth: 0)
    }

    /// Gives this directory the owner, mode, extended attributes and modification time of `source`.
    package borrowing func copyAttributes(from source: borrowing FileDescriptor) throws(SyscallError) {
        let status = try source.status()
        try changeOwner(user: status.user, group: status.group)
        for (name, value) in try source.extendedAttributes(of: PathBytes(".")) where !name.isOverlay {
            try ignoringUnsupported { () throws(SyscallError) in try setExtendedAttribute(name, to: value, of: PathBytes(".")) }
        }
        try changeMode(to: status.permissions)
        try setTimes(status.modified)
    }
}

extension PathBytes {
    /// An attribute that means something to overlayfs and nothing to anyone else.
    fileprivate var isOverlay: Bool { description.hasPrefix("trusted.overlay.") || description.hasPrefix("user.overlay.") }
}

/// Some file systems have no attributes, or not all of them: their loss is no reason not to copy the file.
private func ignoringUnsupported(_ body: () throws(SyscallError) -> Void) throws(SyscallError) {
    do throws(SyscallError) { try body() } catch  where error.errno == .notSupported { return }
}

/// One copy of a tree: remembers the files with several names.
private final class TreeCopy {
    private struct Identity: Hashable { var device: UInt64, inode: UInt64 }

    /// Where the tree is copied to, for paths below it.
    private let target: FileDescriptor
    /// The first path of each file with several names, below the target. It holds as many entries as the tree has such files.
    private var linked: [Identity: PathBytes] = [:]

    init(target: consuming FileDescriptor) { self.target = target }

    func copy(_ source: borrowing FileDescriptor, to directory: borrowing FileDescriptor, path: [UInt8], depth: Int) throws(SyscallError) {
        guard depth < FileDescriptor.copyDepthLimit else { throw SyscallError("copy", String(decoding: path, as: UTF8.self), errno: .symbolicLinkLoop) }
        for name in try source.sortedNames() {
            // Gone since it was listed: then it is not part of the copy.
            guard let status = try source.statusIfAny(of: name), !status.isWhiteout else { continue }
            // Longer paths cannot be given to the kernel: such files lose their link, not their contents.
            if !status.isDirectory, status.links > 1, path.count + name.count < 4096, let place = PathBytes(path + name.bytes) {
                let identity = Identity(device: status.device, inode: status.inode)
                if let first = linked[identity] {
                    try directory.makeHardLink(name, to: first, in: target)
                    continue
                }
                linked[identity] = place
            }
            try copy(name, status, from: source, to: directory, path: path, depth: depth)
        }
    }

    private func copy(
        _ name: PathBytes, _ status: FileStatus, from source: borrowing FileDescriptor, to directory: borrowing FileDescriptor, path: [UInt8], depth: Int
    ) throws(SyscallError) {
        switch status.kind {
        case .directory:
            let inner = try source.open(name, [.directory, .noFollow])
            try directory.makeDirectory(name, mode: 0o700)
            let made = try directory.open(name, [.directory, .noFollow])
            try copy(inner, to: made, path: path + name.bytes + [UInt8(ascii: "/")], depth: depth + 1)
            try made.copyAttributes(from: inner)
            return
        case .regular:
            // Non-blocking: if it is a FIFO by now, this must not wait for a writer.
            let file = try source.open(name, [.noFollow, .nonBlocking])
            guard try file.status().kind == .regular else { throw SyscallError("open", name.description, errno: .invalid) }
            let made = try directory.open(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
            try made.copyContents(of: file, size: status.size)
        case .symbolicLink:
            guard let text = PathBytes(try source.readLink(name)) else { throw SyscallError("readlink", name.description, errno: .invalid) }
            try directory.makeSymbolicLink(name, to: text)
        case .characterDevice, .blockDevice, .fifo, .socket:
            try directory.makeNode(name, mode: status.mode, device: status.deviceNumber)
        case .unknown: throw SyscallError("stat", name.description, errno: .invalid)
        }
        // The order matters: a change of owner takes set-user-ID bits and file capabilities away.
        try directory.changeOwner(name, user: status.user, group: status.group)
        for (attribute, value) in try source.extendedAttributes(of: name) where !attribute.isOverlay {
            try ignoringUnsupported { () throws(SyscallError) in try directory.setExtendedAttribute(attribute, to: value, of: name) }
        }
        if status.kind != .symbolicLink { try directory.changeMode(name, to: status.permissions) }
        try directory.setTimes(of: name, status.modified)
    }
}

extension FileDescriptor {
    /// Copies `size` bytes of a regular file into this empty one, leaving holes where it has some: lseek(2) `SEEK_DATA`,
    /// copy_file_range(2), which shares the blocks where the file system can.
    package borrowing func copyContents(of file: borrowing FileDescriptor, size: Int64) throws(SyscallError) {
        let source = file.rawValue
        let target = rawValue
        var position: off_t = 0
        while position < size {
            let data = lseek(source, position, CInt(SEEK_DATA))
            // ENXIO: nothing but a hole up to the end.
            if data < 0 {
                if Errno.current.rawValue == ENXIO { break }
                throw SyscallError("lseek", "fd \(source)")
            }
            let hole = lseek(source, data, CInt(SEEK_HOLE))
            if hole < 0 { throw SyscallError("lseek", "fd \(source)") }
            try FileDescriptor.copyRange(from: source, to: target, data..<min(hole, off_t(size)))
            position = hole
        }
        try setSize(size)
    }

    private static func copyRange(from source: CInt, to target: CInt, _ range: Range<off_t>) throws(SyscallError) {
        var read = range.lowerBound
        var written = range.lowerBound
        var buffer: [UInt8] = []
        while read < range.upperBound {
            let wanted = Int(range.upperBound - read)
            if buffer.isEmpty {
                let count = clinux_copy_file_range(source, &read, target, &written, wanted)
                if count > 0 { continue }
                // It became shorter meanwhile: what is missing reads as a hole.
                if count == 0 { return }
                let error = Errno.current
                if error == .interrupted { continue }
                // Across some file systems the kernel cannot do it; then it goes through our own memory.
                guard error == .crossDevice || error == .invalid || error == .notSupported || error == .notImplemented else {
                    throw SyscallError("copy_file_range", "fd \(source)", errno: error)
                }
                buffer = [UInt8](repeating: 0, count: 1 << 17)
            }
            let count = try retrying("pread", "fd \(source)") { pread(source, &buffer, min(buffer.count, wanted), read) }
            if count == 0 { return }
            var done = 0
            while done < count {
                done += try retrying("pwrite", "fd \(target)") {
                    buffer.withUnsafeBytes { pwrite(target, $0.baseAddress.map { $0 + done }, count - done, written + off_t(done)) }
                }
            }
            read += off_t(count)
            written += off_t(count)
        }
    }
}
