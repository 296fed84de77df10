package import CLinux

extension FileSystem {
    /// mkdir(2) of one directory; `EEXIST` when something is there.
    package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(SyscallError) {
        if mkdir(path, mode) != 0 { throw SyscallError("mkdir", path) }
    }

    /// rmdir(2).
    package static func removeDirectory(_ path: String) throws(SyscallError) {
        if rmdir(path) != 0 { throw SyscallError("rmdir", path) }
    }
}
