package import CLinux

/// Capability sets as bit masks, bit n being capability number n. See capabilities(7).
package struct CapabilitySet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(number: Int) { rawValue = 1 << UInt64(number) }

    /// Names by number, as in capabilities(7), without the `CAP_`.
    package static let names: [String] = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ]

    /// The one called `CAP_CHOWN` or `chown`; nil for an unknown name.
    package init?(name: String) {
        var name = name.uppercased()
        if name.hasPrefix("CAP_") { name.removeFirst(4) }
        guard let number = Self.names.firstIndex(of: name) else { return nil }
        self.init(number: number)
    }

    /// `CAP_…` names in the order of their numbers.
    package var capabilityNames: [String] {
        Self.names.indices.filter { rawValue >> UInt64($0) & 1 == 1 }.map { "CAP_\(Self.names[$0])" }
    }

    /// What this process may use or take up.
    package static func permitted() throws(SyscallError) -> CapabilitySet {
        var header = __user_cap_header_struct(version: 0x2008_0522, pid: 0)
        var data = (__user_cap_data_struct(), __user_cap_data_struct())
        let result = withUnsafeMutablePointer(to: &data) {
            $0.withMemoryRebound(to: __user_cap_data_struct.self, capacity: 2) { clinux_capget(&header, $0) }
        }
        if result != 0 { throw SyscallError("capget") }
        return CapabilitySet(rawValue: UInt64(data.1.permitted) << 32 | UInt64(data.0.permitted))
    }
}

/// Who the calling thread is. All of these change the calling thread only.
package enum Credentials {
    package static var effectiveUser: uid_t { geteuid() }
    /// Whether root here is root of the machine, and not of a user namespace: user_namespaces(7), uid_map.
    package static var isMachineRoot: Bool {
        // Without proc(5) nothing speaks against it.
        guard effectiveUser == 0, let map = try? FileSystem.read("/proc/self/uid_map", limit: 64 << 10) else { return effectiveUser == 0 }
        return String(decoding: map, as: UTF8.self).split(whereSeparator: \.isWhitespace) == ["0", "0", "4294967295"]
    }
    package static var effectiveGroup: gid_t { getegid() }

    /// setgroups(2), setresgid(2) and setresuid(2), in the only order that works.
    package static func become(user: uid_t, group: gid_t, supplementary: [gid_t]) throws(SyscallError) {
        if clinux_setgroups(supplementary.count, supplementary) != 0 { throw SyscallError("setgroups", "\(supplementary)") }
        if clinux_setresgid(group, group, group) != 0 { throw SyscallError("setgid", "\(group)") }
        if clinux_setresuid(user, user, user) != 0 { throw SyscallError("setuid", "\(user)") }
    }

    /// prctl(2) `PR_SET_KEEPCAPS`: permitted capabilities outlive the change of user.
    package static func keepCapabilities(_ on: Bool) throws(SyscallError) {
        try Process.control("PR_SET_KEEPCAPS", PR_SET_KEEPCAPS, on ? 1 : 0)
    }

    /// Drops from the bounding set whatever is not in `kept`.
    package static func limitBoundingSet(to kept: CapabilitySet) throws(SyscallError) {
        for number in 0..<64 where kept.rawValue >> UInt64(number) & 1 == 0 {
            if clinux_prctl(PR_CAPBSET_DROP, UInt(number), 0, 0, 0) != 0 {
                // Past the last capability that the kernel knows.
                if Errno.current == .invalid { return }
                throw SyscallError("prctl", "PR_CAPBSET_DROP \(number)")
            }
        }
    }

    /// capset(2).
    package static func setCapabilities(
        effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet
    ) throws(SyscallError) {
        var header = __user_cap_header_struct(version: 0x2008_0522, pid: 0)
        func word(_ index: UInt64) -> __user_cap_data_struct {
            func part(_ set: CapabilitySet) -> UInt32 { UInt32(truncatingIfNeeded: set.rawValue >> (32 * index)) }
            return __user_cap_data_struct(effective: part(effective), permitted: part(permitted), inheritable: part(inheritable))
        }
        let data = [word(0), word(1)]
        if clinux_capset(&header, data) != 0 { throw SyscallError("capset") }
    }

    /// prctl(2) `PR_CAP_AMBIENT`: replaces the ambient set.
    package static func setAmbient(_ set: CapabilitySet) throws(SyscallError) {
        try Process.control("PR_CAP_AMBIENT_CLEAR_ALL", PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL))
        for number in 0..<64 where set.rawValue >> UInt64(number) & 1 == 1 {
            try Process.control("PR_CAP_AMBIENT_RAISE", PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_RAISE), UInt(number))
        }
    }

    /// Root of the user namespace that this process is in, and of no group beside it.
    package static func becomeMappedRoot() throws(SyscallError) {
        // A namespace of one who may not map groups has none to give up: user_namespaces(7), setgroups.
        do throws(SyscallError) { try become(user: 0, group: 0, supplementary: []) } catch  where error.call == "setgroups" {
            if clinux_setresgid(0, 0, 0) != 0 { throw SyscallError("setgid", "0") }
            if clinux_setresuid(0, 0, 0) != 0 { throw SyscallError("setuid", "0") }
        }
    }

    /// seccomp(2) `SECCOMP_SET_MODE_FILTER` with a program of 8-byte instructions as the kernel wants them. With the flag
    /// `SECCOMP_FILTER_FLAG_NEW_LISTENER` (8) it gives the descriptor that tells of calls.
    package static func loadSeccompFilter(_ program: [UInt8], flags: UInt32 = 0) throws(SyscallError) -> FileDescriptor? {
        guard !program.isEmpty, program.count % 8 == 0, let length = UInt16(exactly: program.count / 8) else {
            throw SyscallError("seccomp", "filter of \(program.count) bytes", errno: .invalid)
        }
        let result = program.withUnsafeBytes { bytes in
            var filter = sock_fprog(
                len: length, filter: UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: sock_filter.self)))
            return clinux_seccomp(1, flags, &filter)
        }
        if result < 0 { throw SyscallError("seccomp") }
        return flags & 8 == 0 ? nil : FileDescriptor(owning: CInt(truncatingIfNeeded: result))
    }
}
