package import JSON

/// Log driver and its options.
package struct LogConfig: JSONRecord, Sendable, Hashable {
    package var type: String = ""
    package var config: [String: String]?

    package init(type: String = "", config: [String: String]? = nil) {
        self.type = type
        self.config = config
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Type", &type)
        try m("Config", &config)
    }
}

/// When an ended container is started again.
package struct RestartPolicy: JSONRecord, Sendable, Hashable {
    /// "", `no`, `always`, `unless-stopped` or `on-failure`.
    package var name: String = ""
    package var maximumRetryCount: Int = 0

    package init(name: String = "", maximumRetryCount: Int = 0) {
        self.name = name
        self.maximumRetryCount = maximumRetryCount
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("MaximumRetryCount", &maximumRetryCount)
    }
}

/// What of a container depends on the host it runs on.
package struct HostConfig: JSONRecord, Sendable, Hashable {
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

    package mutating func members(_ m: inout JSONMembers) throws {
        try resources.members(&m)
        try m("Binds", &binds)
        try m("ContainerIDFile", &containerIDFile)
        try m("LogConfig", &logConfig)
        try m("NetworkMode", &networkMode)
        try m("PortBindings", &portBindings)
        try m("RestartPolicy", &restartPolicy)
        try m("AutoRemove", &autoRemove)
        try m("VolumeDriver", &volumeDriver)
        try m("VolumesFrom", &volumesFrom)
        try m("ConsoleSize", &consoleSize)
        try m("Annotations", &annotations, .unlessEmpty)
        try m.words("CapAdd", &capAdd)
        try m.words("CapDrop", &capDrop)
        try m("CgroupnsMode", &cgroupnsMode)
        try m("Dns", &dns)
        try m("DnsOptions", &dnsOptions)
        try m("DnsSearch", &dnsSearch)
        try m("ExtraHosts", &extraHosts)
        try m("GroupAdd", &groupAdd)
        try m("IpcMode", &ipcMode)
        try m("Cgroup", &cgroup)
        try m("Links", &links)
        try m("OomScoreAdj", &oomScoreAdj)
        try m("PidMode", &pidMode)
        try m("Privileged", &privileged)
        try m("PublishAllPorts", &publishAllPorts)
        try m("ReadonlyRootfs", &readonlyRootfs)
        try m("SecurityOpt", &securityOpt)
        try m("StorageOpt", &storageOpt, .unlessEmpty)
        try m("Tmpfs", &tmpfs, .unlessEmpty)
        try m("UTSMode", &utsMode)
        try m("UsernsMode", &usernsMode)
        try m("ShmSize", &shmSize)
        try m("Sysctls", &sysctls, .unlessEmpty)
        try m("Runtime", &runtime, .unlessEmpty)
        try m("Isolation", &isolation)
        try m("Mounts", &mounts, .unlessEmpty)
        try m("MaskedPaths", &maskedPaths)
        try m("ReadonlyPaths", &readonlyPaths)
        try m("Init", &initProcess, .unlessEmpty)
    }
}
