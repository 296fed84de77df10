/// The answer to GET /info.
package struct SystemInfo: Codable, Sendable, Hashable {
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
    package var firewallBackend: FirewallInfo?
    package var cdiSpecDirs: [String] = []
    package var warnings: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case containers = "Containers"
        case containersRunning = "ContainersRunning"
        case containersPaused = "ContainersPaused"
        case containersStopped = "ContainersStopped"
        case images = "Images"
        case driver = "Driver"
        case driverStatus = "DriverStatus"
        case plugins = "Plugins"
        case memoryLimit = "MemoryLimit"
        case swapLimit = "SwapLimit"
        case cpuCfsPeriod = "CpuCfsPeriod"
        case cpuCfsQuota = "CpuCfsQuota"
        case cpuShares = "CPUShares"
        case cpuSet = "CPUSet"
        case pidsLimit = "PidsLimit"
        case ipv4Forwarding = "IPv4Forwarding"
        case debug = "Debug"
        case nFd = "NFd"
        case oomKillDisable = "OomKillDisable"
        case nGoroutines = "NGoroutines"
        case systemTime = "SystemTime"
        case loggingDriver = "LoggingDriver"
        case cgroupDriver = "CgroupDriver"
        case cgroupVersion = "CgroupVersion"
        case nEventsListener = "NEventsListener"
        case kernelVersion = "KernelVersion"
        case operatingSystem = "OperatingSystem"
        case osVersion = "OSVersion"
        case osType = "OSType"
        case architecture = "Architecture"
        case indexServerAddress = "IndexServerAddress"
        case registryConfig = "RegistryConfig"
        case nCPU = "NCPU"
        case memTotal = "MemTotal"
        case genericResources = "GenericResources"
        case dockerRootDir = "DockerRootDir"
        case httpProxy = "HttpProxy"
        case httpsProxy = "HttpsProxy"
        case noProxy = "NoProxy"
        case name = "Name"
        case labels = "Labels"
        case experimentalBuild = "ExperimentalBuild"
        case serverVersion = "ServerVersion"
        case runtimes = "Runtimes"
        case defaultRuntime = "DefaultRuntime"
        case swarm = "Swarm"
        case liveRestoreEnabled = "LiveRestoreEnabled"
        case isolation = "Isolation"
        case initBinary = "InitBinary"
        case containerdCommit = "ContainerdCommit"
        case runcCommit = "RuncCommit"
        case initCommit = "InitCommit"
        case securityOptions = "SecurityOptions"
        case productLicense = "ProductLicense"
        case firewallBackend = "FirewallBackend"
        case cdiSpecDirs = "CDISpecDirs"
        case warnings = "Warnings"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        containers = try fields.value(.containers)
        containersRunning = try fields.value(.containersRunning)
        containersPaused = try fields.value(.containersPaused)
        containersStopped = try fields.value(.containersStopped)
        images = try fields.value(.images)
        driver = try fields.value(.driver)
        driverStatus = try fields.optional(.driverStatus)
        plugins = try fields.value(.plugins)
        memoryLimit = try fields.value(.memoryLimit)
        swapLimit = try fields.value(.swapLimit)
        cpuCfsPeriod = try fields.value(.cpuCfsPeriod)
        cpuCfsQuota = try fields.value(.cpuCfsQuota)
        cpuShares = try fields.value(.cpuShares)
        cpuSet = try fields.value(.cpuSet)
        pidsLimit = try fields.value(.pidsLimit)
        ipv4Forwarding = try fields.value(.ipv4Forwarding)
        debug = try fields.value(.debug)
        nFd = try fields.value(.nFd)
        oomKillDisable = try fields.value(.oomKillDisable)
        nGoroutines = try fields.value(.nGoroutines)
        systemTime = try fields.value(.systemTime)
        loggingDriver = try fields.value(.loggingDriver)
        cgroupDriver = try fields.value(.cgroupDriver)
        cgroupVersion = try fields.value(.cgroupVersion)
        nEventsListener = try fields.value(.nEventsListener)
        kernelVersion = try fields.value(.kernelVersion)
        operatingSystem = try fields.value(.operatingSystem)
        osVersion = try fields.value(.osVersion)
        osType = try fields.value(.osType)
        architecture = try fields.value(.architecture)
        indexServerAddress = try fields.value(.indexServerAddress)
        registryConfig = try fields.optional(.registryConfig)
        nCPU = try fields.value(.nCPU)
        memTotal = try fields.value(.memTotal)
        genericResources = try fields.optional(.genericResources)
        dockerRootDir = try fields.value(.dockerRootDir)
        httpProxy = try fields.value(.httpProxy)
        httpsProxy = try fields.value(.httpsProxy)
        noProxy = try fields.value(.noProxy)
        name = try fields.value(.name)
        labels = try fields.value(.labels)
        experimentalBuild = try fields.value(.experimentalBuild)
        serverVersion = try fields.value(.serverVersion)
        runtimes = try fields.value(.runtimes)
        defaultRuntime = try fields.value(.defaultRuntime)
        swarm = try fields.value(.swarm)
        liveRestoreEnabled = try fields.value(.liveRestoreEnabled)
        isolation = try fields.value(.isolation)
        initBinary = try fields.value(.initBinary)
        containerdCommit = try fields.value(.containerdCommit)
        runcCommit = try fields.value(.runcCommit)
        initCommit = try fields.value(.initCommit)
        securityOptions = try fields.value(.securityOptions)
        productLicense = try fields.value(.productLicense)
        firewallBackend = try fields.optional(.firewallBackend)
        cdiSpecDirs = try fields.value(.cdiSpecDirs)
        warnings = try fields.optional(.warnings)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(containers, .containers)
        try fields.put(containersRunning, .containersRunning)
        try fields.put(containersPaused, .containersPaused)
        try fields.put(containersStopped, .containersStopped)
        try fields.put(images, .images)
        try fields.put(driver, .driver)
        try fields.put(driverStatus, .driverStatus)
        try fields.put(plugins, .plugins)
        try fields.put(memoryLimit, .memoryLimit)
        try fields.put(swapLimit, .swapLimit)
        try fields.put(cpuCfsPeriod, .cpuCfsPeriod)
        try fields.put(cpuCfsQuota, .cpuCfsQuota)
        try fields.put(cpuShares, .cpuShares)
        try fields.put(cpuSet, .cpuSet)
        try fields.put(pidsLimit, .pidsLimit)
        try fields.put(ipv4Forwarding, .ipv4Forwarding)
        try fields.put(debug, .debug)
        try fields.put(nFd, .nFd)
        try fields.put(oomKillDisable, .oomKillDisable)
        try fields.put(nGoroutines, .nGoroutines)
        try fields.put(systemTime, .systemTime)
        try fields.put(loggingDriver, .loggingDriver)
        try fields.put(cgroupDriver, .cgroupDriver)
        try fields.putUnlessZero(cgroupVersion, .cgroupVersion)
        try fields.put(nEventsListener, .nEventsListener)
        try fields.put(kernelVersion, .kernelVersion)
        try fields.put(operatingSystem, .operatingSystem)
        try fields.put(osVersion, .osVersion)
        try fields.put(osType, .osType)
        try fields.put(architecture, .architecture)
        try fields.put(indexServerAddress, .indexServerAddress)
        try fields.put(registryConfig, .registryConfig)
        try fields.put(nCPU, .nCPU)
        try fields.put(memTotal, .memTotal)
        try fields.put(genericResources, .genericResources)
        try fields.put(dockerRootDir, .dockerRootDir)
        try fields.put(httpProxy, .httpProxy)
        try fields.put(httpsProxy, .httpsProxy)
        try fields.put(noProxy, .noProxy)
        try fields.put(name, .name)
        try fields.put(labels, .labels)
        try fields.put(experimentalBuild, .experimentalBuild)
        try fields.put(serverVersion, .serverVersion)
        try fields.put(runtimes, .runtimes)
        try fields.put(defaultRuntime, .defaultRuntime)
        try fields.put(swarm, .swarm)
        try fields.put(liveRestoreEnabled, .liveRestoreEnabled)
        try fields.put(isolation, .isolation)
        try fields.put(initBinary, .initBinary)
        try fields.put(containerdCommit, .containerdCommit)
        try fields.put(runcCommit, .runcCommit)
        try fields.put(initCommit, .initCommit)
        try fields.put(securityOptions, .securityOptions)
        try fields.putUnlessZero(productLicense, .productLicense)
        try fields.putUnlessEmpty(firewallBackend, .firewallBackend)
        try fields.put(cdiSpecDirs, .cdiSpecDirs)
        try fields.put(warnings, .warnings)
    }
}

extension SystemInfo: GoZero { package static var zero: Self { Self() } }
