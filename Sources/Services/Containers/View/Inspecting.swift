import Diagnostics
package import DockerAPI
import Linux
import Networks
import Supervisor
import Values
import Volumes

extension Containers {
    /// All there is to know of a container.
    package func inspect(_ reference: String, size: Bool = false) throws -> ContainerInspect {
        let record = try refreshed(reference)
        let place = paths(record)
        var result = ContainerInspect()
        result.id = record.id.description
        result.created = record.created
        result.path = record.arguments.first ?? ""
        result.args = Array(record.arguments.dropFirst())
        result.state = try state(record)
        result.image = record.imageID
        result.resolvConfPath = place.resolvConf
        result.hostnamePath = place.hostname
        result.hostsPath = place.hosts
        result.logPath = record.hostConfig.logConfig.type == "none" ? "" : place.log
        result.name = "/\(record.name)"
        result.restartCount = try living(record)?.restartCount ?? record.restartCount
        result.driver = "overlay2"
        result.platform = "linux"
        result.execIDs = try execIDs(record)
        result.hostConfig = record.hostConfig
        result.hostConfig.resources.ulimits = try ContainerDefaults.read().completing(record.hostConfig.resources.ulimits)
        result.hostConfig.portBindings = try portBindings(of: record)
        let layers = paths.layerDirectories(record.layers)
        result.graphDriver = DriverData(
            data: ["ID": record.id.description, "LowerDir": layers.joined(separator: ":"), "MergedDir": place.rootfs, "UpperDir": place.upper, "WorkDir": place.work],
            name: "overlay2")
        if size {
            let own = try DiskUsage.bytes(place.upper)
            result.sizeRw = own
            result.sizeRootFs = try layers.reduce(own) { try $0 + DiskUsage.bytes($1) }
        }
        result.mounts = mountPoints(record)
        result.config = record.config
        result.config.macAddress = try networks.macAddress(askedFor: record.id, on: record.hostConfig.networkMode)
        result.hostConfig.links = try linkTexts(record)
        result.networkSettings = try networkSettings(record)
        return result
    }

    /// Docker's view of what a container is doing.
    func state(_ record: ContainerRecord) throws -> ContainerState {
        var state = ContainerState()
        state.exitCode = record.exitCode
        state.oomKilled = record.oomKilled
        state.error = record.error
        state.startedAt = record.startedAt ?? .never
        state.finishedAt = record.finishedAt ?? .never
        state.health = record.health
        guard let living = try living(record) else {
            state.status = record.finishedAt == nil ? "created" : "exited"
            return state
        }
        state.running = true
        state.paused = record.paused
        state.restarting = living.restarting
        state.pid = Int(living.pid)
        state.startedAt = living.startedAt
        state.exitCode = living.restarting ? living.lastExit?.code ?? 0 : 0
        state.finishedAt = living.lastExit?.finishedAt ?? state.finishedAt
        state.oomKilled = false
        state.health = living.health
        state.status = record.paused ? "paused" : living.restarting ? "restarting" : "running"
        return state
    }

    /// Those that have not ended.
    private func execIDs(_ record: ContainerRecord) throws -> [String]? {
        let place = paths(record)
        guard FileSystem.exists(place.execs) else { return nil }
        let ids = try FileDescriptor.open(place.execs, [.directory]).entries().filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) }
        let open = try ids.filter { id throws in try ExecState.read(id, place).map { $0.exitCode == nil } ?? false }
        return open.isEmpty ? nil : open.sorted()
    }

    func mountPoints(_ record: ContainerRecord) -> [MountPoint] {
        // Docker's `--tmpfs` is no mount of the container's, only what `--mount` makes.
        record.mounts.filter { $0.kind != .tmpfs || $0.request != nil }.map { mount in
            var point = MountPoint()
            point.type = mount.kind.rawValue
            point.destination = mount.destination
            point.mode = mount.mode
            point.rw = !mount.readOnly
            switch mount.kind {
            case .bind:
                point.source = mount.source
                point.propagation = mount.propagation.isEmpty ? "rprivate" : mount.propagation
            case .volume:
                point.name = mount.name
                // A volume that is gone has no place to show.
                point.source = (try? volumes.directory(of: mount.name)) ?? ""
                point.driver = "local"
            case .image:
                point.name = mount.name
                point.source = paths.layerDirectories(mount.layers).first ?? ""
                point.propagation = "rprivate"
            case .tmpfs: break
            }
            return point
        }
    }

    private func networkSettings(_ record: ContainerRecord) throws -> NetworkSettings {
        var settings = NetworkSettings()
        settings.networks = try networks.endpoints(of: record.id)
        guard let living = try living(record), living.pid > 0 else { return settings }
        if case .container = NetworkMode(record.hostConfig.networkMode) { return settings }
        settings.sandboxID = record.id.description
        settings.sandboxKey = "/proc/\(living.pid)/ns/net"
        if case .named = NetworkMode(record.hostConfig.networkMode) { settings.ports = Publishing.map(try PublishedPorts.read(paths(record)), exposed: record.exposedPorts) }
        return settings
    }
}
