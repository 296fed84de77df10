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
    let extras: ProcessExtras

    /// Throws for what would keep the program from being executed, as far as that can be known before anything is given up.
    func check() throws(RuntimeError) {
        guard let name = process.args?.first else { throw RuntimeError("no command specified") }
        let path = process.env?.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } ?? ""
        // Relative to the directory that the program begins in.
        try enterWorkingDirectory()
        _ = try ExecutableSearch.find(name, path: path)
    }

    private func enterWorkingDirectory() throws(RuntimeError) {
        do throws(SyscallError) { try Process.changeDirectory(process.cwd) } catch {
            throw RuntimeError("chdir to cwd (\"\(process.cwd)\") set in config.json failed: \(error.errno)")
        }
        // A path by way of a descriptor that leads out of the container.
        guard Process.isInsideRoot() else { throw RuntimeError("current working directory is outside of container mount namespace root -- possible container breakout detected") }
    }

    /// Everything up to execve(2): the program's path, its arguments and environment are left to the caller to run.
    /// `channel` leads to who started this process.
    func prepare(channel: borrowing FileDescriptor) throws(RuntimeError) -> Program {
        var user = process.user
        // Of numbers only the home is looked for, which nobody depends on.
        var home = (userText == nil ? try? UserLookup.resolve("\(user.uid)", additionalGroups: []).home : nil) ?? "/"
        if let userText {
            let found = try UserLookup.resolve(userText, additionalGroups: additionalGroups)
            (user, home) = (found.user, found.home)
        }
        // Of variables with one name the last counts.
        var names: Set<Substring> = []
        var environment = Array((process.env ?? []).reversed().filter { names.insert($0.prefix { $0 != "=" }).inserted }.reversed())
        // An empty one counts as none.
        if !environment.contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) {
            environment.removeAll { $0 == "HOME=" }
            environment.append("HOME=\(home)")
        }

        try setLimits()
        try setPriorities()
        Process.setFileModeMask(user.umask ?? 0o022)
        do throws(SyscallError) { if !extras.keepsKeyring { try Process.newSessionKeyring("_ses.davit") } } catch
            where error.errno == .notPermitted || error.errno == Errno(rawValue: 122)
        {
            // The quota of keys (EDQUOT) or a filter around this engine stands against it; runc goes on as well.
        } catch { throw RuntimeError("make session keyring", error) }
        try giveStreams(to: user)
        try confine()

        // Without no_new_privs a filter can only be loaded by who has CAP_SYS_ADMIN, so before the change of user.
        if process.noNewPrivileges == true {
            try at("set no_new_privs") { () throws(SyscallError) in try Process.setNoNewPrivileges() }
        } else {
            try loadFilter(channel)
        }
        // Where root may go and the user may not the program begins all the same, and the other way round.
        let isThere = (try? enterWorkingDirectory()) != nil
        try become(user)
        if !isThere { try enterWorkingDirectory() }
        if process.noNewPrivileges == true { try loadFilter(channel) }
        let arguments = process.args ?? []
        guard let name = arguments.first else { throw RuntimeError("no command specified") }
        let path = environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } ?? ""
        let program = try ExecutableSearch.find(name, path: path)
        return Program(path: program, arguments: arguments, environment: environment, passedFiles: extras.passedFiles)
    }

    /// Has the program begin under its AppArmor profile. https://docs.kernel.org/admin-guide/LSM/apparmor.html
    private func confine() throws(RuntimeError) {
        guard let profile = process.apparmorProfile, !profile.isEmpty, profile != "unconfined" else { return }
        do throws(SyscallError) {
            let own = try FileDescriptor.open("/proc/self/attr", [.path, .directory])
            guard try own.isOn(.proc) else { throw SyscallError("open", "/proc/self/attr", errno: .notSupported) }
            let file = try own.open("apparmor/exec", [.writeOnly], resolve: [.beneath, .noCrossMount])
            try file.writeAll("exec \(profile)".utf8)
        } catch  where error.errno == .noEntry {
            throw RuntimeError("apparmor profile is specified in config, but apparmor is disabled or not supported")
        } catch { throw RuntimeError("unable to apply apparmor profile \(profile)", error) }
    }

    private func loadFilter(_ channel: borrowing FileDescriptor) throws(RuntimeError) {
        if seccompFilter.isEmpty { return }
        let listener = try at("load seccomp filter") { () throws(SyscallError) in
            try Credentials.loadSeccompFilter(seccompFilter, flags: extras.seccompFlags)
        }
        switch listener {
        case .some(let listener): try ChildMessage.ask(.notifier, passing: listener, on: channel)
        case .none: break
        }
    }

    /// A program that is not root must still be able to open /dev/stdout again.
    private func giveStreams(to user: RuntimeUser) throws(RuntimeError) {
        if user.uid == 0, user.gid == 0 { return }
        for number in Int32(0)...2 {
            do throws(SyscallError) { try StandardStreams.changeOwner(of: number, user: user.uid) } catch
                where error.errno == .invalid || error.errno == .notPermitted || error.errno == .readOnlyFileSystem
            {
                // Some files have no owner to change: sockets, and null devices of a host that is read-only.
            } catch { throw RuntimeError("give stdio to user \(user.uid)", error) }
        }
    }

    /// With `onlyRaising` those that are lower are left for later, when less is left to be done under them.
    func setLimits(onlyRaising: Bool = false) throws(RuntimeError) {
        for var limit in process.rlimits ?? [] {
            guard let resource = Self.resources[limit.type] else { throw RuntimeError("unknown resource limit \(limit.type)") }
            if onlyRaising {
                let now = try at("read \(limit.type)") { () throws(SyscallError) in try Process.limit(resource) }
                (limit.soft, limit.hard) = (max(limit.soft, now.soft), max(limit.hard, now.hard))
            }
            do throws(SyscallError) {
                try Process.setLimit(resource, soft: limit.soft, hard: limit.hard)
            } catch  where error.errno == .notPermitted {
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

    /// To be called outside: what the container has at /proc may be another file by then, CVE-2025-52881.
    func setOOMScore() throws(RuntimeError) {
        guard let score = process.oomScoreAdj, score != 0 else { return }
        do throws(SyscallError) {
            try FileDescriptor.open("/proc/self/oom_score_adj", [.writeOnly]).writeAll(Array("\(score)".utf8))
        } catch  where error.errno == .access || error.errno == .notPermitted {
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
        // What this process itself lacks it cannot give: a nested engine gives what it has, and names that nobody knows give nothing.
        func set(_ names: [String]?) -> CapabilitySet {
            let known: [CapabilitySet] = names?.compactMap { CapabilitySet(name: $0) } ?? []
            return known.reduce(CapabilitySet()) { $0.union($1) }.intersection(available)
        }
        let bounding = set(wanted.bounding), permitted = set(wanted.permitted), inheritable = set(wanted.inheritable)
        let effective = set(wanted.effective)
        // The kernel raises no other ones, which the specs that `crun spec` makes ask for.
        let ambient = set(wanted.ambient).intersection(permitted).intersection(inheritable)
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
