import Testing

import Seccomp

@Suite struct DefaultProfileTests {
    let kernel: Kernel

    init() throws { kernel = try Kernel() }

    @Test("A07: faccessat2 is allowed", arguments: [Kernel.amd64, Kernel.i386]) func faccessat2(architecture: UInt32) {
        #expect(kernel.verdict(439, architecture: architecture) == .allow)
    }

    @Test func everydayCallsPass() {
        for number: UInt32 in [0, 1, 2, 3, 9, 56, 57, 59, 60, 231, 257, 262, 302, 332, 334, 434] {
            #expect(kernel.verdict(number) == .allow, "\(number)")
        }
        #expect(kernel.verdict(59 | Kernel.x32) != .allow)
        #expect(kernel.verdict(520 | Kernel.x32) == .allow, "x32 has an execve of its own")
        #expect(kernel.verdict(11, architecture: Kernel.i386) == .allow, "execve")
        #expect(kernel.verdict(102, architecture: Kernel.i386) == .allow, "socketcall")
        #expect(kernel.verdict(0, architecture: 0xC000_00B7) == .killThread, "another machine's table")
    }

    @Test func refusedCallsAreEPERM() {
        // mount, umount2, ptrace's friend kcmp, keyctl, add_key, bpf, unshare, setns, reboot, swapon, kexec_load, init_module, io_uring_setup.
        for number: UInt32 in [165, 166, 312, 250, 248, 321, 272, 308, 169, 167, 246, 175, 425] {
            #expect(kernel.verdict(number) == .errno(1), "\(number)")
        }
        #expect(kernel.verdict(21, architecture: Kernel.i386) == .errno(1), "mount")
        #expect(kernel.verdict(165 | Kernel.x32) == .errno(1), "mount")
        #expect(kernel.verdict(400) == .errno(1), "a hole in the table, older than what the profile knows")
    }

    @Test func capabilitiesOpenCalls() throws {
        let administrator = try Kernel(.default, ["CAP_SYS_ADMIN"])
        for number: UInt32 in [165, 166, 272, 308, 321, 435, 442, 459] { #expect(administrator.verdict(number) == .allow, "\(number)") }
        #expect(administrator.verdict(161) == .errno(1), "chroot wants CAP_SYS_CHROOT")
        #expect(kernel.verdict(161) == .allow, "chroot")
        #expect(try Kernel(.default, ["CAP_SYS_TIME"]).verdict(227) == .allow, "clock_settime")
        #expect(kernel.verdict(227) == .errno(1))
        #expect(try Kernel(.default, ["CAP_SYS_NICE"]).verdict(450) == .allow, "set_mempolicy_home_node")
        #expect(kernel.verdict(450) == .errno(1))
    }

    @Test func cloneMakesNoNamespaces() throws {
        #expect(kernel.verdict(56, [0x0100_0000 | 17]) == .allow, "clone of a process")
        for flag: UInt64 in [0x1000_0000, 0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x2000_0000, 0x4000_0000] {
            #expect(kernel.verdict(56, [flag | 17]) == .errno(1))
            #expect(kernel.verdict(120, [flag | 17], architecture: Kernel.i386) == .errno(1))
        }
        #expect(kernel.verdict(435) == .errno(38), "clone3")
        #expect(kernel.verdict(435, architecture: Kernel.i386) == .errno(38), "clone3")
        let administrator = try Kernel(.default, ["CAP_SYS_ADMIN"])
        #expect(administrator.verdict(56, [0x1000_0000]) == .allow)
        #expect(administrator.verdict(435) == .allow)
    }

    @Test func callsNewerThanTheProfileAreENOSYS() {
        for number: UInt32 in [467, 500, 9999, 0x3fff_ffff] {
            #expect(kernel.verdict(number) == .errno(38), "\(number)")
            #expect(kernel.verdict(number, architecture: Kernel.i386) == .errno(38), "\(number)")
        }
        // x32's own calls, 512 to 547, are the largest of its table.
        for number: UInt32 in [548, 9999, 0x3fff_ffff] { #expect(kernel.verdict(number | Kernel.x32) == .errno(38), "\(number)") }
    }

    @Test func callsNewerThanTheLibraryFollowTheProfile() {
        // cachestat, fchmodat2, map_shadow_stack, futex_*, statmount, listmount, mseal, *xattrat.
        for number: UInt32 in [451, 452, 453, 454, 455, 456, 457, 458, 462, 463, 466] {
            #expect(kernel.verdict(number) == .allow, "\(number)")
            #expect(kernel.verdict(number, architecture: Kernel.i386) == .allow, "\(number)")
            #expect(kernel.verdict(number | Kernel.x32) == .allow, "\(number)")
        }
        #expect(kernel.verdict(459) == .errno(1), "lsm_get_self_attr without CAP_SYS_ADMIN")
        #expect(kernel.verdict(335) == .allow, "uretprobe")
    }

    @Test func personality() {
        for allowed: UInt64 in [0, 8, 0x20000, 0x20008, 0xffff_ffff] { #expect(kernel.verdict(135, [allowed]) == .allow) }
        for refused: UInt64 in [0x0040000, 1, 9, 0x1_0000_0000, 0xffff_fffe] { #expect(kernel.verdict(135, [refused]) == .errno(1)) }
    }

    @Test func sockets() {
        for family: UInt64 in [1, 2, 10, 16, 17, 37, 39, 41, 45] { #expect(kernel.verdict(41, [family]) == .allow, "\(family)") }
        #expect(kernel.verdict(41, [38]) == .errno(1), "AF_ALG")
        #expect(kernel.verdict(41, [40]) == .errno(1), "AF_VSOCK")
    }

    @Test func ptraceOnOldKernels() throws {
        #expect(kernel.verdict(101) == .allow)
        let old = try SeccompHost(architecture: .x86_64, release: "4.7.10")
        #expect(try Kernel(host: old).verdict(101) == .errno(1))
        #expect(try Kernel(.default, ["CAP_SYS_PTRACE"], host: old).verdict(101) == .allow)
    }

    @Test("A11: about 44 of more than 300 calls are refused") func size() {
        // The table of Linux 6.16: 0 to 334 are dense, as are 424 and on. What takes conditions counts as allowed.
        let numbers = Array(UInt32(0)...334) + Array(424...466)
        let conditional: Set<UInt32> = [41, 56, 135]
        let refused = numbers.filter { !conditional.contains($0) && kernel.verdict($0) != .allow }
        let allowed = numbers.count - refused.count
        #expect(allowed > 300, "\(allowed)")
        // Docker counts 44 "significant" ones; here are also those that no kernel implements any more.
        #expect((44...90).contains(refused.count), "\(refused.count): \(refused)")
    }

    @Test func otherMachine() throws {
        let kernel = try Kernel(host: SeccompHost(architecture: .aarch64, release: "6.1.0"))
        #expect(kernel.verdict(63, architecture: Kernel.arm64) == .allow, "read")
        #expect(kernel.verdict(40, architecture: Kernel.arm64) == .errno(1), "mount")
        #expect(kernel.verdict(439, architecture: Kernel.arm64) == .allow, "faccessat2")
        #expect(kernel.verdict(452, architecture: Kernel.arm64) == .allow, "fchmodat2")
        #expect(kernel.verdict(435, architecture: Kernel.arm64) == .errno(38), "clone3")
        #expect(kernel.verdict(9999, architecture: Kernel.arm64) == .errno(38))
        #expect(kernel.verdict(3, architecture: Kernel.arm) == .allow, "read")
        #expect(kernel.verdict(452, architecture: Kernel.arm) == .allow, "fchmodat2")
        #expect(kernel.verdict(0xf0005, architecture: Kernel.arm) == .allow, "set_tls")
        #expect(kernel.verdict(0, architecture: Kernel.amd64) == .killThread)
    }

    /// The kernel keeps a bitmap of the calls that are allowed whatever their arguments, and asks no filter about them.
    @Test(arguments: [Kernel.amd64, Kernel.i386]) func allowedByNumberAlone(architecture: UInt32) {
        let allowed = (UInt32(0)...600).filter { kernel.verdict($0, nil, architecture: architecture) == .allow }
        #expect(allowed.count > 300)
        #expect((UInt32(0)...600).filter { kernel.verdict($0, architecture: architecture) == .allow }.count <= allowed.count + 3)
    }

    /// Loading a program takes the kernel time in proportion to its length.
    @Test func isShort() { #expect((100...300).contains(kernel.count)) }
}
