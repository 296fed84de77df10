internal import CLinux

/// Device programs on version 2 cgroups: bpf(2), `BPF_PROG_TYPE_CGROUP_DEVICE`. Least kernel 4.15. Nothing else of BPF is here.
package enum DeviceProgram {
    /// Has the kernel check and load instructions (`struct bpf_insn` as numbers, see linux/bpf.h); the descriptor keeps them alive.
    package static func load(_ instructions: [UInt64]) throws(SyscallError) -> FileDescriptor {
        let license = Array("Apache-2.0".utf8CString)
        let result = instructions.withUnsafeBufferPointer { code in
            license.withUnsafeBufferPointer { license in
                clinux_bpf_load_device(code.baseAddress, UInt32(clamping: code.count), license.baseAddress)
            }
        }
        if result < 0 { throw SyscallError("bpf", "BPF_PROG_LOAD") }
        return FileDescriptor(owning: CInt(result))
    }

    /// Adds a program to a cgroup directory, beside those that are there and those that cgroups below will get.
    package static func attach(_ program: borrowing FileDescriptor, to cgroup: borrowing FileDescriptor) throws(SyscallError) {
        if clinux_bpf_attach_device(cgroup.rawValue, program.rawValue) < 0 { throw SyscallError("bpf", "BPF_PROG_ATTACH") }
    }

    /// Takes one program away from a cgroup directory.
    package static func detach(_ program: borrowing FileDescriptor, from cgroup: borrowing FileDescriptor) throws(SyscallError) {
        if clinux_bpf_detach_device(cgroup.rawValue, program.rawValue) < 0 { throw SyscallError("bpf", "BPF_PROG_DETACH") }
    }

    /// The kernel's numbers of the programs on a cgroup directory, 64 at most.
    package static func attached(to cgroup: borrowing FileDescriptor) throws(SyscallError) -> [UInt32] {
        var identifiers = [UInt32](repeating: 0, count: 64)
        var count = UInt32(identifiers.count)
        if clinux_bpf_query_device(cgroup.rawValue, &identifiers, &count) < 0 { throw SyscallError("bpf", "BPF_PROG_QUERY") }
        return Array(identifiers.prefix(Int(count)))
    }

    /// A descriptor of a program by the kernel's number; nil when it is gone.
    package static func open(_ identifier: UInt32) throws(SyscallError) -> FileDescriptor? {
        let result = clinux_bpf_open(identifier)
        if result >= 0 { return FileDescriptor(owning: CInt(result)) }
        if Errno.current == .noEntry { return nil }
        throw SyscallError("bpf", "BPF_PROG_GET_FD_BY_ID")
    }
}
