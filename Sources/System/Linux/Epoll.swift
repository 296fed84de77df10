internal import CLinux

/// What epoll(7) is asked for and what it reports.
package struct EpollEvents: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = EpollEvents(rawValue: 0x001)
    package static let write = EpollEvents(rawValue: 0x004)
    /// Reported always, asked for or not.
    package static let error = EpollEvents(rawValue: 0x008)
    /// Both directions are gone. Reported always, asked for or not.
    package static let hangUp = EpollEvents(rawValue: 0x010)
    /// The peer shut down its writing half.
    package static let readHangUp = EpollEvents(rawValue: 0x2000)
    /// After one report the descriptor is silent until it is modified.
    package static let oneShot = EpollEvents(rawValue: 1 << 30)
}

/// An epoll(7) instance. Its calls may be made from several threads at once.
package struct Epoll: ~Copyable, Sendable {
    fileprivate let descriptor: FileDescriptor

    /// One report: what was found on the descriptor that was added with `token`.
    package struct Report: Sendable {
        package var token: UInt64
        package var events: EpollEvents
    }

    /// epoll_create1(2).
    package init() throws(SyscallError) {
        descriptor = FileDescriptor(owning: try retrying("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Throws `EPERM` for files that are always ready, such as regular ones and `/dev/null`.
    package borrowing func add(_ file: borrowing FileDescriptor, _ events: EpollEvents, token: UInt64) throws(SyscallError) {
        try control(EPOLL_CTL_ADD, file, events, token)
    }

    package borrowing func modify(_ file: borrowing FileDescriptor, _ events: EpollEvents, token: UInt64) throws(SyscallError) {
        try control(EPOLL_CTL_MOD, file, events, token)
    }

    package borrowing func remove(_ file: borrowing FileDescriptor) throws(SyscallError) {
        try control(EPOLL_CTL_DEL, file, [], 0)
    }

    private borrowing func control(
        _ operation: CInt, _ file: borrowing FileDescriptor, _ events: EpollEvents, _ token: UInt64
    ) throws(SyscallError) {
        let number = descriptor.rawValue, file = file.rawValue
        var event = epoll_event()
        event.events = events.rawValue
        event.data.u64 = token
        _ = try retrying("epoll_ctl", "fd \(file)") { epoll_ctl(number, operation, file, &event) }
    }

    /// epoll_wait(2): replaces `reports` with what happened, 128 at most. Waits without end when `timeoutMilliseconds` is -1.
    package borrowing func wait(into reports: inout [Report], timeoutMilliseconds: CInt) throws(SyscallError) {
        let number = descriptor.rawValue, limit = 128
        reports.removeAll(keepingCapacity: true)
        var failure: SyscallError?
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: limit) { events in
            let count = epoll_wait(number, events.baseAddress!, CInt(limit), timeoutMilliseconds)
            if count < 0 {
                // An interrupted wait is an empty one: the caller computes its time-out anew.
                if Errno.current != .interrupted { failure = SyscallError("epoll_wait") }
                return
            }
            for event in events[..<Int(count)] {
                reports.append(Report(token: event.data.u64, events: EpollEvents(rawValue: event.events)))
            }
        }
        if let failure { throw failure }
    }
}

extension PollSet {
    /// Waits for any of an epoll's files too: readable when it has something to report.
    package mutating func add(_ epoll: borrowing Epoll, token: Int) { add(epoll.descriptor, read: true, token: token) }
}
