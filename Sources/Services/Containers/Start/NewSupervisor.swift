import DockerAPI
import Linux
import Supervisor
import Synchronization
import Values

/// A supervisor that has not started its container: it comes to life while that is made, waits to hear which one it is, and then for word
/// that the plan is there. The end of `channel` ends it.
struct NewSupervisor: Sendable {
    let process: ChildProcess
    let channel: OpenFile
    /// Letting go of the copy of its program's mount waits for all processors: not now.
    let program: OpenFile?

    /// Ends it, for whoever has no use for it after all.
    func end() {
        // It is our own child and not waited for yet: there is no way to fail.
        try? process.signal(9)
        _ = try? process.wait()
    }
}

extension Containers {
    /// Says that this process is going to start a container: starting its supervisor takes as long as making the container, so it is done
    /// beside that.
    package func expectStart() {
        // Should this fail, starting the container does too, and says why.
        spare.withLock { if $0 == nil { $0 = try? spawnSupervisor() } }
    }

    /// Ends the supervisor that was expected to be of use and was not.
    package func expectNoStart() {
        spare.withLock { $0.take() }?.end()
    }

    /// A supervisor for the container. From here on it holds the container's lock, and the kernel's ends of its socket.
    func engageSupervisor(_ record: ContainerRecord, listener: borrowing FileDescriptor, lock: borrowing FileDescriptor) throws -> NewSupervisor {
        let supervisor = try spare.withLock { $0.take() } ?? spawnSupervisor()
        Failpoint.hit(.startAfterSpawn)
        do {
            try SupervisorReport.assign(
                supervisor.channel.descriptor, id: record.id.description, cgroup: record.cgroupPath,
                ownsNetwork: NetworkMode(record.hostConfig.networkMode).isPrivate, listener: listener, lock: lock)
        } catch {
            supervisor.end()
            throw error
        }
        return supervisor
    }

    /// Tells it to go on, and waits for its word that the program runs.
    func run(_ supervisor: NewSupervisor, clients: [OpenFile]) throws {
        try SupervisorReport.giveWord(supervisor.channel.descriptor, clients: clients)
        try awaitReport(supervisor.channel, of: supervisor.process)
        Failpoint.hit(.startAfterReport)
    }

    private func spawnSupervisor() throws -> NewSupervisor {
        let report = try MessagePair()
        // A read-only copy of the mount that our own file is on, so that nothing in a container can reach the file itself through /proc.
        let program = try Self.sealedExecutable(executable)
        let quiet = try FileDescriptor.open("/dev/null", [.readWrite])
        var spawn = Spawn(
            program.map { $0.descriptor.procPath } ?? executable, Self.supervisorArguments(paths, nil), environment: Failpoint.environment)
        spawn.newSession = true
        for number: Int32 in 0...2 { spawn.give(quiet, as: number) }
        spawn.give(report.child, as: 3)
        let child = try spawn.start()
        return NewSupervisor(process: child, channel: OpenFile(report.keepParent()), program: program)
    }

    /// Least kernel 5.12; without it nil, and the program's own file is used: it is root's, and busy while anything runs from it.
    private static func sealedExecutable(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) {
            return OpenFile(try Mounts.sealed(path))
        } catch  where [.notImplemented, .invalid, .notPermitted].contains(error.errno) { return nil }
    }

    /// What a supervisor is called. The last word is the container's id as soon as it has one.
    static func supervisorArguments(_ paths: StatePaths, _ id: Identifier?) -> [String] {
        [
            "davit-supervisor", "--root", paths.dataRoot, "--run-root", paths.runRoot,
            id?.description ?? String(repeating: "-", count: Identifier.length),
        ]
    }
}
