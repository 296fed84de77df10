/// Log driver and its options.
package struct LogConfig: Codable, Sendable, Hashable {
    package var type: String = ""
    package var config: [String: String]?

    package init(type: String = "", config: [String: String]? = nil) {
        self.type = type
        self.config = config
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case config = "Config"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try fields.value(.type)
        config = try fields.optional(.config)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(type, .type)
        try fields.put(config, .config)
    }
}

/// When an ended container is started again.
package struct RestartPolicy: Codable, Sendable, Hashable {
    /// "", `no`, `always`, `unless-stopped` or `on-failure`.
    package var name: String = ""
    package var maximumRetryCount: Int = 0

    package init(name: String = "", maximumRetryCount: Int = 0) {
        self.name = name
        self.maximumRetryCount = maximumRetryCount
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case maximumRetryCount = "MaximumRetryCount"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        maximumRetryCount = try fields.value(.maximumRetryCount)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(maximumRetryCount, .maximumRetryCount)
    }
}

/// What of a container depends on the host it runs on.
package struct HostConfig: Codable, Sendable, Hashable {
    /// The fields of `Resources`, which stand beside this type's own on the wire.
    package var resources = Resources()
    /// `source:target[:options]`.
    package var binds: [String]?
    package var containerIDFile: String = ""
    package var logConfig: LogConfig = LogConfig()
    package var networkMode: String = ""
    package var portBindings: PortMap?
    package var restartPolicy: RestartPolicy = RestartPolicy()
    package var autoRemove: Bool = false
    package var volumeDriver: String = ""
    package var volumesFrom: [String]?
    /// Height, width.
    package var consoleSize: [Int]?
    package var annotations: [String: String]?
    package var capAdd: [String]?
    package var capDrop: [String]?
    package var cgroupnsMode: String = ""
    package var dns: [String]?
    package var dnsOptions: [String]?
    package var dnsSearch: [String]?
    /// `name:address`.
    package var extraHosts: [String]?
    package var groupAdd: [String]?
    package var ipcMode: String = ""
    package var cgroup: String = ""
    package var links: [String]?
    package var oomScoreAdj: Int = 0
    package var pidMode: String = ""
    package var privileged: Bool = false
    package var publishAllPorts: Bool = false
    package var readonlyRootfs: Bool = false
    package var securityOpt: [String]?
    package var storageOpt: [String: String]?
    /// Target to mount options.
    package var tmpfs: [String: String]?
    package var utsMode: String = ""
    package var usernsMode: String = ""
    /// Bytes.
    package var shmSize: Int = 0
    package var sysctls: [String: String]?
    package var runtime: String = ""
    package var isolation: String = ""
    package var mounts: [Mount]?
    /// nil: Docker's defaults; `[]`: none.
    package var maskedPaths: [String]?
    /// nil: Docker's defaults; `[]`: none.
    package var readonlyPaths: [String]?
    /// Whether a small init runs as pid 1.
    package var initProcess: Bool?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case binds = "Binds"
        case containerIDFile = "ContainerIDFile"
        case logConfig = "LogConfig"
        case networkMode = "NetworkMode"
        case portBindings = "PortBindings"
        case restartPolicy = "RestartPolicy"
        case autoRemove = "AutoRemove"
        case volumeDriver = "VolumeDriver"
        case volumesFrom = "VolumesFrom"
        case consoleSize = "ConsoleSize"
        case annotations = "Annotations"
        case capAdd = "CapAdd"
        case capDrop = "CapDrop"
        case cgroupnsMode = "CgroupnsMode"
        case dns = "Dns"
        case dnsOptions = "DnsOptions"
        case dnsSearch = "DnsSearch"
        case extraHosts = "ExtraHosts"
        case groupAdd = "GroupAdd"
        case ipcMode = "IpcMode"
        case cgroup = "Cgroup"
        case links = "Links"
        case oomScoreAdj = "OomScoreAdj"
        case pidMode = "PidMode"
        case privileged = "Privileged"
        case publishAllPorts = "PublishAllPorts"
        case readonlyRootfs = "ReadonlyRootfs"
        case securityOpt = "SecurityOpt"
        case storageOpt = "StorageOpt"
        case tmpfs = "Tmpfs"
        case utsMode = "UTSMode"
        case usernsMode = "UsernsMode"
        case shmSize = "ShmSize"
        case sysctls = "Sysctls"
        case runtime = "Runtime"
        case isolation = "Isolation"
        case mounts = "Mounts"
        case maskedPaths = "MaskedPaths"
        case readonlyPaths = "ReadonlyPaths"
        case initProcess = "Init"
    }

    package init(from decoder: any Decoder) throws {
        resources = try Resources(from: decoder)
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        binds = try fields.optional(.binds)
        containerIDFile = try fields.value(.containerIDFile)
        logConfig = try fields.value(.logConfig)
        networkMode = try fields.value(.networkMode)
        portBindings = try fields.optional(.portBindings)
        restartPolicy = try fields.value(.restartPolicy)
        autoRemove = try fields.value(.autoRemove)
        volumeDriver = try fields.value(.volumeDriver)
        volumesFrom = try fields.optional(.volumesFrom)
        consoleSize = try fields.optional(.consoleSize)
        annotations = try fields.optional(.annotations)
        capAdd = try fields.words(.capAdd)
        capDrop = try fields.words(.capDrop)
        cgroupnsMode = try fields.value(.cgroupnsMode)
        dns = try fields.optional(.dns)
        dnsOptions = try fields.optional(.dnsOptions)
        dnsSearch = try fields.optional(.dnsSearch)
        extraHosts = try fields.optional(.extraHosts)
        groupAdd = try fields.optional(.groupAdd)
        ipcMode = try fields.value(.ipcMode)
        cgroup = try fields.value(.cgroup)
        links = try fields.optional(.links)
        oomScoreAdj = try fields.value(.oomScoreAdj)
        pidMode = try fields.value(.pidMode)
        privileged = try fields.value(.privileged)
        publishAllPorts = try fields.value(.publishAllPorts)
        readonlyRootfs = try fields.value(.readonlyRootfs)
        securityOpt = try fields.optional(.securityOpt)
        storageOpt = try fields.optional(.storageOpt)
        tmpfs = try fields.optional(.tmpfs)
        utsMode = try fields.value(.utsMode)
        usernsMode = try fields.value(.usernsMode)
        shmSize = try fields.value(.shmSize)
        sysctls = try fields.optional(.sysctls)
        runtime = try fields.value(.runtime)
        isolation = try fields.value(.isolation)
        mounts = try fields.optional(.mounts)
        maskedPaths = try fields.optional(.maskedPaths)
        readonlyPaths = try fields.optional(.readonlyPaths)
        initProcess = try fields.optional(.initProcess)
    }

    package func encode(to encoder: any Encoder) throws {
        try resources.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(binds, .binds)
        try fields.put(containerIDFile, .containerIDFile)
        try fields.put(logConfig, .logConfig)
        try fields.put(networkMode, .networkMode)
        try fields.put(portBindings, .portBindings)
        try fields.put(restartPolicy, .restartPolicy)
        try fields.put(autoRemove, .autoRemove)
        try fields.put(volumeDriver, .volumeDriver)
        try fields.put(volumesFrom, .volumesFrom)
        try fields.put(consoleSize, .consoleSize)
        try fields.putUnlessEmpty(annotations, .annotations)
        try fields.put(capAdd, .capAdd)
        try fields.put(capDrop, .capDrop)
        try fields.put(cgroupnsMode, .cgroupnsMode)
        try fields.put(dns, .dns)
        try fields.put(dnsOptions, .dnsOptions)
        try fields.put(dnsSearch, .dnsSearch)
        try fields.put(extraHosts, .extraHosts)
        try fields.put(groupAdd, .groupAdd)
        try fields.put(ipcMode, .ipcMode)
        try fields.put(cgroup, .cgroup)
        try fields.put(links, .links)
        try fields.put(oomScoreAdj, .oomScoreAdj)
        try fields.put(pidMode, .pidMode)
        try fields.put(privileged, .privileged)
        try fields.put(publishAllPorts, .publishAllPorts)
        try fields.put(readonlyRootfs, .readonlyRootfs)
        try fields.put(securityOpt, .securityOpt)
        try fields.putUnlessEmpty(storageOpt, .storageOpt)
        try fields.putUnlessEmpty(tmpfs, .tmpfs)
        try fields.put(utsMode, .utsMode)
        try fields.put(usernsMode, .usernsMode)
        try fields.put(shmSize, .shmSize)
        try fields.putUnlessEmpty(sysctls, .sysctls)
        try fields.putUnlessZero(runtime, .runtime)
        try fields.put(isolation, .isolation)
        try fields.putUnlessEmpty(mounts, .mounts)
        try fields.put(maskedPaths, .maskedPaths)
        try fields.put(readonlyPaths, .readonlyPaths)
        try fields.putUnlessEmpty(initProcess, .initProcess)
    }
}

extension LogConfig: GoZero { package static var zero: Self { Self() } }
extension RestartPolicy: GoZero { package static var zero: Self { Self() } }
extension HostConfig: GoZero { package static var zero: Self { Self() } }
