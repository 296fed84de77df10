internal import CLinux

/// A failed system call: which one, on what, and the `errno` it gave. See errno(3).
package struct SyscallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call's name as in section 2 of the manual.
    package var call: String
    /// The path or descriptor it was given; empty when there is none worth naming.
    package var subject: String
    package var errno: Errno

    package init(_ call: String, _ subject: String = "", errno: Errno = .current) {
        self.call = call
        self.subject = Errno.ofDisks.contains(errno) ? Self.path(of: subject) : subject
        self.errno = errno
    }

    /// Who is told that a disk is full wants to know which: the path of a descriptor, as far as there is one.
    private static func path(of subject: String) -> String {
        guard subject.hasPrefix("fd "), let number = CInt(subject.dropFirst(3)) else { return subject }
        // Without /proc, or when it is closed by now, the number is all there is.
        return (try? FileDescriptor.currentDirectory().readLink("/proc/self/fd/\(number)")) ?? subject
    }

    /// For example `open /etc/nothing: no such file or directory`, the form Go programs print and Docker's users know.
    package var description: String {
        subject.isEmpty ? "\(call): \(errno)" : "\(call) \(subject): \(errno)"
    }
}

/// An error number of the kernel, printed in the words of Go's syscall package, which Docker's messages contain.
package struct Errno: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package var rawValue: CInt

    package init(rawValue: CInt) { self.rawValue = rawValue }

    /// The calling thread's `errno`.
    package static var current: Errno { Errno(rawValue: clinux_errno()) }

    package static let noEntry = Errno(rawValue: ENOENT)
    package static let exists = Errno(rawValue: EEXIST)
    package static let access = Errno(rawValue: EACCES)
    package static let notPermitted = Errno(rawValue: EPERM)
    package static let notDirectory = Errno(rawValue: ENOTDIR)
    package static let isDirectory = Errno(rawValue: EISDIR)
    package static let notEmpty = Errno(rawValue: ENOTEMPTY)
    package static let interrupted = Errno(rawValue: EINTR)
    package static let wouldBlock = Errno(rawValue: EAGAIN)
    package static let invalid = Errno(rawValue: EINVAL)
    package static let noSuchProcess = Errno(rawValue: ESRCH)
    package static let badDescriptor = Errno(rawValue: EBADF)
    package static let brokenPipe = Errno(rawValue: EPIPE)
    package static let connectionReset = Errno(rawValue: ECONNRESET)
    package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    package static let notSupported = Errno(rawValue: EOPNOTSUPP)
    package static let notImplemented = Errno(rawValue: ENOSYS)
    package static let noData = Errno(rawValue: ENODATA)
    package static let busy = Errno(rawValue: EBUSY)
    package static let crossDevice = Errno(rawValue: EXDEV)
    package static let noSpace = Errno(rawValue: ENOSPC)
    package static let symbolicLinkLoop = Errno(rawValue: ELOOP)
    package static let readOnlyFileSystem = Errno(rawValue: EROFS)
    package static let inputOutput = Errno(rawValue: EIO)
    package static let noDevice = Errno(rawValue: ENODEV)
    package static let noChild = Errno(rawValue: ECHILD)
    package static let fileTooLarge = Errno(rawValue: EFBIG)
    package static let processFileLimit = Errno(rawValue: EMFILE)
    package static let systemFileLimit = Errno(rawValue: ENFILE)
    package static let tooMany = Errno(rawValue: E2BIG)
    package static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
    package static let addressInUse = Errno(rawValue: EADDRINUSE)
    package static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
    package static let networkUnreachable = Errno(rawValue: ENETUNREACH)
    package static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
    package static let execFormat = Errno(rawValue: ENOEXEC)

    /// What file systems say whatever the file.
    static let ofDisks: Set<Errno> = [.noSpace, .inputOutput, .readOnlyFileSystem, .fileTooLarge, Errno(rawValue: EDQUOT)]

    package var description: String {
        var text = String(cString: strerror(rawValue))
        // Go's words begin with a small letter, except for acronyms such as "RFS specific error" and "I/O error".
        if rawValue == EIO { return "input/output error" }
        if let first = text.first, first.isUppercase, !(text.dropFirst().first?.isUppercase ?? false) {
            text = first.lowercased() + text.dropFirst()
        }
        return text
    }
}

/// Repeats a system call that a signal interrupted, and throws what else went wrong. Never for close(2).
func retrying<Result: SignedInteger>(
    _ call: String, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SyscallError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let error = Errno.current
        if error != .interrupted { throw SyscallError(call, subject(), errno: error) }
    }
}
