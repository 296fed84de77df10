package import CLinux

/// A file name or path as the kernel has it: bytes without NUL, not necessarily text.
///
/// Archives and containers may hold names that are no UTF-8; a `String` would change them. See path_resolution(7).
package struct PathBytes: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// With its terminating NUL.
    private var storage: [CChar]

    /// Nil when the bytes hold a NUL.
    package init?(_ bytes: some Collection<UInt8>) {
        if bytes.contains(0) { return nil }
        storage = bytes.map { CChar(bitPattern: $0) }
        storage.append(0)
    }

    /// Up to the first NUL.
    package init(_ text: String) {
        storage = text.utf8.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
        storage.append(0)
    }

    init(_ pointer: UnsafePointer<CChar>) {
        let count = strlen(pointer)
        storage = Array(UnsafeBufferPointer(start: pointer, count: count + 1))
    }

    package var bytes: [UInt8] { storage.dropLast().map { UInt8(bitPattern: $0) } }
    package var count: Int { storage.count - 1 }

    /// For people to read; what is no UTF-8 shows as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// In order of bytes.
    package static func < (a: PathBytes, b: PathBytes) -> Bool {
        a.withPointer { a in b.withPointer { strcmp(a, $0) < 0 } }
    }

    func withPointer<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { buffer in
            // Never empty: the terminator is there.
            body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }
}

// The *at family for names that are bytes. Like their namesakes for `String`: give single names, or paths with `ResolveFlags`.
extension FileDescriptor {
    private borrowing func call<Result: SignedInteger>(
        _ name: String, _ path: PathBytes, _ body: (CInt, UnsafePointer<CChar>) -> Result
    ) throws(SyscallError) -> Result {
        let directory = rawValue
        return try retrying(name, path.description) { path.withPointer { body(directory, $0) } }
    }

    /// openat(2).
    package borrowing func open(_ path: PathBytes, _ flags: OpenFlags, mode: mode_t = 0o644) throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try call("open", path) { clinux_openat($0, $1, flags.rawValue | O_CLOEXEC, mode) })
    }

    /// openat2(2), held to `resolve`.
    package borrowing func open(_ path: PathBytes, _ flags: OpenFlags, resolve: ResolveFlags) throws(SyscallError) -> FileDescriptor {
        var how = open_how()
        how.flags = UInt64(UInt32(bitPattern: flags.rawValue | O_CLOEXEC))
        how.resolve = resolve.rawValue
        // EAGAIN: a rename raced with the walk; the manual says to try again.
        for _ in 0..<128 {
            do throws(SyscallError) {
                return FileDescriptor(owning: CInt(try call("openat2", path) { clinux_openat2($0, $1, &how) }))
            } catch  where error.errno == .wouldBlock { continue }
        }
        throw SyscallError("openat2", path.description, errno: .wouldBlock)
    }

    /// mkdirat(2).
    package borrowing func makeDirectory(_ path: PathBytes, mode: mode_t = 0o755) throws(SyscallError) {
        _ = try call("mkdir", path) { mkdirat($0, $1, mode) }
    }

    /// symlinkat(2).
    package borrowing func makeSymbolicLink(_ path: PathBytes, to target: PathBytes) throws(SyscallError) {
        _ = try call("symlink", path) { directory, path in target.withPointer { symlinkat($0, directory, path) } }
    }

    /// linkat(2) without following a symbolic link.
    package borrowing func makeHardLink(_ path: PathBytes, to oldPath: PathBytes, in oldDirectory: borrowing FileDescriptor) throws(SyscallError) {
        let old = oldDirectory.rawValue
        _ = try call("link", path) { directory, path in oldPath.withPointer { linkat(old, $0, directory, path, 0) } }
    }

    /// mknodat(2) with the type bits in `mode`.
    package borrowing func makeNode(_ path: PathBytes, mode: mode_t, device: DeviceNumber = DeviceNumber(major: 0, minor: 0)) throws(SyscallError) {
        _ = try call("mknod", path) { mknodat($0, $1, mode, clinux_makedev(device.major, device.minor)) }
    }

    /// unlinkat(2) of a file.
    package borrowing func removeFile(_ path: PathBytes) throws(SyscallError) { _ = try call("unlink", path) { unlinkat($0, $1, 0) } }

    /// unlinkat(2) of an empty directory.
    package borrowing func removeDirectory(_ path: PathBytes) throws(SyscallError) { _ = try call("rmdir", path) { unlinkat($0, $1, AT_REMOVEDIR) } }

    /// renameat(2).
    package borrowing func rename(_ path: PathBytes, to newPath: PathBytes, in newDirectory: borrowing FileDescriptor) throws(SyscallError) {
        let new = newDirectory.rawValue
        _ = try call("rename", path) { directory, path in newPath.withPointer { renameat(directory, path, new, $0) } }
    }

    /// fstatat(2) of the name itself; nil when there is none.
    package borrowing func statusIfAny(of path: PathBytes) throws(SyscallError) -> FileStatus? {
        var result = stat()
        do throws(SyscallError) {
            _ = try call("stat", path) { fstatat($0, $1, &result, AT_SYMLINK_NOFOLLOW) }
        } catch  where error.errno == .noEntry || error.errno == .notDirectory { return nil }
        return FileStatus(result)
    }

    /// readlinkat(2): the target's bytes, at most 4096.
    package borrowing func readLink(_ path: PathBytes) throws(SyscallError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try call("readlink", path) { readlinkat($0, $1, &buffer, 4096) }
        return Array(buffer[..<count])
    }

    /// fchownat(2) of the name itself.
    package borrowing func changeOwner(_ path: PathBytes, user: uid_t, group: gid_t) throws(SyscallError) {
        _ = try call("chown", path) { fchownat($0, $1, user, group, AT_SYMLINK_NOFOLLOW) }
    }

    /// fchmodat(2); follows a symbolic link, so only for names known to be none.
    package borrowing func changeMode(_ path: PathBytes, to mode: mode_t) throws(SyscallError) { _ = try call("chmod", path) { fchmodat($0, $1, mode, 0) } }

    /// The names in this directory but `.` and `..`, sorted by bytes.
    package borrowing func sortedNames() throws(SyscallError) -> [PathBytes] {
        // readdir(3) owns the descriptor it reads through, and the offset is shared between duplicates: open anew.
        let own = try open(".", [.directory]).release()
        guard let stream = fdopendir(own) else {
            let error = SyscallError("fdopendir", "fd \(own)")
            _ = CLinux.close(own)
            throw error
        }
        defer { closedir(stream) }
        var names: [PathBytes] = []
        while true {
            clinux_set_errno(0)
            guard let entry = readdir(stream) else {
                if Errno.current.rawValue != 0 { throw SyscallError("readdir", "fd \(rawValue)") }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { PathBytes($0) } }
            if name.description != ".", name.description != ".." { names.append(name) }
        }
    }
}
