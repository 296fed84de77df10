package import Cgroups
package import Linux
package import OCI

/// One more process in a container that runs: `exec`. Made by the container's supervisor, whose child it is.
package struct ExecSession: Sendable {
    package var process: RuntimeProcess
    package var user: String?
    package var additionalGroups: [String]
    package var seccompFilter: [UInt8]

    package init(process: RuntimeProcess, user: String?, additionalGroups: [String] = [], seccompFilter: [UInt8]) {
        self.process = process
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
    }

    /// Makes the process and returns when its program has begun. `container` names the container's first process.
    /// Single-threaded callers only.
    package func start(
        in container: borrowing FileDescriptor, cgroup: Cgroup?, streams: consuming StandardStreams?
    ) throws(RuntimeError) -> StartedProcess {
        let pair = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        try at("join pid namespace") { () throws(SyscallError) in try Namespace.join(container, .newPID) }
        defer {
            // Our own namespace is always there to return to.
            try? Namespace.join(path: "/proc/self/ns/pid", .newPID)
        }
        let process: ForkedProcess
        do throws(SyscallError) {
            process = try fork {
                do throws(RuntimeError) {
                    try run(in: container, cgroup: cgroup, streams: streams, channel: pair.child)
                } catch { return ContainerLaunch.report(error, on: pair.child) }
            }
        } catch { throw RuntimeError("make process", error) }
        return try ContainerLaunch.await(process, on: pair.keepParent())
    }

    private func run(
        in container: borrowing FileDescriptor, cgroup: Cgroup?, streams: borrowing StandardStreams?, channel: borrowing FileDescriptor
    ) throws(RuntimeError) -> Never {
        try at("leave the engine") { () throws(SyscallError) in
            try Process.newSession()
            Signal.reset()
        }
        if let cgroup { try at("enter cgroup") { () throws(SyscallError) in try cgroup.enter() } }
        // Before it is in there, nothing in the container may look into it or trace it.
        try at("join namespaces") { () throws(SyscallError) in
            try Process.setDumpable(false)
            try Namespace.join(container, [.newMount, .newNetwork, .newIPC, .newUTS, .newCgroup])
        }
        switch streams {
        case .some(let streams): try at("set up stdio") { () throws(SyscallError) in try streams.install() }
        case .none: break
        }
        if process.terminal == true { try openTerminal(process.consoleSize, channel: channel, isInit: false) }
        let setup = ProcessSetup(process: process, userText: user, additionalGroups: additionalGroups, seccompFilter: seccompFilter)
        try setup.prepare().run()
    }
}
