import Cgroups
import ContainerRuntime
import Linux
import OCI
import Seccomp
import Values

/// A container that was made, and its first process.
struct Launched: ~Copyable {
    let container: StoredContainer
    let process: StartedProcess
}

/// What the flags of `create` and `run` say.
struct LaunchOptions {
    var bundle = "."
    var pidFile: String?
    var consoleSocket: String?
    var pidfdSocket: String?
    var pivots = true
    var extras = ProcessExtras()
    /// The program waits for `start`.
    var waits = false
    /// Nobody waits for its end.
    var isDetached = false
    /// It is still there when it has ended.
    var isKept = false

    /// Who has the terminal has to be somebody.
    func check(terminal: Bool) throws {
        if isDetached, terminal, consoleSocket == nil { throw RuntimeFault("cannot allocate tty if the runtime will detach without setting console socket") }
        if consoleSocket != nil, !(isDetached && terminal) { throw RuntimeFault("cannot use console socket if the runtime will not detach or allocate tty") }
    }
}

extension ContainerStore {
    /// Makes a container and its first process, which waits for `start` or has begun its program. On failure nothing is left.
    func launch(_ id: String, _ options: LaunchOptions) throws -> Launched {
        let bundle = try Bundle(options.bundle)
        try options.check(terminal: bundle.spec.process?.terminal ?? false)
        let (container, lock) = try add(try record(id, bundle))
        defer { withExtendedLifetime(lock) {} }
        do {
            return Launched(container: container, process: try start(container, bundle, options))
        } catch {
            // The first error is the one to tell.
            try? container.clear()
            throw error
        }
    }

    private func record(_ id: String, _ bundle: Bundle) throws -> ContainerRecord {
        var record = ContainerRecord()
        let linux = bundle.spec.linux
        record.id = id
        record.ociVersion = bundle.spec.ociVersion
        record.bundle = bundle.path
        record.rootfs = bundle.spec.root?.path ?? ""
        record.created = Timestamp.now.description
        record.annotations = bundle.spec.annotations
        record.hasProcessNamespace = linux?.namespaces?.contains { $0.type == .pid && $0.path?.isEmpty ?? true } ?? false
        record.hooks.poststart = bundle.spec.hooks?.poststart
        record.hooks.poststop = bundle.spec.hooks?.poststop
        let path = linux?.cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }
        record.cgroup = try Cgroup(path: path ?? "davit-runtime/\(id)").path
        return record
    }

    private func start(_ container: StoredContainer, _ bundle: Bundle, _ options: LaunchOptions) throws -> StartedProcess {
        var spec = bundle.spec
        if !options.isDetached, var process = spec.process {
            Foreground.fit(&process)
            spec.process = process
        }
        let cgroup = try makeCgroup(for: container, spec)
        spec.linux?.resources = nil
        let listener = options.waits ? OpenFile(try UnixSocket.listen(RuntimePaths.start, in: container.directory, mode: 0o600)) : nil

        let filter = try CallFilter(spec.linux?.seccomp, root: root)
        var launch = ContainerLaunch(
            spec: spec, rootMount: nil, mountPoint: container.record.rootfs, user: nil, additionalGroups: [], seccompFilter: filter.program, usesInit: false)
        launch.pivots = options.pivots
        launch.extras = options.extras
        launch.extras.keepsLines = !options.isDetached
        launch.extras.personality = spec.linux?.personality
        launch.extras.seccompFlags = filter.flags
        launch.independence = Independence(hooks: spec.hooks ?? RuntimeHooks(), state: container.record.state(.creating), listener: listener)
        var process = try launch.start(
            cgroup: cgroup, streams: nil,
            ready: { pid throws(RuntimeError) in
                container.record.pid = pid
                container.record.startTime = Process.startTime(pid) ?? 0
                do {
                    try FileSystem.replace(container.paths.configuration, with: bundle.bytes, mode: 0o600)
                    try container.save()
                    if let path = options.pidFile { try FileSystem.replace(path, with: "\(pid)".utf8) }
                } catch { throw RuntimeError("\(error)") }
            },
            notifier: { pid, file throws(RuntimeError) in
                do { try filter.hand(file, pid: pid, container.record) } catch { throw RuntimeError("\(error)") }
            })
        do {
            if let path = options.pidfdSocket { try Console.hand(process.process.pidfd, named: "pidfd", to: path) }
            if let socket = options.consoleSocket { try Console.hand(&process.terminal, to: socket) }
            if !options.waits { try RuntimeHook.run(container.record.hooks.poststart, as: "poststart", container.record.state(.running)) }
        } catch {
            // It may have ended by itself.
            try? Process.signal(process.process.pidfd, 9)
            throw error
        }
        return process
    }

    /// Nil, which the record says too, where somebody who is not the host's root may make none and no limit needs one.
    private func makeCgroup(for container: StoredContainer, _ spec: RuntimeSpec) throws -> Cgroup? {
        guard let cgroup = try container.cgroup else { return nil }
        var resources = spec.linux?.resources ?? LinuxResources()
        let needsNone = resources == LinuxResources(devices: resources.devices)
        resources.devices = Self.devices(resources.devices ?? [])
        do {
            try cgroup.create(resources)
            return cgroup
        } catch let error as SyscallError where needsNone && !Credentials.isMachineRoot && [.access, .notPermitted, .readOnlyFileSystem].contains(error.errno) {
            container.record.cgroup = nil
            try container.save()
            return nil
        }
    }

    /// Nothing but what is listed and what every container has, with the nodes of any: as runc has it.
    private static func devices(_ rules: [LinuxDeviceCgroup]) -> [LinuxDeviceCgroup] {
        var all = [LinuxDeviceCgroup(allow: false, access: "rwm")] + rules
        if rules.last == LinuxDeviceCgroup(allow: true, access: "rwm") { return rules }
        for type in ["c", "b"] { all.append(LinuxDeviceCgroup(allow: true, type: type, access: "m")) }
        let standard: [(Int64, Int64?)] = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, nil)]
        for (major, minor) in standard { all.append(LinuxDeviceCgroup(allow: true, type: "c", major: major, minor: minor, access: "rwm")) }
        return all
    }
}
