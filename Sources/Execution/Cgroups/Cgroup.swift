package import Linux
package import OCI

/// A container's place in every cgroup tree: the same path below each mount point. The value is only names; the kernel holds the state.
///
/// On version 1 the trees of memory, pids, cpu, cpuacct, freezer and devices are always joined (limits, statistics, pause and device rules
/// need them), the others when a limit asks for one. On version 2 there is one directory for everything.
package struct Cgroup: Sendable, Hashable {
    /// Relative to the mount points, such as `davit/docker-4f66…`.
    package let path: String
    let hierarchies: CgroupHierarchies

    static let alwaysJoined: [CgroupController] = [.memory, .pids, .cpu, .cpuacct, .freezer, .devices]

    /// Names a cgroup, existing or not. A leading `/` means nothing. Throws for `..`, empty parts and an empty path.
    package init(path: String, hierarchies: CgroupHierarchies? = nil) throws {
        guard Self.isValid(path) else { throw CgroupError.invalidPath(path) }
        let relative = path.drop { $0 == "/" }
        self.path = String(relative)
        if let hierarchies { self.hierarchies = hierarchies } else { self.hierarchies = try CgroupHierarchies.current() }
    }

    /// Whether this machine has the one tree of version 2 and no other.
    package static var isPureVersion2: Bool {
        // A machine whose trees cannot be read has none.
        (try? CgroupHierarchies.current().isPureVersion2) ?? false
    }

    /// Whether a cgroup may be called that.
    package static func isValid(_ path: String) -> Bool {
        let relative = path.drop { $0 == "/" }
        return !relative.isEmpty && relative.utf8.count < 2048
            && relative.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) && !$0.utf8.contains(10) && $0.utf8.count <= 255
            }
    }

    // MARK: - Making and removing

    /// Makes the directories and sets the limits. What a crash left under this name is replaced, so that its counters (OOM kills) are not
    /// taken for the new container's; throws `CgroupError.stillInUse` when processes are in it. On failure nothing is left.
    package func create(_ resources: LinuxResources = LinuxResources()) throws {
        let settings = try plan(resources)
        var done: [CgroupHierarchy] = []
        do {
            for hierarchy in needed(for: settings) {
                try make(in: hierarchy)
                done.append(hierarchy)
            }
            try apply(settings)
            try applyDevices(resources.devices ?? [], replacing: false)
        } catch {
            // The first error is the one to tell; what cannot be removed now is found by name and removed with the container.
            for hierarchy in done { try? removeTree(directory(in: hierarchy)) }
            throw error
        }
    }

    /// Changes limits of a cgroup that is in use. On version 1 it joins another tree, with all its processes, when a limit asks for one.
    package func update(_ resources: LinuxResources) throws {
        let settings = try plan(resources)
        for hierarchy in needed(for: settings) where !FileSystem.exists(directory(in: hierarchy)) {
            let processes = try self.processes()
            try make(in: hierarchy)
            for process in processes { try move(process, into: hierarchy) }
        }
        try apply(settings)
        if let rules = resources.devices, !rules.isEmpty { try applyDevices(rules, replacing: true) }
    }

    /// Removes it from every tree, with the cgroups that the container made below. Waits up to two seconds for dying processes to leave; throws
    /// `EBUSY` after that. Not being there is right.
    package func remove() throws {
        var failure: SyscallError?
        for hierarchy in hierarchies.all {
            do throws(SyscallError) {
                try removeTree(directory(in: hierarchy))
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// True when it is in at least one tree.
    package var exists: Bool { hierarchies.all.contains { FileSystem.exists(directory(in: $0)) } }

    // MARK: - Joining

    /// Puts the calling process in, in every tree that the cgroup was made in. The process must have one thread.
    package func enter() throws(SyscallError) {
        for hierarchy in made {
            // Moving a process, rather than its one thread, waits for an RCU grace period whenever nobody has done it lately: 11 ms against
            // 0.05. Version 2 offers no such short cut; `openDirectory` with CLONE_INTO_CGROUP is the one there.
            try write("0", to: "\(directory(in: hierarchy))/\(hierarchy.isVersion2 ? "cgroup.procs" : "tasks")")
        }
    }

    /// Puts another process in, with all its threads.
    package func add(_ process: Int32) throws(SyscallError) {
        for hierarchy in made { try move(process, into: hierarchy) }
    }

    /// The directory to give to clone3(2) with `CLONE_INTO_CGROUP`; nil when version 1 trees have to be joined by `enter`.
    package func openDirectory() throws(SyscallError) -> FileDescriptor? {
        guard hierarchies.isPureVersion2, let only = hierarchies.all.first else { return nil }
        return try FileDescriptor.open(directory(in: only), [.path, .directory])
    }

    /// One tree's directory of this cgroup, for showing it under `/sys/fs/cgroup` in the container.
    package struct View: Sendable, Hashable {
        /// The mount directory's name, such as `memory` or `cpu,cpuacct`.
        package var name: String
        /// The host's path.
        package var directory: String
        package var isVersion2: Bool
    }

    /// The trees it was made in.
    package var views: [View] { made.map { View(name: $0.name, directory: directory(in: $0), isVersion2: $0.isVersion2) } }

    // MARK: - Paths

    func directory(in hierarchy: CgroupHierarchy) -> String { "\(hierarchy.mountPoint)/\(path)" }

    /// The directory that has `controller`'s files; nil when no tree has it or this cgroup is not in that tree.
    func directory(of controller: CgroupController) -> (path: String, isVersion2: Bool)? {
        guard let hierarchy = hierarchies[controller] else { return nil }
        let directory = directory(in: hierarchy)
        return FileSystem.exists(directory) ? (directory, hierarchy.isVersion2) : nil
    }

    private var made: [CgroupHierarchy] { hierarchies.all.filter { FileSystem.exists(directory(in: $0)) } }

    private func needed(for settings: [CgroupSetting]) -> [CgroupHierarchy] {
        let controllers = Set(Cgroup.alwaysJoined).union(settings.map(\.controller))
        return hierarchies.all.filter { !$0.controllers.isDisjoint(with: controllers) }
    }

    // MARK: - One tree

    private func make(in hierarchy: CgroupHierarchy) throws {
        let directory = directory(in: hierarchy)
        do throws(SyscallError) {
            try FileSystem.makeDirectory(directory)
        } catch {
            switch error.errno {
            case .noEntry:
                guard let slash = directory.lastIndex(of: "/") else { throw error }
                try FileSystem.makeDirectories(String(directory[..<slash]))
                try FileSystem.makeDirectory(directory)
            case .exists:
                guard try processes(below: directory).isEmpty else { throw CgroupError.stillInUse(directory) }
                try removeTree(directory)
                try FileSystem.makeDirectory(directory)
            default: throw error
            }
        }
        if hierarchy.isVersion2 { try enableControllers(in: hierarchy) }
        if !hierarchy.isVersion2, hierarchy.controllers.contains(.cpuset) { try inheritCPUSet(hierarchy) }
    }

    /// A new version 2 cgroup has the controllers that its parents hand down; only when one is missing are the parents told to.
    private func enableControllers(in hierarchy: CgroupHierarchy) throws {
        let wanted = Set(hierarchy.controllers.compactMap(\.version2Name))
        func missing(_ directory: String) throws -> [String] {
            let have = try FileSystem.read("\(directory)/cgroup.controllers")
            return wanted.subtracting(String(decoding: have, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)).sorted()
        }
        if try missing(directory(in: hierarchy)).isEmpty { return }
        var parent = hierarchy.mountPoint
        for part in path.split(separator: "/") {
            let child = "\(parent)/\(part)"
            // One by one: a controller that cannot be handed down (it has processes of its own, or realtime ones) must not keep back the others.
            // A limit that needs it fails then, and says so.
            for name in try missing(child) { try? write("+\(name)", to: "\(parent)/cgroup.subtree_control") }
            parent = child
        }
    }

    /// A new version 1 cpuset has no processors and no memory nodes, and nothing may enter it: it gets its parent's.
    private func inheritCPUSet(_ hierarchy: CgroupHierarchy) throws {
        var parent = hierarchy.mountPoint
        for part in path.split(separator: "/") {
            let child = "\(parent)/\(part)"
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let own = try FileSystem.read("\(child)/\(file)")
                if own.allSatisfy({ $0 <= 32 }) { try write(try FileSystem.read("\(parent)/\(file)"), to: "\(child)/\(file)") }
            }
            parent = child
        }
    }

    private func move(_ process: Int32, into hierarchy: CgroupHierarchy) throws(SyscallError) {
        do throws(SyscallError) {
            try write("\(process)", to: "\(directory(in: hierarchy))/cgroup.procs")
        } catch  where error.errno == .noSuchProcess { return }
    }

    private func removeTree(_ directory: String) throws(SyscallError) {
        var pauseMilliseconds = 1
        while true {
            do throws(SyscallError) {
                return try FileSystem.removeDirectory(directory)
            } catch {
                switch error.errno {
                case .noEntry: return
                case .busy, .notEmpty: break
                default: throw error
                }
                for child in try children(of: directory) { try removeTree(child) }
                // The sum of the powers of two up to here is two seconds.
                guard pauseMilliseconds <= 1024 else { throw error }
                // An interrupted pause is a shorter one.
                var nothing = PollSet()
                _ = try nothing.wait(timeoutMilliseconds: pauseMilliseconds)
                pauseMilliseconds *= 2
            }
        }
    }

    /// The cgroups made inside this directory.
    func children(of directory: String) throws(SyscallError) -> [String] {
        do throws(SyscallError) {
            let handle = try FileDescriptor.open(directory, [.readOnly, .directory])
            // Two links, `.` and the parent's: no directories within. That is the usual case, and spares the listing.
            if try handle.status().links == 2 { return [] }
            var result: [String] = []
            for name in try handle.entries() where try handle.status(of: name).isDirectory { result.append("\(directory)/\(name)") }
            return result
        } catch  where error.errno == .noEntry { return [] }
    }
}

/// Writes one cgroup file in one call, as the kernel wants; the error names the file.
func write(_ value: some Collection<UInt8>, to file: String) throws(SyscallError) {
    let descriptor = try FileDescriptor.open(file, .writeOnly)
    do throws(SyscallError) {
        try descriptor.writeAll(value)
    } catch { throw SyscallError("write", file, errno: error.errno) }
}

func write(_ value: String, to file: String) throws(SyscallError) { try write(value.utf8, to: file) }
