/// Docker's default profile: which calls a container may make. What the calls left out could do is told in Docker's documentation,
/// https://docs.docker.com/engine/security/seccomp/; the conditions follow moby/profiles of June 2026.
enum DefaultProfile {
    /// Names are separated by white space.
    private struct Row {
        var names: String
        var arguments: [ProfileDocument.Argument] = []
        var includes: ProfileDocument.Condition?
        var excludes: ProfileDocument.Condition?
        /// Refuses with this error instead of allowing.
        var errno: UInt32?
    }

    static var document: ProfileDocument {
        let rows = [Row(names: always)] + conditional
        return ProfileDocument(
            defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1,
            archMap: machines.map { .init(architecture: $0[0].rawValue, subArchitectures: $0.dropFirst().map(\.rawValue)) },
            syscalls: rows.map { row in
                ProfileDocument.Rule(
                    names: row.names.split(whereSeparator: \.isWhitespace).map(String.init),
                    action: row.errno == nil ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO", errnoRet: row.errno, args: row.arguments,
                    includes: row.includes, excludes: row.excludes)
            })
    }

    /// Adds everything that the profile says, so that a filter kept from another version is not taken for this one's.
    static func add(to hash: inout StableHash) {
        hash.add(always)
        for row in conditional {
            hash.add(row.names)
            for argument in row.arguments { hash.add("\(argument.index ?? 0) \(argument.op ?? "") \(argument.value ?? 0)") }
            for (mark, condition) in [("+", row.includes), ("-", row.excludes)] {
                guard let condition else { continue }
                hash.add(mark + (condition.minKernel ?? ""))
                for name in (condition.caps ?? []) + (condition.arches ?? []) { hash.add(name) }
            }
            if let errno = row.errno { hash.add("\(errno)") }
        }
    }

    /// Machines, and the tables that their kernels serve besides.
    private static let machines: [[SeccompArchitecture]] = [
        [.x86_64, .x86, .x32], [.aarch64, .arm], [.mips64, .mips, .mips64n32], [.mips64n32, .mips, .mips64],
        [.mipsel64, .mipsel, .mipsel64n32], [.mipsel64n32, .mipsel, .mipsel64], [.s390x, .s390], [.riscv64], [.loongarch64],
    ]

    private static func capability(_ name: String) -> ProfileDocument.Condition { .init(caps: [name]) }
    private static func machine(_ names: String...) -> ProfileDocument.Condition { .init(arches: names) }
    private static func first(_ op: String, _ value: UInt64) -> [ProfileDocument.Argument] { [.init(index: 0, value: value, op: op)] }

    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
    private static let newNamespaces: UInt64 = 0x7e02_0000

    private static let conditional: [Row] = [
        // Before 4.8 ptrace could step round a filter.
        Row(names: "process_vm_readv process_vm_writev ptrace", includes: .init(minKernel: "4.8")),

        // Address families but AF_ALG (38) and AF_VSOCK (40): vsock knows no namespaces, so it would reach the host.
        Row(names: "socket", arguments: first("SCMP_CMP_LT", 38)),
        Row(names: "socket", arguments: first("SCMP_CMP_EQ", 39)),
        Row(names: "socket", arguments: first("SCMP_CMP_GT", 40)),

        // PER_LINUX, PER_LINUX32, each with UNAME26, and the question which it is.
        Row(names: "personality", arguments: first("SCMP_CMP_EQ", 0)),
        Row(names: "personality", arguments: first("SCMP_CMP_EQ", 0x8)),
        Row(names: "personality", arguments: first("SCMP_CMP_EQ", 0x2_0000)),
        Row(names: "personality", arguments: first("SCMP_CMP_EQ", 0x2_0008)),
        Row(names: "personality", arguments: first("SCMP_CMP_EQ", 0xffff_ffff)),

        Row(names: "sync_file_range2 swapcontext", includes: machine("ppc64le")),
        Row(
            names: "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls", includes: machine("arm", "arm64")),
        Row(names: "arch_prctl", includes: machine("amd64", "x32")),
        Row(names: "modify_ldt", includes: machine("amd64", "x32", "x86")),
        Row(names: "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr", includes: machine("s390", "s390x")),
        Row(names: "riscv_flush_icache", includes: machine("riscv64")),

        // New namespaces only with CAP_SYS_ADMIN. clone3 has its flags in memory, which a filter cannot read; C libraries take ENOSYS for
        // an old kernel and use clone. On s390 the flags are clone's second argument.
        Row(
            names: "clone", arguments: [.init(index: 0, value: newNamespaces, op: "SCMP_CMP_MASKED_EQ")],
            excludes: .init(caps: ["CAP_SYS_ADMIN"], arches: ["s390", "s390x"])),
        Row(
            names: "clone", arguments: [.init(index: 1, value: newNamespaces, op: "SCMP_CMP_MASKED_EQ")],
            includes: machine("s390", "s390x"), excludes: capability("CAP_SYS_ADMIN")),
        Row(names: "clone3", excludes: capability("CAP_SYS_ADMIN"), errno: 38),

        Row(
            names: """
                bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
                lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
                sethostname setns syslog umount umount2 unshare
                """, includes: capability("CAP_SYS_ADMIN")),
        Row(names: "open_by_handle_at", includes: capability("CAP_DAC_READ_SEARCH")),
        Row(names: "reboot", includes: capability("CAP_SYS_BOOT")),
        Row(names: "chroot", includes: capability("CAP_SYS_CHROOT")),
        Row(names: "delete_module finit_module init_module", includes: capability("CAP_SYS_MODULE")),
        Row(names: "acct", includes: capability("CAP_SYS_PACCT")),
        Row(
            names: "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace", includes: capability("CAP_SYS_PTRACE")),
        Row(names: "ioperm iopl", includes: capability("CAP_SYS_RAWIO")),
        Row(names: "clock_settime clock_settime64 settimeofday stime", includes: capability("CAP_SYS_TIME")),
        Row(names: "vhangup", includes: capability("CAP_SYS_TTY_CONFIG")),
        Row(names: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node", includes: capability("CAP_SYS_NICE")),
        Row(names: "syslog", includes: capability("CAP_SYSLOG")),
        Row(names: "bpf", includes: capability("CAP_BPF")),
        Row(names: "perf_event_open", includes: capability("CAP_PERFMON")),
    ]

    private static let always = """
        accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64
        clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect
        copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
        epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate
        fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork
        fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64
        futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid
        getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32
        getresuid getresuid32 getrlimit get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday
        getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy
        io_getevents io_pgetevents io_pgetevents_time64 ioprio_get ioprio_set io_setup io_submit ipc kill landlock_add_rule
        landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat
        llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret
        mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
        mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock
        munlockall munmap name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open pidfd_send_signal pipe
        pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease
        pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg
        recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall riscv_hwprobe rmdir
        rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
        rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min
        sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
        sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg
        sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority
        setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid setsockopt
        set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd
        signalfd4 sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync
        sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
        timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill
        truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice
        wait4 waitid waitpid write writev
        """
}
