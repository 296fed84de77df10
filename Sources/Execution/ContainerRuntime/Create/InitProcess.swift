package import Cgroups
package import Linux
import Netlink
package import OCI

/// What it takes to make a container's first process.
package struct ContainerLaunch: Sendable {
    package var spec: RuntimeSpec
    /// Mounted as the root; nil binds `spec.root.path`.
    package var rootMount: RuntimeMount?
    /// An empty directory on the host.
    package var mountPoint: String
    /// `user[:group]`, looked up in the container's own files; nil takes the numbers in the spec.
    package var user: String?
    package var additionalGroups: [String]
    /// Instructions for seccomp(2); empty loads none.
    package var seccompFilter: [UInt8]
    /// A reaping process 1 stands before the program.
    package var usesInit: Bool

    package init(
        spec: RuntimeSpec, rootMount: RuntimeMount?, mountPoint: String, user: String?, additionalGroups: [String], seccompFilter: [UInt8],
        usesInit: Bool
    ) {
        self.spec = spec
        self.rootMount = rootMount
        self.mountPoint = mountPoint
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
        self.usesInit = usesInit
    }
}

/// A process that runs in a container, as its parent has it.
package struct StartedProcess: ~Copyable {
    package let process: ForkedProcess
    /// The owner's end of its terminal, when it was to have one.
    package var terminal: FileDescriptor?

    init(process: consuming ForkedProcess, terminal: consuming FileDescriptor?) {
        self.process = process
        self.terminal = terminal
    }
}

/// The child's messages to its parent, one `SOCK_SEQPACKET` message each, in this order:
///
/// | message | when | carries |
/// |---|---|---|
/// | `T` | the process has a terminal | the owner's end, as a descriptor |
/// | `E` + text | something failed; the child ends | a `RuntimeError` |
/// | end of file | execve(2) has happened: the socket is close-on-exec | |
enum ChildMessage {
    static let terminal: UInt8 = 0x54
    static let error: UInt8 = 0x45
}

extension ContainerLaunch {
    /// Makes the process and returns when its program has begun. Single-threaded callers only.
    ///
    /// `streams` are its 0, 1 and 2 unless the spec asks for a terminal. `cgroup` must exist already.
    package func start(cgroup: Cgroup?, streams: consuming StandardStreams?) throws(RuntimeError) -> StartedProcess {
        var flags: CloneFlags = []
        var joined: [(path: String, kind: CloneFlags)] = []
        for namespace in spec.linux?.namespaces ?? [] {
            let kind = try Self.flag(namespace.type)
            if let path = namespace.path { joined.append((path, kind)) } else { flags.insert(kind) }
        }
        guard flags.contains(.newMount) else { throw RuntimeError("a container without a mount namespace of its own is not supported") }
        // The cgroup namespace begins where the process is, so it comes after the process was put in its cgroup.
        let newCgroup = flags.contains(.newCgroup)
        flags.remove(.newCgroup)

        let pair = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        let parent = try at("name the runtime's process") { () throws(SyscallError) in try Process.open(Process.id) }
        // A PID namespace is entered by being born there.
        let pid = joined.first { $0.kind == .newPID }
        if let pid { try at("join pid namespace") { () throws(SyscallError) in try Namespace.join(path: pid.path, .newPID) } }
        defer {
            // Failing would leave later children in the wrong namespace, but there is no way to fail: it is our own.
            if pid != nil { try? Namespace.join(path: "/proc/self/ns/pid", .newPID) }
        }
        let process: ForkedProcess
        do throws(SyscallError) {
            process = try fork(flags) {
                do throws(RuntimeError) {
                    try run(
                        joining: joined.filter { $0.kind != .newPID }, newCgroup: newCgroup, newNetwork: flags.contains(.newNetwork), cgroup: cgroup,
                        streams: streams, channel: pair.child, parent: parent)
                } catch { return Self.report(error, on: pair.child) }
            }
        } catch { throw RuntimeError("make process", error) }
        return try Self.await(process, on: pair.keepParent())
    }

    /// The child, from its first instruction to execve(2).
    private func run(
        joining: [(path: String, kind: CloneFlags)], newCgroup: Bool, newNetwork: Bool, cgroup: Cgroup?,
        streams: borrowing StandardStreams?, channel: borrowing FileDescriptor, parent: borrowing FileDescriptor
    ) throws(RuntimeError) -> Never {
        try at("leave the engine") { () throws(SyscallError) in
            try Self.dieWith(parent)
            try Process.newSession()
            Signal.reset()
        }
        if let cgroup { try at("enter cgroup") { () throws(SyscallError) in try cgroup.enter() } }
        for (path, kind) in joining { try at("join namespace \(path)") { () throws(SyscallError) in try Namespace.join(path: path, kind) } }
        if newCgroup { try at("make cgroup namespace") { () throws(SyscallError) in try Namespace.unshare(.newCgroup) } }
        if newNetwork { try at("bring up loopback") { () throws(SyscallError) in try Loopback.bringUp() } }

        let rootFileSystem = RootFileSystem(spec: spec, rootMount: rootMount, mountPoint: mountPoint, cgroup: cgroup)
        try rootFileSystem.enter()
        let process = spec.process ?? RuntimeProcess()
        switch streams {
        case .some(let streams): try at("set up stdio") { () throws(SyscallError) in try streams.install() }
        case .none: break
        }
        if process.terminal == true { try openTerminal(process.consoleSize, channel: channel, isInit: true) }
        if let name = spec.hostname { try at("set host name") { () throws(SyscallError) in try Process.setHostName(name) } }
        if let name = spec.domainname { try at("set domain name") { () throws(SyscallError) in try Process.setDomainName(name) } }
        for (key, value) in (spec.linux?.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) { try Self.setSysctl(key, value) }
        try makeWorkingDirectory(process.cwd)
        try rootFileSystem.seal()

        let setup = ProcessSetup(process: process, userText: user, additionalGroups: additionalGroups, seccompFilter: seccompFilter)
        let program = try setup.prepare()
        // The kernel forgets it at a change of user. A profile that forbids prctl(2) leaves the supervisor's death to the next command.
        try? Self.dieWith(parent)
        if usesInit { try at("start init") { () throws(SyscallError) in try ReapingInit.split() } }
        try program.run()
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
        } catch where error.errno == .readOnlyFileSystem {
            // chdir will say that it is missing.
        } catch where error.errno == .notDirectory || error.errno == .exists {
            throw RuntimeError("mkdir \(path): not a directory")
        } catch { throw RuntimeError("make working directory", error) }
    }

    private static func setSysctl(_ key: String, _ value: String) throws(RuntimeError) {
        // Dots separate, unless slashes do: then dots belong to names such as those of VLAN interfaces.
        let name = key.contains("/") ? key : String(key.map { $0 == "." ? "/" : $0 })
        try at("set sysctl \(key)=\(value)") { () throws(SyscallError) in
            let directory = try FileDescriptor.open("/proc/sys", [.path, .directory])
            try directory.open(name, [.writeOnly], resolve: [.beneath, .noSymbolicLinks, .noCrossMount]).writeAll(Array(value.utf8))
        }
    }

    private static func flag(_ kind: LinuxNamespace.Kind) throws(RuntimeError) -> CloneFlags {
        switch kind {
        case .pid: .newPID
        case .network: .newNetwork
        case .mount: .newMount
        case .ipc: .newIPC
        case .uts: .newUTS
        case .cgroup: .newCgroup
        case .user: throw RuntimeError("user namespaces are not supported")
        case .time: throw RuntimeError("time namespaces are not supported")
        }
    }
}

extension ContainerLaunch {
    /// Reads the child's messages until it has begun its program or told why not.
    static func await(_ process: consuming ForkedProcess, on channel: consuming FileDescriptor) throws(RuntimeError) -> StartedProcess {
        var terminal: FileDescriptor?
        while true {
            guard var message = try at("wait for the container's process", { () throws(SyscallError) in try channel.receive() }) else {
                return StartedProcess(process: process, terminal: terminal)
            }
            if message.bytes.first == ChildMessage.terminal {
                terminal = message.file.take()
            } else {
                let text = String(decoding: message.bytes.dropFirst(), as: UTF8.self)
                // It ends by itself; its status says no more than the text.
                _ = try? Process.wait(process.pid)
                throw RuntimeError(text)
            }
        }
    }

    /// The child's last word.
    static func report(_ error: RuntimeError, on channel: borrowing FileDescriptor) -> CInt {
        // When the parent is gone there is nobody to tell.
        try? channel.send([ChildMessage.error] + Array(error.description.utf8.prefix(60_000)))
        return 1
    }
}

/// Opens a terminal inside the container, makes it stdio, and sends the owner's end to the parent.
func openTerminal(_ size: ConsoleSize?, channel: borrowing FileDescriptor, isInit: Bool) throws(RuntimeError) {
    try at("open terminal") { () throws(SyscallError) in
        let primary = try PseudoTerminal.open("/dev/pts/ptmx")
        if let size, size.height > 0, size.width > 0 { try PseudoTerminal.resize(primary, rows: size.height, columns: size.width) }
        let terminal = try PseudoTerminal.peer(primary)
        if isInit {
            // /dev/console is this terminal, as programs such as systemd expect.
            let dev = try FileDescriptor.open("/dev", [.path, .directory])
            do throws(SyscallError) {
                _ = try dev.open("console", [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            } catch where error.errno == .exists {}
            // By descriptors: names below a /dev that is somebody's volume may lead elsewhere meanwhile, CVE-2025-52565.
            try Mounts.attach(try Mounts.cloneDetached(terminal), on: try dev.open("console", [.path, .noFollow]))
        }
        try channel.send([ChildMessage.terminal], passing: primary)
        try StandardStreams.install(terminal: terminal)
    }
}
