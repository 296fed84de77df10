import Cgroups
import ContainerRuntime
import Linux
import OCI
import Values

extension StoredContainer {
    /// Sends a signal to the first process.
    func signal(_ number: CInt, all: Bool = false) throws {
        guard let process = try process() else {
            // Others may live on that no namespace took along.
            if number == 9, all || !record.hasProcessNamespace, let cgroup = try cgroup { return try cgroup.killAll() }
            if all { return }
            throw RuntimeFault("container not running")
        }
        if number == 9 {
            // Without the first process of a namespace nothing takes the others along; and what is frozen has to thaw to die.
            if all || !record.hasProcessNamespace { try cgroup?.killAll() }
            try send(number, process)
            try cgroup?.thaw()
        } else if all, let cgroup = try cgroup {
            // One that has ended meanwhile needs none.
            for pid in try cgroup.processes() { try? Process.signal(pid, number) }
        } else {
            try send(number, process)
        }
    }

    private func send(_ number: CInt, _ process: borrowing FileDescriptor) throws {
        let isThere = try unless(.noSuchProcess) { () throws(SyscallError) in try Process.signal(process, number) } != nil
        guard isThere || number == 9 else { throw RuntimeFault("container not running") }
    }

    /// Kills the first process and waits until it is dead. `seconds` is for kernels that cannot let it go.
    func end(seconds: Int = 10) throws {
        guard let process = try process() else { return }
        try signal(9)
        var set = PollSet()
        set.add(process, read: true, token: 0)
        let end = MonotonicClock.now + .seconds(seconds)
        while try set.wait(timeoutMilliseconds: 1000 * seconds).isEmpty {
            if MonotonicClock.now >= end { throw RuntimeFault("container init still running") }
        }
    }

    /// Takes away all that is left of it, hooks included.
    func clear() throws {
        try end()
        if let cgroup = try cgroup {
            try cgroup.killAll()
            try cgroup.remove()
        }
        for hook in record.hooks.poststop ?? [] {
            // The container is gone whatever a hook thinks of it.
            do { try RuntimeHook.run([hook], as: "poststop", record.state(.stopped)) } catch { RuntimeLog.warn("\(error)") }
        }
        try FileSystem.removeTree(paths.directory)
    }
}
