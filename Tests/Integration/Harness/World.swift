import Linux

/// What an installation has in the world outside its database: counted before and after, the difference is what was left behind.
struct World: Equatable, CustomStringConvertible {
    var mounts: Set<String> = []
    var cgroups: Set<String> = []
    var processes: Set<String> = []
    var directories: Set<String> = []
    /// Interfaces of containers, and published ports, in the installation's network. Bridges and rules stay as long as their networks.
    var network: Set<String> = []

    /// Everything that belongs to the roots, and every cgroup below davit's that is not seen to be another installation's.
    static func now(dataRoot: String, runRoot: String, network: NetworkSpace? = nil) throws -> World {
        var world = World()
        let mounts = String(decoding: try FileSystem.read("/proc/self/mountinfo"), as: UTF8.self)
        for line in mounts.split(separator: "\n") where line.contains(dataRoot) || line.contains(runRoot) { world.mounts.insert(String(line)) }
        var commands: [(process: String, command: String)] = []
        for name in try entries("/proc") where Int32(name) != nil && name != "\(Process.id)" {
            // A process may end while it is looked at, and then is none that is left.
            let words = (try? FileSystem.read("/proc/\(name)/cmdline")) ?? []
            commands.append((name, String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)))
        }
        func isOurs(_ command: String) -> Bool { command.contains(dataRoot) || command.contains(runRoot) }
        for (name, command) in commands where isOurs(command) { world.processes.insert("\(name) \(command)") }
        for tree in try entries("/sys/fs/cgroup") {
            for place in ["/sys/fs/cgroup/\(tree)/davit", tree == "davit" ? "/sys/fs/cgroup/davit" : nil].compactMap({ $0 }) {
                for name in try entries(place) where try FileSystem.status("\(place)/\(name)")?.isDirectory == true {
                    // A supervisor of somebody else's installation names its container too.
                    let id = name.suffix(64)
                    if !commands.contains(where: { $0.command.contains(id) && !isOurs($0.command) }) { world.cgroups.insert("\(place)/\(name)") }
                }
            }
        }
        for place in ["\(runRoot)/containers", "\(dataRoot)/containers", "\(dataRoot)/tickets", "\(dataRoot)/content/ingest"] {
            for name in try entries(place) { world.directories.insert("\(place)/\(name)") }
        }
        world.network = try network?.endpoints() ?? []
        for network in try entries("\(runRoot)/networks") {
            for kind in ["names", "addresses"] {
                for name in try entries("\(runRoot)/networks/\(network)/\(kind)") {
                    for holder in try entries("\(runRoot)/networks/\(network)/\(kind)/\(name)") { world.directories.insert("\(network)/\(kind)/\(name)/\(holder)") }
                }
            }
        }
        return world
    }

    private static func entries(_ path: String) throws -> [String] {
        do throws(SyscallError) {
            return try FileDescriptor.open(path, [.readOnly, .directory]).entries()
        } catch {
            if error.errno == .noEntry || error.errno == .notDirectory { return [] }
            throw error
        }
    }

    func subtracting(_ other: World) -> World {
        World(
            mounts: mounts.subtracting(other.mounts), cgroups: cgroups.subtracting(other.cgroups),
            processes: processes.subtracting(other.processes), directories: directories.subtracting(other.directories),
            network: network.subtracting(other.network))
    }

    var isEmpty: Bool { self == World() }

    var description: String {
        [("mounts", mounts), ("cgroups", cgroups), ("processes", processes), ("directories", directories), ("network", network)]
            .filter { !$0.1.isEmpty }.map { "\($0.0):\n  \($0.1.sorted().joined(separator: "\n  "))" }.joined(separator: "\n")
    }
}
