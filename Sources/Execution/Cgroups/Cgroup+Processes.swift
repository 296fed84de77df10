package import Linux

extension Cgroup {
    /// All processes in it and in the cgroups below, as this PID namespace numbers them. Empty when it does not exist.
    package func processes() throws(SyscallError) -> [Int32] {
        guard let place = directory(of: .freezer) ?? directory(of: .pids) ?? directory(of: .memory) else { return [] }
        return try processes(below: place.path)
    }

    func processes(below directory: String) throws(SyscallError) -> [Int32] {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try FileSystem.read("\(directory)/cgroup.procs")
        } catch {
            switch error.errno {
            case .noEntry, .noDevice: return []
            // A threaded cgroup of version 2: its processes are listed by the one above that is not.
            case .notSupported: return []
            default: throw error
            }
        }
        var result = bytes.split(separator: 10).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
        for child in try children(of: directory) { result += try processes(below: child) }
        return result
    }

    /// Sends SIGKILL to every process in it. Returns when they are doomed, not when they are gone: `remove` waits for that.
    package func killAll() throws {
        guard let place = directory(of: .freezer) ?? directory(of: .pids) else { return }
        if place.isVersion2 {
            // Linux 5.14; kills what is forked meanwhile too, and frozen processes.
            let file = "\(place.path)/cgroup.kill"
            if FileSystem.exists(file) { return try write("1", to: file) }
        }
        var doomed: Set<Int32> = []
        for _ in 0..<100 {
            let processes = try self.processes()
            // Each round sees only what was forked during the last one; a process that has been sent SIGKILL forks no more.
            let fresh = processes.filter { !doomed.contains($0) && $0 > 0 }
            if fresh.isEmpty { break }
            for process in fresh {
                doomed.insert(process)
                try kill(process)
            }
        }
        // Frozen processes of version 1 die only when they thaw.
        if !place.isVersion2, hierarchies[.freezer] != nil { try thaw() }
    }

    private func kill(_ process: Int32) throws(SyscallError) {
        do throws(SyscallError) {
            try Process.signal(process, 9)
        } catch  where error.errno == .noSuchProcess { return }
    }

    // MARK: - Freezing

    /// Stops all its processes without their knowing. Returns when all stand still; throws `CgroupError.notFrozen` and thaws when that takes two seconds.
    package func freeze() throws {
        guard let place = directory(of: .freezer) else { throw missing(.freezer, "pause") }
        for attempt in 0..<200 {
            // Version 1 can get stuck half-way when a process forks at the wrong moment; writing again, now and then after a thaw, gets it going.
            if !place.isVersion2, attempt % 50 == 49 { try write("THAWED", to: "\(place.path)/freezer.state") }
            if attempt == 0 || !place.isVersion2 { try write(place.isVersion2 ? "1" : "FROZEN", to: freezeFile(place)) }
            if try isFrozen() { return }
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: attempt < 10 ? 1 : 10)
        }
        try thaw()
        throw CgroupError.notFrozen(path)
    }

    /// Lets its processes go on. Right when they were not stopped.
    package func thaw() throws {
        guard let place = directory(of: .freezer) else { return }
        try write(place.isVersion2 ? "0" : "THAWED", to: freezeFile(place))
    }

    /// True once all its processes stand still because of `freeze`. False when it does not exist.
    package func isFrozen() throws -> Bool {
        guard let place = directory(of: .freezer) else { return false }
        if place.isVersion2 { return try keyed("\(place.path)/cgroup.events").contains { $0 == ("frozen", 1) } }
        return String(decoding: try FileSystem.read("\(place.path)/freezer.state"), as: UTF8.self).hasPrefix("FROZEN")
    }

    private func freezeFile(_ place: (path: String, isVersion2: Bool)) -> String {
        "\(place.path)/\(place.isVersion2 ? "cgroup.freeze" : "freezer.state")"
    }

    /// How many of its processes the kernel killed for want of memory since it was made; 0 when nothing counts them.
    package func oomKills() throws -> Int {
        guard let place = directory(of: .memory) else { return 0 }
        let counters = try keyed("\(place.path)/\(place.isVersion2 ? "memory.events" : "memory.oom_control")")
        return Int(clamping: counters.first { $0.key == "oom_kill" }?.value ?? 0)
    }

    func missing(_ controller: CgroupController, _ what: String) -> CgroupError { .missingController(controller, setting: what) }
}

/// A file of lines `key number`; lines of another form are passed over.
func keyed(_ file: String) throws(SyscallError) -> [(key: String, value: UInt64)] {
    String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard words.count == 2, let value = UInt64(words[1]) else { return nil }
        return (String(words[0]), value)
    }
}
