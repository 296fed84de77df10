package import Containers
internal import Diagnostics
package import DockerAPI
internal import Dockerfile
package import Images
internal import Linux
package import Values

/// Builds images from Dockerfiles.
///
/// A step that changes files is a layer, kept under a key of all that decides on it (`StepKey`); all others change the image's configuration
/// alone. `RUN` is a container of the Containers service, whose changes are renamed into the layer's place; `COPY` and `ADD` write into a view
/// of the layers that is mounted for the purpose. Safe from several threads and processes at once.
package final class Builder: Sendable {
    let paths: StatePaths
    let images: Images
    let containers: Containers
    let turns = StepTurns()

    package init(paths: StatePaths, images: Images, containers: Containers) {
        self.paths = paths
        self.images = images
        self.containers = containers
    }

    /// The version of Docker's syntax of Dockerfiles that is known here.
    package static let dockerfileVersion = "1.20.0"

    /// The label of a step's container: the build's id.
    static let label = "org.davit.build"

    /// Whether one of these names is that of an image here. What is no name is none.
    func hasImage(of names: [String]) throws -> Bool {
        try names.contains { name in
            do { _ = try images.resolve(name) } catch let fault as Fault where [.notFound, .invalid].contains(fault.kind) { return false }
            return true
        }
    }

    /// Removes what builds that were killed have left.
    package func recover() throws {
        try Workplace.removeAbandoned(paths) { id in
            var filters = Filters()
            filters.add("label", "\(Self.label)=\(id)")
            for container in try containers.list(all: true, filters: filters) {
                do { try containers.remove(container.id, force: true, removeVolumes: true) } catch let fault as Fault where fault.kind == .notFound {}
            }
        }
    }

    /// Forgets steps of builds: those that no image has in it, or all. Filters: `until`, `unused-for`, `id`, `type`, `description`, `shared`,
    /// `inuse`. `keep`: bytes that may stay, the ones used last.
    package func prune(all: Bool, filters: Filters, keep: Int) throws -> BuildCachePruneReport {
        try recover()
        var report = try images.pruneBuildCache { caches in
            let wanted = try BuildCacheFilter(filters)
            var room = keep
            return caches.filter { cache in
                guard all || !cache.shared, wanted.matches(cache) else { return false }
                if keep > 0, cache.size <= room {
                    room -= cache.size
                    return false
                }
                return true
            }
        }
        if all, filters.isEmpty, keep == 0 { report.spaceReclaimed += try removeMounts() }
        return report
    }

    /// Removes what `RUN --mount=type=cache` keeps, but for what is in use. Gives its bytes.
    private func removeMounts() throws -> Int {
        guard FileSystem.exists(paths.buildMounts) else { return 0 }
        var bytes = 0
        let root = try FileDescriptor.open(paths.buildMounts, [.directory])
        for name in try root.entries() {
            let directory = try FileDescriptor.open("\(paths.buildMounts)/\(name)", [.directory])
            guard try directory.lock(wait: false) else { continue }
            bytes += try directory.treeSize()
            try root.removeTree(name)
        }
        return bytes
    }
}
