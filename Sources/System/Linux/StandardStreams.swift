internal import CLinux

// The numbers 0, 1 and 2 as whoever started this program left them.
extension Process {
    /// Puts /dev/null in the place of those that are closed, so that no other file gets their numbers and what is written to them.
    package static func openStandardStreams() {
        for number: CInt in 0...2 where clinux_fcntl(number, F_GETFD, 0) == -1 {
            // The lowest free number is this one.
            _ = clinux_openat(AT_FDCWD, "/dev/null", O_RDWR, 0)
        }
    }

    /// Opens anew, blocking, the pipes and terminals that another program made non-blocking for all who share them, as Node and ssh(1) do; they
    /// keep theirs. What cannot be opened, such as a socket, stays as it is.
    package static func unblockStandardStreams() {
        for number: CInt in 0...2 {
            let flags = clinux_fcntl(number, F_GETFL, 0)
            guard flags >= 0, flags & O_NONBLOCK != 0 else { continue }
            // Then a read or a write may fail with EAGAIN, which says so.
            try? reopen(number, OpenFlags(rawValue: flags & (O_ACCMODE | O_APPEND)))
        }
    }

    private static func reopen(_ number: CInt, _ access: OpenFlags) throws(SyscallError) {
        // A place in a regular file is shared on purpose, and nothing there blocks.
        let kind = try FileDescriptor.lending(number) { file throws(SyscallError) in try file.status().kind }
        guard kind == .fifo || kind == .characterDevice else { return }
        // Non-blocking at first: a pipe that nobody reads any more would be waited for.
        let own = try FileDescriptor.open("/proc/self/fd/\(number)", [access, .nonBlocking, .noControllingTerminal])
        try own.setNonBlocking(false)
        try place(own, as: number)
    }
}
