package import Linux
import Synchronization

/// What a cgroup can control or count, by the kernel's version 1 names. On version 2, `blkio` is called io, `cpuacct` is part
/// of cpu, and `devices` and `freezer` need no controller.
package enum CgroupController: String, Sendable, CaseIterable {
    case memory, pids, cpu, cpuacct, freezer, devices, blkio, cpuset, hugetlb

    /// The name in `cgroup.controllers`; nil for what every version 2 cgroup can do.
    var version2Name: String? {
        switch self {
        case .cpuacct: "cpu"
        case .blkio: "io"
        case .devices, .freezer: nil
        case .memory, .pids, .cpu, .cpuset, .hugetlb: rawValue
        }
    }
}

/// One mounted cgroup tree. cgroups(7).
package struct CgroupHierarchy: Sendable, Hashable {
    package var mountPoint: String
    package var isVersion2: Bool
    package var controllers: Set<CgroupController>

    /// The last part of the mount point: `memory`, `cpu,cpuacct`, `unified`.
    package var name: String { String(mountPoint[mountPoint.index(after: mountPoint.lastIndex(of: "/") ?? mountPoint.startIndex)...]) }
}

/// The cgroup trees of this machine, whatever the mixture: version 2 only, version 1 only, or version 1 controllers beside a version 2
/// tree that has the rest or nothing. Each controller is in at most one of them.
package struct CgroupHierarchies: Sendable, Hashable {
    package var all: [CgroupHierarchy]

    /// True when there is a version 2 tree and no other.
    package var isPureVersion2: Bool { all.count == 1 && all[0].isVersion2 }

    /// Where a controller is; nil when the kernel or whoever mounted the trees left it out.
    package subscript(controller: CgroupController) -> CgroupHierarchy? { all.first { $0.controllers.contains(controller) } }

    /// Reads `/proc/self/mountinfo`, and `cgroup.controllers` when there is a version 2 tree.
    package static func detect() throws(SyscallError) -> CgroupHierarchies {
        let text = String(decoding: try FileSystem.read("/proc/self/mountinfo"), as: UTF8.self)
        var result = parse(mountInfo: text)
        for index in result.all.indices where result.all[index].isVersion2 {
            let names = try FileSystem.read("\(result.all[index].mountPoint)/cgroup.controllers")
            let words = Set(String(decoding: names, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init))
            let elsewhere = result.all.reduce(into: Set<CgroupController>()) { if !$1.isVersion2 { $0.formUnion($1.controllers) } }
            result.all[index].controllers = Set(
                CgroupController.allCases.filter { controller in
                    !elsewhere.contains(controller) && (controller.version2Name.map(words.contains) ?? true)
                })
        }
        return result
    }

    /// The trees that a mountinfo text tells of, version 2 without its controllers. A tree mounted twice counts where it is first
    /// seen, but `/sys/fs/cgroup` is preferred. Lines of another form are passed over.
    static func parse(mountInfo: String) -> CgroupHierarchies {
        var found: [CgroupHierarchy] = []
        for line in mountInfo.split(separator: "\n") {
            guard let dash = Self.separator(in: line) else { continue }
            let fields = line[..<dash.lowerBound].split(separator: " ", omittingEmptySubsequences: false)
            let tail = line[dash.upperBound...].split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count >= 6, tail.count >= 3 else { continue }
            let mountPoint = Mounts.unescaped(fields[4])
            let isVersion2: Bool
            switch tail[0] {
            case "": isVersion2 = false
            case "2": isVersion2 = true
            default: continue
            }
            let controllers = isVersion2 ? [] : Set(tail[2].split(separator: ",").compactMap { CgroupController(rawValue: String($0)) })
            if !isVersion2, controllers.isEmpty { continue }
            let hierarchy = CgroupHierarchy(mountPoint: mountPoint, isVersion2: isVersion2, controllers: controllers)
            let same = found.firstIndex { $0.isVersion2 == isVersion2 && (isVersion2 || !$0.controllers.isDisjoint(with: controllers)) }
            if let same {
                if !found[same].mountPoint.hasPrefix("/sys/fs/cgroup"), mountPoint.hasPrefix("/sys/fs/cgroup") { found[same] = hierarchy }
            } else {
                found.append(hierarchy)
            }
        }
        return CgroupHierarchies(all: found)
    }

    /// Where ` - cgroup` stands. By bytes: most lines are of no interest, and this is on the way of every start.
    private static func separator(in line: Substring) -> Range<Substring.Index>? {
        let wanted = Array(" - cgroup".utf8)
        let bytes = line.utf8
        var start = bytes.startIndex
        while let space = bytes[start...].firstIndex(of: wanted[0]) {
            if bytes[space...].starts(with: wanted) { return space..<bytes.index(space, offsetBy: wanted.count) }
            start = bytes.index(after: space)
        }
        return nil
    }

    /// What `detect` found when this process first asked: the trees are mounted at boot and stay.
    static func current() throws(SyscallError) -> CgroupHierarchies {
        if let known = known.withLock({ $0 }) { return known }
        let found = try detect()
        known.withLock { $0 = found }
        return found
    }

    private static let known = Mutex<CgroupHierarchies?>(nil)
}

/// What kept a cgroup from doing as asked, other than a failed system call.
package enum CgroupError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidPath(String)
    /// A limit needs a controller that this machine does not have.
    case missingController(CgroupController, setting: String)
    case invalidSetting(String)
    case notFrozen(String)
    case stillInUse(String)

    package var description: String {
        switch self {
        case .invalidPath(let path): "invalid cgroup path: \(path)"
        case .missingController(let controller, let setting): "cannot set \(setting): the cgroup controller \(controller.rawValue) is not mounted"
        case .invalidSetting(let text): "invalid cgroup setting: \(text)"
        case .notFrozen(let path): "the processes of cgroup \(path) do not freeze"
        case .stillInUse(let path): "container's cgroup is not empty: processes are in \(path)"
        }
    }
}
