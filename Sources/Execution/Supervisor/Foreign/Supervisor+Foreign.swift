import Cgroups
import ContainerRuntime
import Linux
import OCI
import Values

/// Containers that another runtime makes: this process is what is called a shim elsewhere.
///
/// The container's root, and what only Davit knows to mount, is put together in a mount namespace of the supervisor's own, so that nothing
/// is seen on the host and all of it is gone when the supervisor is. The runtime's processes become its children, being orphans.
extension Supervisor {
    func start(_ launch: ContainerLaunch, by runtime: ForeignRuntime, streams: consuming StandardStreams?) throws -> StartedProcess {
        if !isApart {
            try Process.becomeSubreaper()
            try Namespace.unshare(.newMount)
            try Mounts.mount(nil, on: "/", [.slave, .recursive])
            isApart = true
        }
        clear(runtime)
        let resources = launch.spec.linux?.resources
        if !cgroup.exists { try cgroup.create(resources ?? LinuxResources()) }
        let (ours, theirs) = launch.spec.mountsByMaker
        do {
            try RootFileSystem.mount(root: launch.rootMount ?? RuntimeMount(destination: "/"), ours, on: launch.mountPoint)
            var spec = launch.spec
            spec.mounts = theirs
            spec.root = RuntimeRoot(path: launch.mountPoint, readonly: spec.root?.readonly)
            spec.linux?.cgroupsPath = "/\(cgroup.path)"
            let namespaces = spec.linux?.namespaces
            spec.linux?.namespaces = namespaces?.map { LinuxNamespace($0.type, path: $0.path?.seen(from: Process.id)) }
            spec.process = try spec.process.map { try $0.owned(by: launch.user, launch.additionalGroups, in: launch.mountPoint) }
            let started = try runtime.create(spec, streams: streams)
            do { try runtime.begin() } catch {
                runtime.delete()
                // It was killed just now; how it ended is not what there is to tell.
                _ = try? Process.wait(started.process.pid)
                throw error
            }
            return started
        } catch {
            clear(runtime)
            throw error
        }
    }

    func start(_ plan: ExecPlan, in run: Run, by runtime: ForeignRuntime, streams: consuming StandardStreams?) throws -> StartedProcess {
        let process = try limited(plan.process).owned(by: plan.user, plan.additionalGroups, in: "/proc/\(run.started.process.pid)/root")
        return try runtime.exec(process, streams: streams)
    }

    func deliver(_ number: Int32, to run: Run, by runtime: ForeignRuntime) -> SupervisorReply {
        do { try runtime.signal(number) } catch {
            var set = PollSet()
            set.add(run.started.process.pidfd, read: true, token: 0)
            // One that has just ended takes no signal, which is about to be told.
            if (try? set.wait(timeoutMilliseconds: 0))?.isEmpty ?? true { return SupervisorReply(error: "\(error)") }
        }
        // What the file tells of a stop matters only if this process is killed before the end.
        if stopRequested { try? writeState(pid: run.started.process.pid, restarting: false) }
        return SupervisorReply()
    }

    /// Takes away what is left of a life.
    func clear(_ runtime: ForeignRuntime) {
        runtime.delete()
        // Between two lives nothing is mounted there.
        try? Mounts.detach(plan.mountPoint)
    }

    /// Orphans of a container that has no process of its own to reap them.
    func reapOrphans() {
        guard foreign != nil else { return }
        let known = Set([run?.started.process.pid].compactMap(\.self) + sessions.map { $0.started.process.pid })
        // The one that is waited for elsewhere may stand before others: they are for the next turn.
        while let ended = Process.ended(), !known.contains(ended) { _ = try? Process.wait(ended) }
    }
}

extension RuntimeSpec {
    /// Mounts that take options of Davit's own, and those that any runtime can make.
    var mountsByMaker: (ours: [RuntimeMount], theirs: [RuntimeMount]) {
        func isOurs(_ mount: RuntimeMount) -> Bool { (mount.options ?? []).contains { $0.hasPrefix("x-") } }
        return ((mounts ?? []).filter(isOurs), (mounts ?? []).filter { !isOurs($0) })
    }
}

extension RuntimeProcess {
    /// With the numbers and the home of a user who is known by the files of the container's root.
    func owned(by text: String?, _ groups: [String], in root: String) throws -> RuntimeProcess {
        let found = try UserLookup.resolve(text ?? "\(user.uid):\(user.gid)", additionalGroups: groups, in: root)
        var process = self
        process.user = found.user
        // What this process itself lacks no runtime can give: a nested engine gives what it has.
        let available = try CapabilitySet.permitted()
        func own(_ names: [String]?) -> [String]? { names?.filter { CapabilitySet(name: $0).map { $0.intersection(available) == $0 } ?? false } }
        if let wanted = capabilities {
            process.capabilities = RuntimeCapabilities(
                bounding: own(wanted.bounding), effective: own(wanted.effective), inheritable: own(wanted.inheritable), permitted: own(wanted.permitted),
                ambient: own(wanted.ambient))
        }
        if !(env ?? []).contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) {
            process.env = (env ?? []).filter { $0 != "HOME=" } + ["HOME=\(found.home)"]
        }
        return process
    }
}
