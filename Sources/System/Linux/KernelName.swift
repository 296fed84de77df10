internal import CLinux

/// What the kernel calls itself: uname(2).
package struct KernelName: Sendable, Hashable {
    /// `6.1.0-18-amd64`.
    package var release: String
    /// `x86_64`.
    package var machine: String
    /// `#1 SMP …`.
    package var version: String
    package var hostname: String

    /// Of the kernel that runs now, and the calling thread's UTS namespace.
    package static func current() throws(SyscallError) -> KernelName {
        var name = utsname()
        if uname(&name) != 0 { throw SyscallError("uname") }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return KernelName(
            release: text(name.release), machine: text(name.machine), version: text(name.version), hostname: text(name.nodename))
    }
}
