package import CLinux

/// How open(2) opens. Close-on-exec is always added.
package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: CInt
    package init(rawValue: CInt) { self.rawValue = rawValue }

    package static let readOnly: OpenFlags = []
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    package static let create = OpenFlags(rawValue: O_CREAT)
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    package static let append = OpenFlags(rawValue: O_APPEND)
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    package static let noControllingTerminal = OpenFlags(rawValue: O_NOCTTY)
    /// A handle on the place, not the contents: open(2) `O_PATH`.
    package static let path = OpenFlags(rawValue: O_PATH)
    /// A file without a name in the given directory: open(2) `O_TMPFILE`.
    package static let temporary = OpenFlags(rawValue: CInt(bitPattern: 0o20000000) | O_DIRECTORY)
}

/// How openat2(2) walks a path. Least kernel 5.6.
package struct ResolveFlags: OptionSet, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The directory is the root: `/` and `..` cannot leave it. The one to use for paths that a container or image names.
    package static let inRoot = ResolveFlags(rawValue: 0x10)
    /// Paths that would leave the directory fail with `EXDEV`.
    package static let beneath = ResolveFlags(rawValue: 0x08)
    package static let noSymbolicLinks = ResolveFlags(rawValue: 0x04)
    package static let noMagicLinks = ResolveFlags(rawValue: 0x02)
    package static let noCrossMount = ResolveFlags(rawValue: 0x01)
}

extension FileDescriptor {
    /// open(2).
    package static func open(_ path: String, _ flags: OpenFlags = .readOnly, mode: mode_t = 0o644) throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("open", path) { clinux_openat(AT_FDCWD, path, flags.rawValue | O_CLOEXEC, mode) })
    }

    /// openat(2), relative to this directory.
    package borrowing func open(_ path: String, _ flags: OpenFlags = .readOnly, mode: mode_t = 0o644) throws(SyscallError) -> FileDescriptor {
        let directory = rawValue
        return FileDescriptor(owning: try retrying("open", path) { clinux_openat(directory, path, flags.rawValue | O_CLOEXEC, mode) })
    }

    /// openat2(2), relative to this directory and held to `resolve`.
    package borrowing func open(
        _ path: String, _ flags: OpenFlags, mode: mode_t = 0, resolve: ResolveFlags
    ) throws(SyscallError) -> FileDescriptor {
        let directory = rawValue
        var how = open_how()
        how.flags = UInt64(UInt32(bitPattern: flags.rawValue | O_CLOEXEC))
        how.mode = UInt64(mode)
        how.resolve = resolve.rawValue
        // EAGAIN: a rename raced with the walk; the manual says to try again.
        for _ in 0..<128 {
            do throws(SyscallError) {
                return FileDescriptor(owning: CInt(try retrying("openat2", path) { clinux_openat2(directory, path, &how) }))
            } catch  where error.errno == .wouldBlock { continue }
        }
        throw SyscallError("openat2", path, errno: .wouldBlock)
    }

    /// Where the file is now, as this process sees it: readlink(2) of its place in /proc/self/fd.
    package borrowing func currentPath() throws(SyscallError) -> String { try FileDescriptor.open("/proc/self/fd", [.path, .directory]).readLink("\(rawValue)") }

    /// fsync(2).
    package borrowing func sync() throws(SyscallError) {
        let number = rawValue
        _ = try retrying("fsync", "fd \(number)") { CLinux.fsync(number) }
    }

    /// syncfs(2): everything written to the file system that this file is on.
    package borrowing func syncFileSystem() throws(SyscallError) {
        let number = rawValue
        _ = try retrying("syncfs", "fd \(number)") { CLinux.syncfs(number) }
    }

    /// sync_file_range(2), `SYNC_FILE_RANGE_WRITE`: the disk begins with these bytes, and a later `sync` has less to wait for.
    package borrowing func beginWriting(_ range: Range<Int64>) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("sync_file_range", "fd \(number)") {
            CLinux.sync_file_range(number, Int(range.lowerBound), Int(range.upperBound - range.lowerBound), UInt32(SYNC_FILE_RANGE_WRITE))
        }
    }

    /// fstat(2).
    package borrowing func status() throws(SyscallError) -> FileStatus {
        let number = rawValue
        var result = stat()
        _ = try retrying("fstat", "fd \(number)") { CLinux.fstat(number, &result) }
        return FileStatus(result)
    }

    /// flock(2). Returns false when `wait` is false and another holds the lock.
    package borrowing func lock(exclusive: Bool = true, wait: Bool = true) throws(SyscallError) -> Bool {
        let number = rawValue
        do throws(SyscallError) {
            _ = try retrying("flock", "fd \(number)") { clinux_flock(number, (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB)) }
            return true
        } catch  where error.errno == .wouldBlock { return false }
    }

    /// fcntl(2), `F_SETLK`: a shared lock of this process on one byte, until the process closes any descriptor of the file. Returns false
    /// when another process holds that byte alone.
    package borrowing func shareByte(at offset: Int64) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try byteLock(F_SETLK, F_RDLCK, at: offset)
            return true
        } catch  where error.errno == .wouldBlock || error.errno == .access { return false }
    }

    /// fcntl(2), `F_OFD_SETLK`: holds one byte alone, until the last descriptor that shares this opening of the file is closed. Returns
    /// false when another opening holds it.
    package borrowing func lockByte(at offset: Int64) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try byteLock(F_OFD_SETLK, F_WRLCK, at: offset)
            return true
        } catch  where error.errno == .wouldBlock || error.errno == .access { return false }
    }

    /// fcntl(2), `F_OFD_GETLK`: whether another opening of the file holds that byte.
    package borrowing func isByteLocked(at offset: Int64) throws(SyscallError) -> Bool {
        try byteLock(F_OFD_GETLK, F_WRLCK, at: offset) != F_UNLCK
    }

    /// What kind of lock the kernel then tells of.
    private borrowing func byteLock(_ command: CInt, _ kind: CInt, at offset: Int64) throws(SyscallError) -> CInt {
        let number = rawValue
        var range = CLinux.flock()
        range.l_type = Int16(kind)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = off_t(offset)
        range.l_len = 1
        _ = try withUnsafeMutablePointer(to: &range) { pointer throws(SyscallError) in
            try retrying("fcntl", "lock a byte of fd \(number)") { clinux_fcntl(number, command, Int(bitPattern: pointer)) }
        }
        return CInt(range.l_type)
    }

    /// flock(2), `LOCK_UN`: gives the lock up for every descriptor that shares it.
    package borrowing func unlock() throws(SyscallError) {
        let number = rawValue
        _ = try retrying("flock", "fd \(number)") { clinux_flock(number, LOCK_UN) }
    }
}
