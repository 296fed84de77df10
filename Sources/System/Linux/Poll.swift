internal import CLinux

/// The files that a single-threaded program waits for, made anew for each wait: poll(2). For the dozen files of a supervisor this
/// is as fast as epoll(7) and nothing can be left registered.
package struct PollSet: Sendable {
    private var entries: [pollfd] = []
    private var tokens: [Int] = []

    package init() {}

    /// What has happened to one file.
    package struct Ready: Sendable {
        /// What `add` was given.
        package let token: Int
        package let readable: Bool
        package let writable: Bool
        /// The other end is gone, or the file has failed. There may still be something to read.
        package let hungUp: Bool
    }

    /// Waits for `file` too. It must stay open until `wait` returns. With neither flag only hang-ups are told.
    package mutating func add(_ file: borrowing FileDescriptor, read: Bool, write: Bool = false, token: Int) {
        entries.append(pollfd(fd: file.rawValue, events: Int16((read ? POLLIN : 0) | (write ? POLLOUT : 0)), revents: 0))
        tokens.append(token)
    }

    /// Blocks until something happens or the time is over; -1 waits for ever. A signal ends the wait with nothing ready.
    package mutating func wait(timeoutMilliseconds: Int) throws(SyscallError) -> [Ready] {
        let timeout = CInt(clamping: timeoutMilliseconds)
        let count = poll(&entries, nfds_t(entries.count), timeout)
        if count < 0 {
            if Errno.current == .interrupted { return [] }
            throw SyscallError("poll")
        }
        if count == 0 { return [] }
        return entries.indices.compactMap { index in
            let events = CInt(entries[index].revents)
            if events == 0 { return nil }
            return Ready(
                token: tokens[index], readable: events & POLLIN != 0, writable: events & POLLOUT != 0,
                hungUp: events & (POLLHUP | POLLERR | POLLNVAL) != 0)
        }
    }
}
