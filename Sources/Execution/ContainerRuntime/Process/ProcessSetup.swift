import Linux
import OCI

/// The last steps of any process in a container, its first one or an exec session: becoming the user, giving up what is not
/// granted, and the program itself. Runs in the child, inside the container's namespaces and root.
struct ProcessSetup {
    let process: RuntimeProcess
    /// `user[:group]` as given; nil takes the numbers in `process.user`.
    let userText: String?
    let additionalGroups: [String]
    /// Instructions for seccomp(2); empty loads none.
    let seccompFilter: [UInt8]

    /// Everything up to execve(2): the program's path, its arguments and environment are left to the caller to run.
    func prepare() throws(RuntimeError) -> Program {
        var user = process.user
        var home = "/"
        if let userText {
            let found = try UserLookup.resolve(userText, additionalGroups: additionalGroups)
            user = found.user
            home = found.home
        }
        var environment = process.env ?? []
        // An empty one counts as none.
        if !environment.contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) {
            environment.removeAll { $0 == "HOME=" }
            environment.append("HOME=\(home)")
        }

        try setLimits()
        if let score = process.oomScoreAdj, score != 0 { try setOOMScore(score) }
        Process.setFileModeMask(user.umask ?? 0o022)
        do throws(SyscallError) { try Process.newSessionKeyring("_ses.davit") } catch where error.errno == .notPermitted || error.errno == Errno(rawValue: 122) {
            // The quota of keys (EDQUOT) or a filter around this engine stands against it; runc goes on as well.
        } catch { throw RuntimeError("make session keyring", error) }
        try giveStreams(to: user)

        // Without no_new_privs a filter can only be loaded by who has CAP_SYS_ADMIN, so before the change of user.
        if process.noNewPrivileges == true {
            try at("set no_new_privs") { () throws(SyscallError) in try Process.setNoNewPrivileges() }
        } else {
            try loadFilter()
        }
        try become(user)
        do throws(SyscallError) { try Process.changeDirectory(process.cwd) } catch {
            throw RuntimeError("chdir to cwd (\"\(process.cwd)\") set in config.json failed: \(error.errno)")
        }
        if process.noNewPrivileges == true { try loadFilter() }
        let arguments = process.args ?? []
        guard let name = arguments.first else { throw RuntimeError("no command specified") }
        let path = environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } ?? ""
        return Program(path: try ExecutableSearch.find(name, path: path), arguments: arguments, environment: environment)
    }

    private func loadFilter() throws(RuntimeError) {
        if seccompFilter.isEmpty { return }
        try at("load seccomp filter") { () throws(SyscallError) in try Credentials.loadSeccompFilter(seccompFilter) }
    }

    /// A program that is not root must still be able to open /dev/stdout again.
    private func giveStreams(to user: RuntimeUser) throws(RuntimeError) {
        if user.uid == 0, user.gid == 0 { return }
        for number in Int32(0)...2 {
            do throws(SyscallError) { try StandardStreams.changeOwner(of: number, user: user.uid) } catch
            where error.errno == .invalid || error.errno == .notPermitted || error.errno == .readOnlyFileSystem {
                // Some files have no owner to change: sockets, and null devices of a host that is read-only.
            } catch { throw RuntimeError("give stdio to user \(user.uid)", error) }
        }
    }

    private func setLimits() throws(RuntimeError) {
        for limit in process.rlimits ?? [] {
            guard let resource = Self.resources[limit.type] else { throw RuntimeError("unknown resource limit \(limit.type)") }
            do throws(SyscallError) {
                try Process.setLimit(resource, soft: limit.soft, hard: limit.hard)
            } catch where error.errno == .notPermitted {
                // A nested engine lacks CAP_SYS_RESOURCE and cannot raise hard limits: as high as allowed is all there is.
                try at("set \(limit.type)") { () throws(SyscallError) in
                    let hard = try Process.limit(resource).hard
                    try Process.setLimit(resource, soft: min(limit.soft, hard), hard: min(limit.hard, hard))
                }
            } catch { throw RuntimeError("error setting rlimits for ready process: error setting rlimit type \(limit.type)", error) }
        }
    }

    /// getrlimit(2)'s numbers.
    private static let resources: [String: CInt] = [
        "RLIMIT_CPU": 0, "RLIMIT_FSIZE": 1, "RLIMIT_DATA": 2, "RLIMIT_STACK": 3, "RLIMIT_CORE": 4, "RLIMIT_RSS": 5, "RLIMIT_NPROC": 6,
        "RLIMIT_NOFILE": 7, "RLIMIT_MEMLOCK": 8, "RLIMIT_AS": 9, "RLIMIT_LOCKS": 10, "RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12,
        "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14, "RLIMIT_RTTIME": 15,
    ]

    private func setOOMScore(_ score: Int) throws(RuntimeError) {
        do throws(SyscallError) {
            try FileDescriptor.open("/proc/self/oom_score_adj", [.writeOnly]).writeAll(Array("\(score)".utf8))
        } catch where error.errno == .access || error.errno == .notPermitted {
            // Lowering takes CAP_SYS_RESOURCE, which a nested engine lacks.
        } catch { throw RuntimeError("set oom_score_adj", error) }
    }

    private func become(_ user: RuntimeUser) throws(RuntimeError) {
        guard let wanted = process.capabilities else {
            try at("set user") { () throws(SyscallError) in
                try Credentials.become(user: user.uid, group: user.gid, supplementary: user.additionalGids ?? [])
            }
            return
        }
        let available = try at("read capabilities") { () throws(SyscallError) in try CapabilitySet.permitted() }
        func set(_ names: [String]?) throws(RuntimeError) -> CapabilitySet {
            var result: CapabilitySet = []
            for name in names ?? [] {
                guard let one = CapabilitySet(name: name) else { throw RuntimeError("unknown capability \(name)") }
                result.formUnion(one)
            }
            // What this process itself lacks it cannot give; a nested engine gives what it has.
            return result.intersection(available)
        }
        let bounding = try set(wanted.bounding)
        let permitted = try set(wanted.permitted)
        let inheritable = try set(wanted.inheritable)
        let effective = try set(wanted.effective)
        let ambient = try set(wanted.ambient)
        try at("set user and capabilities") { () throws(SyscallError) in
            try Credentials.limitBoundingSet(to: bounding)
            try Credentials.keepCapabilities(true)
            try Credentials.become(user: user.uid, group: user.gid, supplementary: user.additionalGids ?? [])
            try Credentials.keepCapabilities(false)
            try Credentials.setCapabilities(effective: effective, permitted: permitted, inheritable: inheritable)
            try Credentials.setAmbient(ambient)
        }
    }
}

/// What execve(2) takes.
struct Program {
    var path: String
    var arguments: [String]
    var environment: [String]

    /// execve(2), which returns only when it failed: a script without an interpreter is told on stderr and ends with 255, as
    /// runc has it; the rest is thrown.
    func run() throws(RuntimeError) -> Never {
        let error = Process.execute(path, arguments, environment: environment)
        if error.errno == .execFormat {
            StandardStreams.say("exec \(path): exec format error\n")
            Process.exit(255)
        }
        if error.errno == .noEntry { throw RuntimeError("exec \(path): no such file or directory") }
        throw RuntimeError("exec: \"\(path)\": \(error.errno)")
    }
}
