internal import CLinux

extension FileDescriptor {
    /// eventfd(2), non-blocking, counter 0.
    package static func event() throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("eventfd") { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// Adds one to an eventfd's counter, which makes it readable.
    package borrowing func signalEvent() throws(SyscallError) {
        var one: UInt64 = 1
        let number = rawValue
        do throws(SyscallError) {
            _ = try retrying("write", "eventfd \(number)") { CLinux.write(number, &one, 8) }
        } catch  where error.errno == .wouldBlock {
            // The counter is full: it is readable, which is all that was wanted.
        }
    }

    /// Takes an eventfd's counter back to 0.
    package borrowing func clearEvent() throws(SyscallError) {
        var count: UInt64 = 0
        let number = rawValue
        do throws(SyscallError) {
            _ = try retrying("read", "eventfd \(number)") { CLinux.read(number, &count, 8) }
        } catch  where error.errno == .wouldBlock {
            // It was 0 already.
        }
    }

    /// signalfd(2), non-blocking: readable while one of `numbers` is pending. They must be blocked, or their action happens instead.
    package static func signals(_ numbers: [CInt]) throws(SyscallError) -> FileDescriptor {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return FileDescriptor(owning: try retrying("signalfd") { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
    }

    /// The next pending signal of a signalfd; nil when there is none.
    package borrowing func nextSignal() throws(SyscallError) -> CInt? {
        var info = signalfd_siginfo()
        let number = rawValue
        do throws(SyscallError) {
            _ = try retrying("read", "signalfd \(number)") { CLinux.read(number, &info, MemoryLayout<signalfd_siginfo>.size) }
            return CInt(bitPattern: info.ssi_signo)
        } catch  where error.errno == .wouldBlock { return nil }
    }
}
