internal import CLinux

/// What inotify(7) tells of.
package struct InotifyEvents: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let modified = InotifyEvents(rawValue: UInt32(IN_MODIFY))
    package static let created = InotifyEvents(rawValue: UInt32(IN_CREATE))
    package static let movedIn = InotifyEvents(rawValue: UInt32(IN_MOVED_TO))
    package static let movedOut = InotifyEvents(rawValue: UInt32(IN_MOVED_FROM))
    package static let removed = InotifyEvents(rawValue: UInt32(IN_DELETE))
    package static let selfRemoved = InotifyEvents(rawValue: UInt32(IN_DELETE_SELF))
    package static let closedAfterWriting = InotifyEvents(rawValue: UInt32(IN_CLOSE_WRITE))
}

extension FileDescriptor {
    /// inotify_init1(2), non-blocking: readable once something watched has happened. Users have few of them
    /// (`fs.inotify.max_user_instances`, 128 by default): past that it throws `EMFILE`.
    package static func inotify() throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("inotify_init1") { inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)) })
    }

    /// inotify_add_watch(2): tells of a file, or of a directory and the files right in it.
    package borrowing func watch(_ path: String, _ events: InotifyEvents) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("inotify_add_watch", path) { inotify_add_watch(number, path, events.rawValue) }
    }

    /// Readable each time the interval is over: timerfd_create(2), non-blocking.
    package static func interval(milliseconds: Int) throws(SyscallError) -> FileDescriptor {
        let timer = FileDescriptor(
            owning: try retrying("timerfd_create") { timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC | TFD_NONBLOCK)) })
        let period = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        var setting = itimerspec(it_interval: period, it_value: period)
        _ = try retrying("timerfd_settime") { timerfd_settime(timer.rawValue, 0, &setting, nil) }
        return timer
    }

    /// Reads away all that a non-blocking inotify, timer or event descriptor has to tell, for those to whom it only says "look again".
    package borrowing func drainEvents() throws(SyscallError) {
        var buffer = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var large: [UInt8] = []
        let number = rawValue
        while true {
            do throws(SyscallError) {
                // A directory's events carry names of up to 255 bytes, for which the small buffer gives EINVAL.
                let count =
                    large.isEmpty
                    ? try retrying("read", "fd \(number)") { withUnsafeMutableBytes(of: &buffer) { CLinux.read(number, $0.baseAddress, $0.count) } }
                    : try retrying("read", "fd \(number)") { CLinux.read(number, &large, large.count) }
                if count == 0 { return }
            } catch {
                if error.errno == .wouldBlock { return }
                guard error.errno == .invalid, large.isEmpty else { throw error }
                large = [UInt8](repeating: 0, count: 4096)
            }
        }
    }
}
