internal import CLinux

extension FileDescriptor {
    /// memfd_create(2) with `MFD_CLOEXEC`: a file in memory without a place in any directory, gone with its last descriptor.
    /// `name` only shows in `/proc/self/fd`, at most 249 bytes. Least kernel 3.17.
    package static func memoryFile(_ name: String) throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("memfd_create", name) { clinux_memfd_create(name, 1) })
    }
}
