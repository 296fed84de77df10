package import JSON

/// The answer to GET /info.
package struct SystemInfo: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var containers: Int = 0
    package var containersRunning: Int = 0
    package var containersPaused: Int = 0
    package var containersStopped: Int = 0
    package var images: Int = 0
    package var driver: String = ""
    package var driverStatus: [[String]]?
    package var plugins: PluginsInfo = PluginsInfo()
    package var memoryLimit: Bool = false
    package var swapLimit: Bool = false
    package var cpuCfsPeriod: Bool = false
    package var cpuCfsQuota: Bool = false
    package var cpuShares: Bool = false
    package var cpuSet: Bool = false
    package var pidsLimit: Bool = false
    package var ipv4Forwarding: Bool = false
    package var debug: Bool = false
    package var nFd: Int = 0
    package var oomKillDisable: Bool = false
    package var nGoroutines: Int = 0
    package var systemTime: String = ""
    package var loggingDriver: String = ""
    package var cgroupDriver: String = ""
    package var cgroupVersion: String = ""
    package var nEventsListener: Int = 0
    package var kernelVersion: String = ""
    package var operatingSystem: String = ""
    package var osVersion: String = ""
    package var osType: String = ""
    package var architecture: String = ""
    package var indexServerAddress: String = ""
    package var registryConfig: RegistryServiceConfig?
    package var nCPU: Int = 0
    package var memTotal: Int = 0
    package var genericResources: [String]?
    package var dockerRootDir: String = ""
    package var httpProxy: String = ""
    package var httpsProxy: String = ""
    package var noProxy: String = ""
    package var name: String = ""
    package var labels: [String] = []
    package var experimentalBuild: Bool = false
    package var serverVersion: String = ""
    package var runtimes: [String: RuntimeInfo] = [:]
    package var defaultRuntime: String = ""
    package var swarm: SwarmInfo = SwarmInfo()
    package var liveRestoreEnabled: Bool = false
    package var isolation: String = ""
    package var initBinary: String = ""
    package var containerdCommit: Commit = Commit()
    package var runcCommit: Commit = Commit()
    package var initCommit: Commit = Commit()
    package var securityOptions: [String] = []
    package var productLicense: String = ""
    package var defaultAddressPools: [AddressPoolInfo]?
    package var firewallBackend: FirewallInfo?
    package var cdiSpecDirs: [String] = []
    /// For clients before API 1.50, and for IPv6 too.
    package var bridgeNfIptables: Bool?
    package var warnings: [String]?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
        try m("Containers", &containers)
        try m("ContainersRunning", &containersRunning)
        try m("ContainersPaused", &containersPaused)
        try m("ContainersStopped", &containersStopped)
        try m("Images", &images)
        try m("Driver", &driver)
        try m("DriverStatus", &driverStatus)
        try m("Plugins", &plugins)
        try m("MemoryLimit", &memoryLimit)
        try m("SwapLimit", &swapLimit)
        try m("CpuCfsPeriod", &cpuCfsPeriod)
        try m("CpuCfsQuota", &cpuCfsQuota)
        try m("CPUShares", &cpuShares)
        try m("CPUSet", &cpuSet)
        try m("PidsLimit", &pidsLimit)
        try m("IPv4Forwarding", &ipv4Forwarding)
        try m("Debug", &debug)
        try m("NFd", &nFd)
        try m("OomKillDisable", &oomKillDisable)
        try m("NGoroutines", &nGoroutines)
        try m("SystemTime", &systemTime)
        try m("LoggingDriver", &loggingDriver)
        try m("CgroupDriver", &cgroupDriver)
        try m("CgroupVersion", &cgroupVersion, .unlessEmpty)
        try m("NEventsListener", &nEventsListener)
        try m("KernelVersion", &kernelVersion)
        try m("OperatingSystem", &operatingSystem)
        try m("OSVersion", &osVersion)
        try m("OSType", &osType)
        try m("Architecture", &architecture)
        try m("IndexServerAddress", &indexServerAddress)
        try m("RegistryConfig", &registryConfig)
        try m("NCPU", &nCPU)
        try m("MemTotal", &memTotal)
        try m("GenericResources", &genericResources)
        try m("DockerRootDir", &dockerRootDir)
        try m("HttpProxy", &httpProxy)
        try m("HttpsProxy", &httpsProxy)
        try m("NoProxy", &noProxy)
        try m("Name", &name)
        try m("Labels", &labels)
        try m("ExperimentalBuild", &experimentalBuild)
        try m("ServerVersion", &serverVersion)
        try m("Runtimes", &runtimes)
        try m("DefaultRuntime", &defaultRuntime)
        try m("Swarm", &swarm)
        try m("LiveRestoreEnabled", &liveRestoreEnabled)
        try m("Isolation", &isolation)
        try m("InitBinary", &initBinary)
        try m("ContainerdCommit", &containerdCommit)
        try m("RuncCommit", &runcCommit)
        try m("InitCommit", &initCommit)
        try m("SecurityOptions", &securityOptions)
        try m("ProductLicense", &productLicense, .unlessEmpty)
        try m("DefaultAddressPools", &defaultAddressPools, .unlessEmpty)
        try m("FirewallBackend", &firewallBackend, .unlessEmpty)
        try m("CDISpecDirs", &cdiSpecDirs)
        try m("BridgeNfIptables", &bridgeNfIptables, .unlessNil)
        try m("BridgeNfIp6tables", &bridgeNfIptables, .unlessNil)
        try m("Warnings", &warnings)
    }
}
