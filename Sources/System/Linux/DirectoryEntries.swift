package import CLinux

// Calls that make, change and remove names, relative to a directory descriptor (the *at family of section 2).
// `path` is resolved by the kernel with symbolic links followed in all but its last part: for untrusted paths open the
// parent with `ResolveFlags.inRoot` and give a single name here.
extension FileDescriptor {
    /// mkdirat(2).
    package borrowing func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("mkdir", path) { mkdirat(directory, path, mode) }
    }

    /// symlinkat(2).
    package borrowing func makeSymbolicLink(_ path: String, to target: String) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("symlink", path) { symlinkat(target, directory, path) }
    }

    /// linkat(2): `path` here becomes another name of `oldPath` in `oldDirectory`; a symbolic link is linked itself.
    package borrowing func makeHardLink(
        _ path: String, to oldPath: String, in oldDirectory: borrowing FileDescriptor
    ) throws(SyscallError) {
        let directory = rawValue
        let old = oldDirectory.rawValue
        _ = try retrying("link", path) { linkat(old, oldPath, directory, path, 0) }
    }

    /// mknodat(2) with the type bits in `mode`.
    package borrowing func makeNode(_ path: String, mode: mode_t, device: DeviceNumber = DeviceNumber(major: 0, minor: 0)) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("mknod", path) { mknodat(directory, path, mode, clinux_makedev(device.major, device.minor)) }
    }

    /// unlinkat(2) of a file.
    package borrowing func removeFile(_ path: String) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("unlink", path) { unlinkat(directory, path, 0) }
    }

    /// unlinkat(2) of an empty directory.
    package borrowing func removeDirectory(_ path: String) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("rmdir", path) { unlinkat(directory, path, AT_REMOVEDIR) }
    }

    /// renameat(2).
    package borrowing func rename(_ path: String, to newPath: String, in newDirectory: borrowing FileDescriptor) throws(SyscallError) {
        let directory = rawValue
        let new = newDirectory.rawValue
        _ = try retrying("rename", path) { renameat(directory, path, new, newPath) }
    }

    /// fstatat(2).
    package borrowing func status(of path: String, followingLink: Bool = false) throws(SyscallError) -> FileStatus {
        let directory = rawValue
        var result = stat()
        _ = try retrying("stat", path) { fstatat(directory, path, &result, followingLink ? 0 : AT_SYMLINK_NOFOLLOW) }
        return FileStatus(result)
    }

    /// readlinkat(2): the target, at most 4096 bytes (`PATH_MAX`).
    package borrowing func readLink(_ path: String) throws(SyscallError) -> String {
        let directory = rawValue
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try retrying("readlink", path) { readlinkat(directory, path, &buffer, buffer.count) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// fchmodat(2); follows symbolic links, as the kernel offers nothing else everywhere.
    package borrowing func changeMode(_ path: String, to mode: mode_t) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("chmod", path) { fchmodat(directory, path, mode, 0) }
    }

    /// fchmod(2) of this file.
    package borrowing func changeMode(to mode: mode_t) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("fchmod", "fd \(number)") { fchmod(number, mode) }
    }

    /// fchownat(2) of the name itself.
    package borrowing func changeOwner(_ path: String, user: uid_t, group: gid_t) throws(SyscallError) {
        let directory = rawValue
        _ = try retrying("chown", path) { fchownat(directory, path, user, group, AT_SYMLINK_NOFOLLOW) }
    }

    /// fchown(2) of this file.
    package borrowing func changeOwner(user: uid_t, group: gid_t) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("fchown", "fd \(number)") { fchown(number, user, group) }
    }

    /// The names in this directory but `.` and `..`, in the kernel's order; throws `E2BIG` past `limit`.
    package borrowing func entries(limit: Int = .max) throws(SyscallError) -> [String] {
        // readdir(3) owns the descriptor it reads through, and the offset is shared between duplicates: open anew.
        let own = try open(".", [.directory]).release()
        guard let stream = fdopendir(own) else {
            let error = SyscallError("fdopendir", "fd \(own)")
            _ = CLinux.close(own)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            clinux_set_errno(0)
            guard let entry = readdir(stream) else {
                if Errno.current.rawValue != 0 { throw SyscallError("readdir", "fd \(rawValue)") }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            if names.count == limit { throw SyscallError("readdir", "fd \(rawValue)", errno: Errno(rawValue: E2BIG)) }
            names.append(name)
        }
    }

    /// The current directory, for calls with paths that the process's own user gave: `AT_FDCWD` cannot be owned, this can.
    package static func currentDirectory() throws(SyscallError) -> FileDescriptor { try open(".", [.path, .directory]) }
}

/// A device's number as stat(2) and mknod(2) have it.
package struct DeviceNumber: Sendable, Hashable {
    package var major: UInt32, minor: UInt32

    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Takes apart a `dev_t` such as `st_rdev`.
    package init(_ device: dev_t) { self.init(major: clinux_major(device), minor: clinux_minor(device)) }
}

/// File calls on paths that come from the process's own configuration or user, not from a container or an image.
package enum FileSystem {
    /// mkdir(2) of the path and of every missing parent; there already is right.
    package static func makeDirectories(_ path: String, mode: mode_t = 0o755) throws(SyscallError) {
        if mkdir(path, mode) == 0 { return }
        let error = Errno.current
        switch error {
        case .exists: return
        case .noEntry:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw SyscallError("mkdir", path, errno: error) }
            try makeDirectories(String(path[..<slash]), mode: mode)
            if mkdir(path, mode) != 0, Errno.current != .exists { throw SyscallError("mkdir", path) }
        default: throw SyscallError("mkdir", path, errno: error)
        }
    }

    /// unlink(2); false when there was no such file.
    @discardableResult
    package static func removeFile(_ path: String) throws(SyscallError) -> Bool {
        if unlink(path) == 0 { return true }
        if Errno.current == .noEntry { return false }
        throw SyscallError("unlink", path)
    }

    /// rename(2).
    package static func rename(_ path: String, to newPath: String) throws(SyscallError) {
        if CLinux.rename(path, newPath) != 0 { throw SyscallError("rename", path) }
    }

    /// stat(2); nil when there is nothing at the path.
    package static func status(_ path: String, followingLink: Bool = true) throws(SyscallError) -> FileStatus? {
        var result = stat()
        if fstatat(AT_FDCWD, path, &result, followingLink ? 0 : AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(result) }
        if Errno.current == .noEntry || Errno.current == .notDirectory { return nil }
        throw SyscallError("stat", path)
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// access(2), X_OK: a file that may be executed, or a directory that may be entered.
    package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Everything in the file; throws `EFBIG` past `limit` bytes.
    package static func read(_ path: String, limit: Int = 16 << 20) throws(SyscallError) -> [UInt8] {
        do throws(SyscallError) {
            return try FileDescriptor.open(path).readToEnd(limit: limit)
        } catch  where error.subject.hasPrefix("fd ") {
            throw SyscallError(error.call, path, errno: error.errno)
        }
    }

    /// Everything in the file; nil when there is none.
    package static func readIfPresent(_ path: String, limit: Int = 16 << 20) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try read(path, limit: limit)
        } catch  where error.errno == .noEntry || error.errno == .notDirectory { return nil }
    }

    /// Puts a whole file in place at once: written beside, renamed over. With `sync` it survives a power cut too.
    package static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: mode_t = 0o644, sync: Bool = false) throws(SyscallError) {
        let beside = "\(path).\(getpid())~"
        do throws(SyscallError) {
            let file = try FileDescriptor.open(beside, [.writeOnly, .create, .truncate], mode: mode)
            try file.writeAll(bytes)
            if sync { try file.sync() }
            try rename(beside, to: path)
        } catch {
            unlink(beside)
            throw error
        }
    }

    /// Removes a directory and all below it, never following a symbolic link or crossing a mount; not being there is right.
    package static func removeTree(_ path: String) throws(SyscallError) {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        do throws(SyscallError) {
            try FileDescriptor.open(parent, [.path, .directory]).removeTree(PathBytes(name))
        } catch  where error.errno == .noEntry { return }
    }
}
