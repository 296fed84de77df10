package import Cgroups
package import Linux
package import OCI

/// One more process in a container that runs: `exec`. Made by the container's supervisor, whose child it is.
package struct ExecSession: Sendable {
    package var process: RuntimeProcess
    package var user: String?
    package var additionalGroups: [String]
    package var seccompFilter: [UInt8]
    package var extras = ProcessExtras()

    package init(process: RuntimeProcess, user: String?, additionalGroups: [String] = [], seccompFilter: [UInt8]) {
        self.process = process
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
    }

    /// Makes the process and returns when its program has begun. `container` names the container's first process, whose number is `pid`;
    /// `notifier` is called as it is for that one. Single-threaded callers only.
    package func start(
        in container: borrowing FileDescriptor, pid: Int32, cgroup: Cgroup?, streams: consuming StandardStreams?,
        notifier: (Int32, OpenFile) throws(RuntimeError) -> Void = { _, _ in }
    ) throws(RuntimeError) -> StartedProcess {
        let pair = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        // A process cannot join the user namespace that it is in, and kernels may have none of clocks.
        let joinsUsers = !Self.shares("user", with: pid)
        let joined: CloneFlags = Self.shares("time", with: pid) ? [] : .newTime
        try at("join pid namespace") { () throws(SyscallError) in try Namespace.join(container, .newPID) }
        defer {
            // Our own namespace is always there to return to.
            try? Namespace.join(path: "/proc/self/ns/pid", .newPID)
        }
        let held = HeldStreams(streams)
        let process: ForkedProcess
        do throws(SyscallError) {
            process = try fork {
                ChildAttendance.reporting(on: pair.child) { () throws(RuntimeError) in
                    try run(in: container, joining: joined, joinsUsers: joinsUsers, cgroup: cgroup, streams: held, channel: pair.child)
                }
            }
        } catch { throw RuntimeError("make process", error) }
        return try ChildAttendance(of: process, on: pair.keepParent()).run { (asked, pid, file) throws(RuntimeError) in
            if asked == .notifier, let file { try notifier(pid, file) }
        }
    }

    private static func shares(_ kind: String, with pid: Int32) -> Bool {
        // When it cannot be told, the attempt to join tells why.
        let own = try? FileSystem.status("/proc/self/ns/\(kind)"), other = try? FileSystem.status("/proc/\(pid)/ns/\(kind)")
        return own?.inode == other?.inode
    }

    private func run(
        in container: borrowing FileDescriptor, joining joined: CloneFlags, joinsUsers: Bool, cgroup: Cgroup?,
        streams: HeldStreams?, channel: borrowing FileDescriptor
    ) throws(RuntimeError) -> Never {
        try at("leave the engine") { () throws(SyscallError) in
            try Process.newSession()
            Signal.reset()
        }
        let setup = ProcessSetup(
            process: process, userText: user, additionalGroups: additionalGroups, seccompFilter: seccompFilter, extras: extras)
        try setup.setProcessors(process.execCPUAffinity?.initial)
        if let cgroup { try at("enter cgroup") { () throws(SyscallError) in try cgroup.enter() } }
        if process.execCPUAffinity == nil { try setup.useAllProcessors() }
        try setup.setProcessors(process.execCPUAffinity?.final)
        // The container's root may not raise them.
        if joinsUsers { try setup.setLimits(onlyRaising: true) }
        try setup.setOOMScore()
        // Before it is in there, nothing in the container may look into it or trace it.
        try at("join namespaces") { () throws(SyscallError) in
            try Process.setDumpable(false)
            try Namespace.join(container, joined.union([.newMount, .newNetwork, .newIPC, .newUTS, .newCgroup]))
            if joinsUsers {
                try Namespace.join(container, .newUser)
                try Credentials.becomeMappedRoot()
            }
        }
        if let streams { try at("set up stdio") { () throws(SyscallError) in try streams.streams.install() } }
        if process.terminal == true { try openTerminal(process.consoleSize, channel: channel, isInit: false, keepsLines: extras.keepsLines) }
        try setup.prepare(channel: channel).run()
    }
}
