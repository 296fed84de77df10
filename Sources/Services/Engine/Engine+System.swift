internal import Diagnostics
package import DockerAPI
import Containers
import Images
import Linux
import Networks
import OCI
import Values

/// What this build calls itself.
extension Engine {
    package static let version = "0.1.0"
    /// The Engine API that is spoken, and the oldest one.
    package static let apiVersion = "1.51"
    package static let minimumAPIVersion = "1.24"
}

extension Engine {
    /// GET /version.
    package func version() -> SystemVersion {
        let names = Machine.names
        var version = SystemVersion()
        version.platform = VersionPlatform(name: "Davit")
        version.version = Engine.version
        version.apiVersion = Engine.apiVersion
        version.minAPIVersion = Engine.minimumAPIVersion
        version.os = "linux"
        version.arch = Platform.host.architecture
        version.kernelVersion = names.release
        version.goVersion = "none (Swift 6.3)"
        version.components = [
            ComponentVersion(
                name: "Engine", version: Engine.version,
                details: [
                    "ApiVersion": Engine.apiVersion, "MinAPIVersion": Engine.minimumAPIVersion, "Arch": version.arch, "Os": "linux",
                    "KernelVersion": names.release, "Experimental": "false",
                ])
        ]
        return version
    }

    /// GET /info.
    package func info() throws -> SystemInfo {
        let names = Machine.names
        let states = try containers.list(all: true).map(\.state)
        var info = SystemInfo()
        info.id = try identity()
        let settings = try EngineSettings.read()
        info.debug = settings.isDebug
        if settings.isDebug {
            info.nFd = try FileDescriptor.open("/proc/self/fd", [.directory]).entries().count
            info.nGoroutines = try FileDescriptor.open("/proc/self/task", [.directory]).entries().count
        }
        info.experimentalBuild = settings.isExperimental
        info.labels = settings.labels
        info.containers = states.count
        info.containersRunning = states.count { $0 == "running" || $0 == "restarting" }
        info.containersPaused = states.count { $0 == "paused" }
        info.containersStopped = info.containers - info.containersRunning - info.containersPaused
        info.images = try images.list(all: true).count
        info.driver = "overlay2"
        // The last is how clients know an engine that has images for several platforms under one name.
        info.driverStatus = [["Supports d_type", "true"], ["Native Overlay Diff", "true"], ["driver-type", "io.containerd.snapshotter.v1"]]
        let isVersion2 = FileSystem.exists("/sys/fs/cgroup/cgroup.controllers")
        info.memoryLimit = true
        info.swapLimit = isVersion2 || FileSystem.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
        info.cpuCfsPeriod = true
        info.cpuCfsQuota = true
        info.cpuShares = true
        info.cpuSet = true
        info.pidsLimit = true
        info.oomKillDisable = !isVersion2
        info.ipv4Forwarding = try FileSystem.readIfPresent("/proc/sys/net/ipv4/ip_forward", limit: 16)?.first == UInt8(ascii: "1")
        info.systemTime = Timestamp.now.description
        info.loggingDriver = try ContainerDefaults.read().logDriver
        info.cgroupDriver = "cgroupfs"
        info.cgroupVersion = isVersion2 ? "2" : "1"
        info.kernelVersion = names.release
        info.operatingSystem = try operatingSystem()
        info.osType = "linux"
        info.architecture = names.machine
        try images.describeRegistries(in: &info)
        info.nCPU = Machine.processors
        info.memTotal = Int(Machine.memory)
        info.dockerRootDir = paths.dataRoot
        info.name = names.host
        info.serverVersion = Engine.version
        let runtimes = try RuntimeChoices.read()
        info.runtimes = runtimes.programs.merging([RuntimeChoices.own: RuntimeInfo(path: RuntimeChoices.own)]) { $1 }
        info.defaultRuntime = runtimes.defaultName
        info.liveRestoreEnabled = true
        info.initBinary = "davit"
        info.securityOptions = ["name=seccomp,profile=builtin", "name=cgroupns"]
        info.defaultAddressPools = try networks.settings().addressPools?.map { AddressPoolInfo(base: $0.base.description, size: $0.size) }
        if try networks.publishDefault() == nil {
            info.warnings = ["WARNING: Published ports that name no address are open to everybody who reaches this host (0.0.0.0); `ip` in daemon.json says otherwise"]
        }
        info.firewallBackend = FirewallInfo(driver: "nftables")
        info.plugins.log = ["json-file", "local", "none"]
        info.plugins.network = NetworkDriver.names
        info.plugins.volume = ["local"]
        return info
    }

    /// Made once for a data root and kept.
    func identity() throws -> String {
        let path = "\(paths.dataRoot)/engine-id"
        if let bytes = try FileSystem.readIfPresent(path, limit: 256) { return String(decoding: bytes, as: UTF8.self) }
        let id = Identifier.random().description
        try FileSystem.replace(path, with: Array(id.utf8))
        return id
    }

    private func operatingSystem() throws -> String {
        let text = String(decoding: try FileSystem.readIfPresent("/etc/os-release", limit: 1 << 16) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count)).filter { $0 != "\"" } } ?? "Linux"
    }
}

extension Engine {
    /// What `host-gateway` means: the host as containers on the default network reach it. Nil when there is no such network.
    package func hostGateway() throws -> String? {
        if let own = try networks.settings().hostGateways?.first { return "\(own)" }
        do { return try networks.inspect("bridge").ipam.config?.first?.gateway } catch let fault as Fault where fault.kind == .notFound { return nil }
    }
}
