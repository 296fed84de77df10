internal import ComposeFile
internal import DockerAPI

/// Which containers are made, made again and removed for what the files say.
package enum Recreation: String, Sendable {
    /// Those that no longer are what the files say.
    case diverged
    case force, never
}

/// What is to be done for one service.
struct ServicePlan: Sendable {
    var keep: [ProjectContainer] = []
    var recreate: [ProjectContainer] = []
    var remove: [ProjectContainer] = []
    /// Numbers of containers that are missing.
    var create: [Int] = []

    /// `isStale` tells whether a container is to be made again.
    init(_ containers: [ProjectContainer], replicas: Int, isStale: (ProjectContainer) -> Bool) {
        let judged = containers.map { (container: $0, isStale: isStale($0)) }
        // Too many: those that are up to date stay before others, low numbers before high ones.
        let ordered = judged.sorted { a, b in
            a.isStale != b.isStale ? !a.isStale : (a.container.number, a.container.summary.created) < (b.container.number, b.container.summary.created)
        }
        for (container, isStale) in ordered.prefix(max(0, replicas)) { if isStale { recreate.append(container) } else { keep.append(container) } }
        remove = ordered.dropFirst(max(0, replicas)).map(\.container)
        let next = (containers.map(\.number).max() ?? 0) + 1
        create = (0..<max(0, replicas - containers.count)).map { next + $0 }
    }
}

/// What the engine has that decides whether a container is up to date.
struct Expectation {
    let service: ComposeService
    let hash: String
    /// The image's id; nil where the image is not there.
    let image: String?
    /// The ids of the networks that a running container shall be on.
    let networks: [String]
    /// Containers that have lost a network.
    let displaced: Set<String>
    /// The names of the volumes that it shall have.
    let volumes: [String]
    let recreation: Recreation
    /// Something whose namespace it shares is made again.
    let sharesStale: Bool

    func isStale(_ container: ProjectContainer) -> Bool {
        switch recreation {
        case .never: return false
        case .force: return true
        case .diverged: break
        }
        let summary = container.summary
        if sharesStale || displaced.contains(container.id) || summary.labels[ComposeLabel.configHash] != hash { return true }
        if let image, let made = summary.labels[ComposeLabel.image], made != image { return true }
        if summary.state == "running" {
            let joined = Set((summary.networkSettings?.networks ?? [:]).values.map(\.networkID))
            if !networks.allSatisfy({ $0.isEmpty || joined.contains($0) }) { return true }
        }
        let mounted = Set(summary.mounts.map(\.name))
        return !volumes.allSatisfy(mounted.contains)
    }
}

extension ComposeService {
    /// Services whose namespaces or volumes this one shares.
    var shared: [String] {
        let modes = [networkMode, ipc, pid].filter { $0.hasPrefix("service:") }.map { String($0.dropFirst("service:".count)) }
        return modes + volumesFrom.filter { !$0.hasPrefix("container:") }.map { String($0.prefix { $0 != ":" }) }
    }

    /// With containers in place of the services that it shares something with. `find` gives a service's first container.
    func resolved(_ find: (String) -> String?) throws(ComposeFileError) -> ComposeService {
        var service = self
        func container(_ mode: String, _ what: String) throws(ComposeFileError) -> String {
            guard mode.hasPrefix("service:") else { return mode }
            let name = String(mode.dropFirst("service:".count))
            guard let id = find(name) else { throw ComposeFileError("cannot share \(what) namespace with service \(name): container missing") }
            return "container:\(id)"
        }
        service.networkMode = try container(networkMode, "network")
        service.ipc = try container(ipc, "IPC")
        service.pid = try container(pid, "PID")
        service.volumesFrom = []
        for entry in volumesFrom {
            if entry.hasPrefix("container:") {
                service.volumesFrom.append(String(entry.dropFirst("container:".count)))
                continue
            }
            let name = String(entry.prefix { $0 != ":" })
            guard let id = find(name) else { throw ComposeFileError("cannot share volume with service \(name): container missing") }
            service.volumesFrom.append(id + entry.dropFirst(name.count))
        }
        return service
    }
}
