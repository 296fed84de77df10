package import Values

/// What a container is doing.
package struct ContainerState: Codable, Sendable, Hashable {
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    package var status: String = ""
    package var running: Bool = false
    package var paused: Bool = false
    package var restarting: Bool = false
    package var oomKilled: Bool = false
    package var dead: Bool = false
    /// In the host's pid namespace; 0 when nothing runs.
    package var pid: Int = 0
    package var exitCode: Int = 0
    package var error: String = ""
    package var startedAt: Timestamp = .never
    package var finishedAt: Timestamp = .never
    package var health: Health?

    package init(
        status: String = "",
        running: Bool = false,
        paused: Bool = false,
        restarting: Bool = false,
        oomKilled: Bool = false,
        dead: Bool = false,
        pid: Int = 0,
        exitCode: Int = 0,
        error: String = "",
        startedAt: Timestamp = .never,
        finishedAt: Timestamp = .never,
        health: Health? = nil
    ) {
        self.status = status
        self.running = running
        self.paused = paused
        self.restarting = restarting
        self.oomKilled = oomKilled
        self.dead = dead
        self.pid = pid
        self.exitCode = exitCode
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.health = health
    }

    private enum CodingKeys: String, CodingKey {
        case status = "Status"
        case running = "Running"
        case paused = "Paused"
        case restarting = "Restarting"
        case oomKilled = "OOMKilled"
        case dead = "Dead"
        case pid = "Pid"
        case exitCode = "ExitCode"
        case error = "Error"
        case startedAt = "StartedAt"
        case finishedAt = "FinishedAt"
        case health = "Health"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.value(.status)
        running = try fields.value(.running)
        paused = try fields.value(.paused)
        restarting = try fields.value(.restarting)
        oomKilled = try fields.value(.oomKilled)
        dead = try fields.value(.dead)
        pid = try fields.value(.pid)
        exitCode = try fields.value(.exitCode)
        error = try fields.value(.error)
        startedAt = try fields.value(.startedAt)
        finishedAt = try fields.value(.finishedAt)
        health = try fields.optional(.health)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(status, .status)
        try fields.put(running, .running)
        try fields.put(paused, .paused)
        try fields.put(restarting, .restarting)
        try fields.put(oomKilled, .oomKilled)
        try fields.put(dead, .dead)
        try fields.put(pid, .pid)
        try fields.put(exitCode, .exitCode)
        try fields.put(error, .error)
        try fields.put(startedAt, .startedAt)
        try fields.put(finishedAt, .finishedAt)
        try fields.putUnlessEmpty(health, .health)
    }
}

/// A storage driver and what it tells of one container or image.
package struct DriverData: Codable, Sendable, Hashable {
    package var data: [String: String]?
    package var name: String = ""

    package init(data: [String: String]? = nil, name: String = "") {
        self.data = data
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case data = "Data"
        case name = "Name"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        data = try fields.optional(.data)
        name = try fields.value(.name)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(data, .data)
        try fields.put(name, .name)
    }
}

/// The answer to GET /containers/{id}/json.
package struct ContainerInspect: Codable, Sendable, Hashable {
    package var id: String = ""
    package var created: Timestamp = .never
    package var path: String = ""
    package var args: [String] = []
    package var state: ContainerState = ContainerState()
    /// The image's id, `sha256:…`.
    package var image: String = ""
    package var resolvConfPath: String = ""
    package var hostnamePath: String = ""
    package var hostsPath: String = ""
    package var logPath: String = ""
    /// With a leading slash.
    package var name: String = ""
    package var restartCount: Int = 0
    package var driver: String = ""
    package var platform: String = ""
    package var imageManifestDescriptor: OCIDescriptor?
    package var mountLabel: String = ""
    package var processLabel: String = ""
    package var appArmorProfile: String = ""
    package var execIDs: [String]?
    package var hostConfig: HostConfig = HostConfig()
    package var graphDriver: DriverData = DriverData()
    package var sizeRw: Int?
    package var sizeRootFs: Int?
    package var mounts: [MountPoint] = []
    package var config: ContainerConfig = ContainerConfig()
    package var networkSettings: NetworkSettings = NetworkSettings()

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case created = "Created"
        case path = "Path"
        case args = "Args"
        case state = "State"
        case image = "Image"
        case resolvConfPath = "ResolvConfPath"
        case hostnamePath = "HostnamePath"
        case hostsPath = "HostsPath"
        case logPath = "LogPath"
        case name = "Name"
        case restartCount = "RestartCount"
        case driver = "Driver"
        case platform = "Platform"
        case imageManifestDescriptor = "ImageManifestDescriptor"
        case mountLabel = "MountLabel"
        case processLabel = "ProcessLabel"
        case appArmorProfile = "AppArmorProfile"
        case execIDs = "ExecIDs"
        case hostConfig = "HostConfig"
        case graphDriver = "GraphDriver"
        case sizeRw = "SizeRw"
        case sizeRootFs = "SizeRootFs"
        case mounts = "Mounts"
        case config = "Config"
        case networkSettings = "NetworkSettings"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        created = try fields.value(.created)
        path = try fields.value(.path)
        args = try fields.value(.args)
        state = try fields.value(.state)
        image = try fields.value(.image)
        resolvConfPath = try fields.value(.resolvConfPath)
        hostnamePath = try fields.value(.hostnamePath)
        hostsPath = try fields.value(.hostsPath)
        logPath = try fields.value(.logPath)
        name = try fields.value(.name)
        restartCount = try fields.value(.restartCount)
        driver = try fields.value(.driver)
        platform = try fields.value(.platform)
        imageManifestDescriptor = try fields.optional(.imageManifestDescriptor)
        mountLabel = try fields.value(.mountLabel)
        processLabel = try fields.value(.processLabel)
        appArmorProfile = try fields.value(.appArmorProfile)
        execIDs = try fields.optional(.execIDs)
        hostConfig = try fields.value(.hostConfig)
        graphDriver = try fields.value(.graphDriver)
        sizeRw = try fields.optional(.sizeRw)
        sizeRootFs = try fields.optional(.sizeRootFs)
        mounts = try fields.value(.mounts)
        config = try fields.value(.config)
        networkSettings = try fields.value(.networkSettings)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(created, .created)
        try fields.put(path, .path)
        try fields.put(args, .args)
        try fields.put(state, .state)
        try fields.put(image, .image)
        try fields.put(resolvConfPath, .resolvConfPath)
        try fields.put(hostnamePath, .hostnamePath)
        try fields.put(hostsPath, .hostsPath)
        try fields.put(logPath, .logPath)
        try fields.put(name, .name)
        try fields.put(restartCount, .restartCount)
        try fields.put(driver, .driver)
        try fields.put(platform, .platform)
        try fields.putUnlessEmpty(imageManifestDescriptor, .imageManifestDescriptor)
        try fields.put(mountLabel, .mountLabel)
        try fields.put(processLabel, .processLabel)
        try fields.put(appArmorProfile, .appArmorProfile)
        try fields.put(execIDs, .execIDs)
        try fields.put(hostConfig, .hostConfig)
        try fields.put(graphDriver, .graphDriver)
        try fields.putUnlessEmpty(sizeRw, .sizeRw)
        try fields.putUnlessEmpty(sizeRootFs, .sizeRootFs)
        try fields.put(mounts, .mounts)
        try fields.put(config, .config)
        try fields.put(networkSettings, .networkSettings)
    }
}

extension ContainerState: GoZero { package static var zero: Self { Self() } }
extension DriverData: GoZero { package static var zero: Self { Self() } }
extension ContainerInspect: GoZero { package static var zero: Self { Self() } }
