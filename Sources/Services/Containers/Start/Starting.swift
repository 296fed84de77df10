import Database
import Synchronization
import Cgroups
import Diagnostics
import DockerAPI
import JSON
import Linux
import NetworkPlumbing
import Networks
import OCI
import Seccomp
import Supervisor
import Values
import Volumes

extension Containers {
    /// Runs the container's program. False when it runs already.
    ///
    /// Throws `notFound`, `conflict` for a container that is paused or being removed, and `invalid` with the runtime's words
    /// when the program cannot be run: clients read the exit code 126 or 127 out of those.
    package func start(_ reference: String) throws -> Bool {
        let found = try find(reference)
        return try locked(found.id, reference: reference) { record in
            if record.running {
                // Another process started it, and took over who attached here beforehand.
                dropListener(record.id)
                if record.paused { throw Fault(.conflict, "cannot start a paused container, try unpause instead") }
                return false
            }
            try launch(record)
            return true
        }
    }

    /// Starts a supervisor and waits for its word. The caller holds the container's lock. `resuming`: after that end, and the delay that
    /// comes after it, of a life whose supervisor was killed.
    func launch(_ record: ContainerRecord, resuming exit: ContainerExit? = nil) throws {
        reapSupervisors()
        let place = paths(record)
        let plans = Result { try volumePlans(record) }
        // Whoever can look it up does so and comes back: nothing has happened yet.
        if case .failure(let unknown as UnknownServer) = plans { throw unknown }
        // The supervisor's lock is taken for it and handed to it: from here to its end no moment is without a holder, and whoever
        // finds it free while the row says "running" knows that all who could have gone on are dead.
        let supervision = try Supervision.begin(record.id, paths)
        defer { withExtendedLifetime(supervision) {} }
        // Of a life whose supervisor was killed after it had written its end into the row, or a start that was before it wrote there.
        for path in [place.exit, place.state, place.socket] { _ = try FileSystem.removeFile(path) }
        Failpoint.hit(.startAfterLock)
        do {
            let listener = try takeListener(record.id)
            Failpoint.hit(.startAfterListen)
            let leases = try database.transaction { t in
                try t.run(
                    "UPDATE containers SET running = 1, stopped = 0, paused = 0, error = '', auto_remove = ?, started_at = ? WHERE id = ?",
                    .bool(record.hostConfig.autoRemove), .int(Timestamp.now.nanoseconds), .text(record.id.description))
                return try lease(record, t)
            }
            Failpoint.hit(.startAfterRow)
            let supervisor = try engageSupervisor(record, listener: listener.descriptor, lock: supervision.descriptor)
            do {
                try networks.ensure(leases)
                Failpoint.hit(.startAfterNetworks)
                try prepare(record, place, leases, plans.get(), resuming: exit)
                Failpoint.hit(.startAfterPlan)
                try run(supervisor, clients: takeClients(record.id))
            } catch {
                // First it: it may be about to make the cgroup.
                supervisor.end()
                // Nothing runs in that; what cannot be removed now is removed by whoever comes next.
                let cgroup = try? Cgroup(path: record.cgroupPath)
                try? cgroup?.killAll()
                try? cgroup?.remove()
                if !leases.isEmpty { clearNetwork(record.id) }
                throw error
            }
            children.withLock { $0.append(supervisor.process) }
            networks.publish("connect", of: record.id)
            if exit == nil { publish("start", record) }
            publishVolumes("mount", of: record)
            if record.finishedAt != nil, let address = leases.first(where: { !$0.resolvesNames })?.attachment?.addresses.first?.address {
                // It runs, whatever becomes of the names by which others call it.
                try? followLinks(to: record, at: address)
            }
        } catch {
            let fault = startFault(error, record)
            let code = Self.exitCode(of: fault.message)
            // Who waits for its end on the socket that no supervisor took learns of it when the socket closes.
            dropListener(record.id)
            removeLiving(place)
            try database.transaction { t in
                try t.run(
                    "UPDATE containers SET running = 0, exit_code = ?, error = ?, started_at = ? WHERE id = ?", .int(code), .text(fault.message),
                    record.startedAt.map { .int($0.nanoseconds) } ?? .null, .text(record.id.description))
                try Networks.release(record.id, in: t)
            }
            if record.hostConfig.autoRemove {
                // Why it did not start is what the caller must know; what stays is removed by whoever comes next.
                try? erase(record, removeVolumes: true).clear()
            }
            throw fault
        }
    }

    /// The container's addresses. That a network is not there is said only now, as in Docker: at create "not found" would make clients look
    /// for the image instead.
    private func lease(_ record: ContainerRecord, _ t: borrowing Transaction) throws -> [EndpointLease] {
        if case .container = NetworkMode(record.hostConfig.networkMode) { return [] }
        do { return try networks.lease(record.member, in: t) } catch let fault as Fault {
            throw Fault(fault.kind, "failed to set up container networking: \(fault.message)", cause: fault.cause)
        }
    }

    /// Writes the plan and makes what must be there before it: directories and files.
    private func prepare(
        _ record: ContainerRecord, _ place: ContainerPaths, _ leases: [EndpointLease], _ volumes: [String: VolumeMountPlan], resuming exit: ContainerExit?
    ) throws {
        let network = try networkSetup(record, leases)
        let builder = SpecBuilder(
            record: record, paths: paths, place: place, volumes: volumes, network: network,
            processOf: { [self] reference, namespace in
                let other = try sharedContainer(reference, namespace: namespace, by: record)
                return try living(other)?.pid ?? 0
            })
        var spec = try builder.build()
        let profile = try seccompProfile(record), capabilities = spec.process?.capabilities?.bounding ?? []
        let runtime = try RuntimeChoices.plan(record.hostConfig.runtime), usesInit = try record.hostConfig.initProcess ?? ContainerDefaults.read().usesInit
        var filter: String?
        if runtime == nil {
            filter = try profile.flatMap { try SeccompFilter.path(profile: $0, capabilities: capabilities, cacheDirectory: paths.seccompFilters) }
        } else {
            let seccomp = try profile.flatMap { try $0.resolved(capabilities: capabilities, host: .current()) }
            try spec.speakPlainly(seccomp: seccomp, usesInit: usesInit, annotations: record.hostConfig.annotations)
        }

        let directory = try FileDescriptor.open(place.run, [.path, .directory])
        for name in ["rootfs", "exec"] { try makeIfMissing(name, in: directory) }
        // A volatile overlay that was not unmounted leaves a mark that keeps it from being mounted again; ours go with their namespace.
        try FileSystem.removeTree(place.volatileMark)
        if network.shared == nil {
            try FileSystem.replace(place.hostname, with: Array("\(record.config.hostname)\n".utf8))
            try FileSystem.replace(place.hosts, with: Array(network.hosts.utf8))
            try FileSystem.replace(place.resolvConf, with: Array(network.resolvConf.utf8))
        }

        let log = try LogOptions(record.hostConfig.logConfig)
        var plan = SupervisorPlan(
            id: record.id.description, spec: spec, rootMount: builder.rootMount, mountPoint: place.rootfs, user: record.config.user,
            additionalGroups: record.hostConfig.groupAdd ?? [], seccompFilter: filter, usesInit: usesInit,
            log: record.hostConfig.logConfig.type == "none" ? nil : try log.plan(place.log, for: record),
            openStdin: record.config.openStdin, stdinOnce: record.config.stdinOnce, restart: record.restart,
            network: network.plan, resumes: exit, health: try healthPlan(record))
        plan.runtime = runtime
        plan.events = EventPlan(directory: paths.events, attributes: Self.attributes(record))
        try FileSystem.replace(place.plan, with: try JSONValue(encoding: plan).compact, mode: 0o600)
    }

    private func makeIfMissing(_ name: String, in directory: borrowing FileDescriptor) throws(SyscallError) {
        do throws(SyscallError) { try directory.makeDirectory(name, mode: 0o700) } catch  where error.errno == .exists {}
    }

    func seccompProfile(_ record: ContainerRecord) throws -> SeccompProfile? {
        switch try SecurityOptions(record.hostConfig.securityOpt ?? [], .read()).seccomp {
        case "unconfined": nil
        case nil, "builtin": record.hostConfig.privileged ? nil : .default
        case .some(let text): .json(Array(text.utf8))
        }
    }

    func volumePlans(_ record: ContainerRecord) throws -> [String: VolumeMountPlan] {
        // As Docker does it when a container is made: the first use of the container, not each.
        if record.finishedAt == nil { try fillVolumes(record) }
        var plans: [String: VolumeMountPlan] = [:]
        for mount in record.mounts where mount.kind == .volume && plans[mount.name] == nil {
            var plan = try volumes.mountPlan(for: mount.name)
            if plan.isInMemory, let origin = try holder(of: mount.name, besides: record.id) { plan.options.append(origin) }
            plans[mount.name] = try volumes.addressed(plan)
        }
        return plans
    }

    /// A container that runs and has the volume mounted, in the words of the runtime: what is in memory is there, and nowhere else.
    private func holder(of volume: String, besides own: Identifier) throws -> String? {
        for id in try volumes.users(of: volume) where id != own.description {
            guard let other = try Identifier(id).flatMap({ try find($0) }), let living = try living(other), living.pid > 0 else { continue }
            guard let mount = other.mounts.first(where: { $0.name == volume && $0.subpath.isEmpty }) else { continue }
            return "x-share=\(living.pid):\(mount.destination)"
        }
        return nil
    }

    /// Volumes that are empty get what the image has at their places. Those that lie elsewhere are filled where they are mounted.
    private func fillVolumes(_ record: ContainerRecord) throws {
        let empty = try record.mounts.filter { try $0.kind == .volume && !$0.noCopy && volumes.isFillable($0.name) }
        if empty.isEmpty { return }
        try withMergedView(record, writable: false) { root in
            for mount in empty {
                // What is not a directory is covered by the volume, and none of its content.
                guard let source = try Self.openIfThere(mount.destination, in: root) else { continue }
                try volumes.populate(from: source, into: mount.name)
            }
        }
    }

    private static func openIfThere(_ path: String, in root: borrowing FileDescriptor) throws(SyscallError) -> FileDescriptor? {
        do throws(SyscallError) {
            return try root.open(path, [.directory], resolve: .inRoot)
        } catch  where error.errno == .noEntry || error.errno == .notDirectory { return nil }
    }

    static func restartPlan(_ policy: RestartPolicy) -> RestartPlan {
        RestartPlan(RestartPlan.Policy(rawValue: policy.name) ?? .no, maximumRetries: policy.maximumRetryCount)
    }

    // MARK: - Failing

    /// The runtime's words, as Docker's users know them.
    private func startFault(_ error: any Error, _ record: ContainerRecord) -> Fault {
        if let conflict = error as? PortConflict { return portFault(conflict, record) }
        if let error = error as? PlumbingError { return Fault(.internal, "failed to set up container networking: \(error)") }
        if let fault = error as? Fault { return fault }
        return Fault(.invalid, "failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process: \(error)")
    }

    /// The code that a container has which could not be started: 127 for a program that is not there, 126 for one that cannot be run.
    static func exitCode(of text: String) -> Int {
        let message = text.lowercased()
        if message.contains("executable file not found") || message.contains("no such file or directory") { return 127 }
        if message.contains("permission denied") || message.contains("is a directory") || message.contains("not a directory") { return 126 }
        return 128
    }
}
