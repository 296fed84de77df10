package import Cgroups
package import Linux
import Netlink
import OCI

extension ContainerLaunch {
    /// Makes the process and returns when its program has begun, or waits to. Single-threaded callers only.
    ///
    /// `streams` are its 0, 1 and 2 unless the spec asks for a terminal; without either it has the caller's. `cgroup` must exist already.
    /// `ready` is called with the process's number when all but the program is there, in a container that is independent; `notifier` with
    /// what tells of system calls, when a filter asks for that.
    package func start(
        cgroup: Cgroup?, streams: consuming StandardStreams?, ready: (Int32) throws(RuntimeError) -> Void = { _ in },
        notifier: (Int32, OpenFile) throws(RuntimeError) -> Void = { _, _ in }
    ) throws(RuntimeError) -> StartedProcess {
        let namespaces = try NamespacePlan(spec), prepared = try PreparedMounts(spec)
        let pair = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        let parent = try at("name the runtime's process") { () throws(SyscallError) in try Process.open(Process.id) }
        // A PID namespace is entered by being born there.
        let pid = namespaces.needsOneBetween ? nil : namespaces.joined.first { $0.kind == .newPID }
        if let pid { try at("join pid namespace") { () throws(SyscallError) in try Namespace.join(path: pid.path, .newPID) } }
        defer {
            // Failing would leave later children in the wrong namespace, but there is no way to fail: it is our own.
            if pid != nil { try? Namespace.join(path: "/proc/self/ns/pid", .newPID) }
        }
        let child = InitProcess(launch: self, namespaces: namespaces, prepared: prepared, cgroup: cgroup, streams: HeldStreams(streams))
        let process: ForkedProcess
        do throws(SyscallError) {
            process = try fork(namespaces.needsOneBetween ? [] : namespaces.made) {
                child.begin(channel: pair.child, parent: parent)
            }
        } catch { throw RuntimeError("make process", error) }
        let attendance = ChildAttendance(of: process, on: pair.keepParent(), isBetween: namespaces.needsOneBetween)
        return try attendance.run(isGated: independence?.listener != nil, mustBeReady: independence != nil) { (asked, pid, file) throws(RuntimeError) in
            switch asked {
            case .mappings: try namespaces.writeMappings(of: pid)
            case .hooks: try independence?.runOutside(pid)
            case .ready: try ready(pid)
            case .notifier: if let file { try notifier(pid, file) }
            default: break
            }
        }
    }
}

/// The child: from its first instruction to execve(2).
struct InitProcess {
    let launch: ContainerLaunch
    let namespaces: NamespacePlan
    let prepared: PreparedMounts
    let cgroup: Cgroup?
    let streams: HeldStreams?

    private var spec: RuntimeSpec { launch.spec }

    /// All of it; gives an exit code when it fails.
    func begin(channel: borrowing FileDescriptor, parent: borrowing FileDescriptor) -> CInt {
        ChildAttendance.reporting(on: channel) { () throws(RuntimeError) in
            if let independence = launch.independence {
                let kept = [channel.rawValue, parent.rawValue] + [independence.listener?.descriptor.rawValue].compactMap(\.self) + prepared.descriptors
                let first = UInt32(clamping: 3 + launch.extras.passedFiles)
                try at("leave the runtime's files") { () throws(SyscallError) in try Process.closeAll(from: first, except: kept) }
            }
            if namespaces.needsOneBetween { try goBetween(channel: channel, parent: parent) } else { try run(channel: channel, parent: parent) }
        }
    }

    /// A process that joins namespaces and makes the container's as its own sibling, and ends.
    ///
    /// Who is in a user namespace cannot come back, so the runtime itself must not go there; and clocks must be set before anybody reads
    /// them. What the container's root may not do any more is done here: its cgroup, and limits that are raised.
    func goBetween(channel: borrowing FileDescriptor, parent: borrowing FileDescriptor) throws(RuntimeError) {
        try at("leave the engine") { () throws(SyscallError) in try Self.dieWith(parent) }
        if let cgroup { try at("enter cgroup") { () throws(SyscallError) in try cgroup.enter() } }
        try setup.useAllProcessors()
        try setup.setLimits(onlyRaising: true)
        try setup.setOOMScore()
        try namespaces.join()
        let gate = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        let process = try at("make process") { () throws(SyscallError) in
            try fork(namespaces.made.union(.siblingOfCaller)) {
                ChildAttendance.reporting(on: channel) { () throws(RuntimeError) in
                    // The runtime must not hear from the process before it has heard of it.
                    try at("leave the engine") { () throws(SyscallError) in
                        try Self.dieWith(parent)
                        _ = try gate.child.receive(limit: 1)
                    }
                    try run(channel: channel, parent: parent)
                }
            }
        }
        try at("tell of the process") { () throws(SyscallError) in
            try channel.send([ChildMessage.process.rawValue] + ChildMessage.bytes(process.pid), passing: process.pidfd)
            try gate.parent.send([ChildMessage.process.rawValue])
        }
    }

    /// The container's first process itself.
    func run(channel: borrowing FileDescriptor, parent: borrowing FileDescriptor) throws(RuntimeError) -> Never {
        try at("leave the engine") { () throws(SyscallError) in
            try Self.dieWith(parent)
            try Process.newSession()
            Signal.reset()
        }
        if !namespaces.needsOneBetween {
            if let cgroup { try at("enter cgroup") { () throws(SyscallError) in try cgroup.enter() } }
            try setup.useAllProcessors()
            try setup.setOOMScore()
            try namespaces.join(but: .newPID)
        }
        if namespaces.mapsUsers { _ = try ChildMessage.ask(.mappings, on: channel) }
        if namespaces.hasUsers {
            try at("become the container's root") { () throws(SyscallError) in try Credentials.becomeMappedRoot() }
        }
        if namespaces.makesCgroup { try at("make cgroup namespace") { () throws(SyscallError) in try Namespace.unshare(.newCgroup) } }
        if namespaces.made.contains(.newNetwork) { try at("bring up loopback") { () throws(SyscallError) in try Loopback.bringUp() } }

        let rootFileSystem = RootFileSystem(spec: spec, rootMount: launch.rootMount, mountPoint: launch.mountPoint, cgroup: cgroup, prepared: prepared)
        try rootFileSystem.enter(pivots: launch.pivots) { () throws(RuntimeError) in try launch.independence?.runAround(channel) }
        prepared.closeCopies()
        let process = spec.process ?? RuntimeProcess()
        if let streams { try at("set up stdio") { () throws(SyscallError) in try streams.streams.install() } }
        if process.terminal == true { try openTerminal(process.consoleSize, channel: channel, isInit: true, keepsLines: launch.extras.keepsLines) }
        if let name = spec.hostname, !name.isEmpty { try at("set host name") { () throws(SyscallError) in try Process.setHostName(name) } }
        if let name = spec.domainname, !name.isEmpty { try at("set domain name") { () throws(SyscallError) in try Process.setDomainName(name) } }
        for (key, value) in (spec.linux?.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) { try Self.setSysctl(key, value) }
        try makeWorkingDirectory(process.cwd)
        try rootFileSystem.seal()

        guard let independence = launch.independence else {
            // The kernel forgets it at a change of user. A profile that forbids prctl(2) leaves the supervisor's death to the next command.
            try finish(channel: channel) { _ in try? Self.dieWith(parent) }
        }
        // Who creates a container hears what start could only fail for.
        try setup.check()
        let pid = try ChildMessage.ask(.ready, on: channel)
        try at("leave the runtime") { () throws(SyscallError) in
            try Process.setParentDeathSignal(0)
            try channel.send([ChildMessage.independent.rawValue])
        }
        guard let listener = independence.listener else { try begin(independence, pid, channel: channel) }
        let connection = try Self.awaitWord(listener)
        Process.exit(ChildAttendance.reporting(on: connection) { () throws(RuntimeError) in try begin(independence, pid, channel: connection) })
    }

    private func begin(_ independence: Independence, _ pid: Int32, channel: borrowing FileDescriptor) throws(RuntimeError) -> Never {
        try finish(channel: channel) { program throws(RuntimeError) in try independence.runInside(pid, environment: program.environment) }
    }

    /// Becomes the user and, after `last`, the program.
    private func finish(channel: borrowing FileDescriptor, _ last: (Program) throws(RuntimeError) -> Void) throws(RuntimeError) -> Never {
        let program = try setup.prepare(channel: channel)
        try last(program)
        if launch.usesInit { try at("start init") { () throws(SyscallError) in try ReapingInit.split() } }
        try program.run()
    }

    private var setup: ProcessSetup {
        ProcessSetup(
            process: spec.process ?? RuntimeProcess(), userText: launch.user, additionalGroups: launch.additionalGroups,
            seccompFilter: launch.seccompFilter, extras: launch.extras)
    }

    /// Waits until somebody connects and gives the word, for as long as it takes. Who connects and goes again only looks whether anybody waits.
    private static func awaitWord(_ listener: OpenFile) throws(RuntimeError) -> FileDescriptor {
        while true {
            let connection = try at("wait to be started") { () throws(SyscallError) in try UnixSocket.accept(listener.descriptor) }
            guard let connection else { continue }
            var set = PollSet()
            set.add(connection, read: true, token: 0)
            // What cannot be read is no word.
            while let ready = try? set.wait(timeoutMilliseconds: -1), ready.isEmpty {}
            if let word = try? connection.read(upTo: 1), word == [Independence.beginning] { return connection }
        }
    }

    /// Has the kernel kill this process when its parent ends; one that has ended before it was asked is noticed here.
    private static func dieWith(_ parent: borrowing FileDescriptor) throws(SyscallError) {
        try Process.setParentDeathSignal(9)
        var set = PollSet()
        set.add(parent, read: true, token: 0)
        if try !set.wait(timeoutMilliseconds: 0).isEmpty { Process.exit(1) }
    }

    /// `-w` names a directory that need not be there.
    private func makeWorkingDirectory(_ path: String) throws(RuntimeError) {
        guard path.hasPrefix("/") else { throw RuntimeError("the working directory '\(path)' is invalid, it needs to be an absolute path") }
        if path == "/" { return }
        do throws(SyscallError) {
            let root = try FileDescriptor.open("/", [.path, .directory])
            _ = try root.makePath(path, directory: true)
        } catch  where error.errno == .readOnlyFileSystem {
            // chdir will say that it is missing.
        } catch  where error.errno == .notDirectory || error.errno == .exists {
            throw RuntimeError("mkdir \(path): not a directory")
        } catch { throw RuntimeError("make working directory", error) }
    }

    private static func setSysctl(_ key: String, _ value: String) throws(RuntimeError) {
        // Dots separate, unless slashes do: then dots belong to names such as those of VLAN interfaces.
        let name = key.contains("/") ? key : String(key.map { $0 == "." ? "/" : $0 })
        try at("set sysctl \(key)=\(value)") { () throws(SyscallError) in
            let directory = try FileDescriptor.open("/proc/sys", [.path, .directory])
            guard try directory.isOn(.proc) else { throw SyscallError("open", "/proc/sys", errno: .notSupported) }
            try directory.open(name, [.writeOnly], resolve: [.beneath, .noSymbolicLinks, .noCrossMount]).writeAll(Array(value.utf8))
        }
    }
}
