/// System calls that Debian 12's libseccomp (2.5.4, Linux 5.17) has no names for. A newer library's own knowledge goes first.
enum RecentCalls {
    /// The number of a call in one architecture's table, with the x32 bit where it belongs; nil when it is not one of these.
    static func number(_ name: String, _ architecture: SeccompArchitecture) -> UInt32? {
        guard let call = all.first(where: { $0.name == name }) else { return nil }
        if let only = call.only { return only == architecture ? call.number : nil }
        return architecture == .x32 ? call.number | SeccompArchitecture.x32Bit : base(architecture) + call.number
    }

    /// Where an architecture's table begins. On top of that, since Linux 5.1 a new call has one number everywhere.
    static func base(_ architecture: SeccompArchitecture) -> UInt32 {
        switch architecture {
        case .mips, .mipsel: 4000
        case .mips64, .mipsel64: 5000
        case .mips64n32, .mipsel64n32: 6000
        default: 0
        }
    }

    /// https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/scripts/syscall.tbl
    private static let all: [(name: String, number: UInt32, only: SeccompArchitecture?)] = [
        ("riscv_hwprobe", 258, .riscv64), ("uretprobe", 335, .x86_64), ("uprobe", 336, .x86_64), ("set_mempolicy_home_node", 450, nil),
        ("cachestat", 451, nil), ("fchmodat2", 452, nil), ("map_shadow_stack", 453, nil), ("futex_wake", 454, nil),
        ("futex_wait", 455, nil), ("futex_requeue", 456, nil), ("statmount", 457, nil), ("listmount", 458, nil),
        ("lsm_get_self_attr", 459, nil), ("lsm_set_self_attr", 460, nil), ("lsm_list_modules", 461, nil), ("mseal", 462, nil),
        ("setxattrat", 463, nil), ("getxattrat", 464, nil), ("listxattrat", 465, nil), ("removexattrat", 466, nil),
        ("open_tree_attr", 467, nil), ("file_getattr", 468, nil), ("file_setattr", 469, nil), ("listns", 470, nil),
    ]
}
