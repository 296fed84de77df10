internal import CLinux

/// Joining namespaces that exist. See namespaces(7).
package enum Namespace {
    /// setns(2) into the namespaces of the process that `pidfd` names. Least kernel 5.8. Of the PID namespace it changes
    /// only where children are born.
    package static func join(_ pidfd: borrowing FileDescriptor, _ kinds: CloneFlags) throws(SyscallError) {
        if setns(pidfd.rawValue, CInt(truncatingIfNeeded: kinds.rawValue)) != 0 { throw SyscallError("setns", "pidfd") }
    }

    /// setns(2) into one namespace by its file, such as `/proc/1/ns/net`; `kind` guards against a file of another kind.
    package static func join(path: String, _ kind: CloneFlags) throws(SyscallError) {
        let file = try FileDescriptor.open(path)
        if setns(file.rawValue, CInt(truncatingIfNeeded: kind.rawValue)) != 0 { throw SyscallError("setns", path) }
    }

    /// unshare(2).
    package static func unshare(_ kinds: CloneFlags) throws(SyscallError) {
        if CLinux.unshare(CInt(truncatingIfNeeded: kinds.rawValue)) != 0 { throw SyscallError("unshare") }
    }
}
