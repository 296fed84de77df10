internal import CSeccomp

/// A system call table that a process can use, by its name in profiles: `SCMP_ARCH_X86_64`.
/// One machine has several: an x86_64 kernel also serves i386 and x32 programs.
package enum SeccompArchitecture: String, Sendable, Hashable, CaseIterable {
    case x86 = "SCMP_ARCH_X86"
    case x86_64 = "SCMP_ARCH_X86_64"
    case x32 = "SCMP_ARCH_X32"
    case arm = "SCMP_ARCH_ARM"
    case aarch64 = "SCMP_ARCH_AARCH64"
    case loongarch64 = "SCMP_ARCH_LOONGARCH64"
    case m68k = "SCMP_ARCH_M68K"
    case mips = "SCMP_ARCH_MIPS"
    case mips64 = "SCMP_ARCH_MIPS64"
    case mips64n32 = "SCMP_ARCH_MIPS64N32"
    case mipsel = "SCMP_ARCH_MIPSEL"
    case mipsel64 = "SCMP_ARCH_MIPSEL64"
    case mipsel64n32 = "SCMP_ARCH_MIPSEL64N32"
    case parisc = "SCMP_ARCH_PARISC"
    case parisc64 = "SCMP_ARCH_PARISC64"
    case ppc = "SCMP_ARCH_PPC"
    case ppc64 = "SCMP_ARCH_PPC64"
    case ppc64le = "SCMP_ARCH_PPC64LE"
    case riscv64 = "SCMP_ARCH_RISCV64"
    case s390 = "SCMP_ARCH_S390"
    case s390x = "SCMP_ARCH_S390X"
    case sh = "SCMP_ARCH_SH"
    case sheb = "SCMP_ARCH_SHEB"

    /// Throws for a name that is none of these.
    init(name: String) throws(SeccompError) {
        guard let architecture = Self(rawValue: name) else { throw SeccompError("unknown seccomp architecture \"\(name)\"") }
        self = architecture
    }

    /// Its name in a rule's `includes` and `excludes`.
    var conditionName: String {
        switch self {
        case .x86_64: "amd64"
        case .aarch64: "arm64"
        // Profiles in the field were written against this spelling.
        case .mipsel64n32: "mips3l64n32"
        default: libraryName
        }
    }

    /// Its name in libseccomp.
    var libraryName: String { rawValue.dropFirst("SCMP_ARCH_".count).lowercased() }

    /// libseccomp's number for it; throws when the library is too old to have one.
    var token: UInt32 {
        get throws(SeccompError) {
            let token = seccomp_arch_resolve_name(libraryName)
            guard token != 0 else { throw SeccompError("seccomp architecture \(rawValue) is not supported by this version of libseccomp") }
            return token
        }
    }

    /// What the kernel puts in `seccomp_data.arch`. libseccomp's token is that number, except for x32, which the kernel tells from
    /// x86_64 by a bit of the system call number only.
    var auditArchitecture: UInt32 {
        get throws(SeccompError) { try (self == .x32 ? Self.x86_64 : self).token }
    }

    /// Whether the arguments of calls are words of 64 bits: `__AUDIT_ARCH_64BIT` without `__AUDIT_ARCH_CONVENTION_MIPS64_N32`.
    var isWide: Bool {
        get throws(SeccompError) { try token & 0xa000_0000 == 0x8000_0000 }
    }

    /// `__AUDIT_ARCH_LE`.
    var isLittleEndian: Bool {
        get throws(SeccompError) { try token & 0x4000_0000 != 0 }
    }

    /// Set in the numbers of x32 calls: `__X32_SYSCALL_BIT`.
    static let x32Bit: UInt32 = 1 << 30
}
