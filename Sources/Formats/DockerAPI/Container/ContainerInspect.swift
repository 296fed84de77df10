package import JSON
package import Values

/// What a container is doing.
package struct ContainerState: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Status", &status)
        try m("Running", &running)
        try m("Paused", &paused)
        try m("Restarting", &restarting)
        try m("OOMKilled", &oomKilled)
        try m("Dead", &dead)
        try m("Pid", &pid)
        try m("ExitCode", &exitCode)
        try m("Error", &error)
        try m("StartedAt", &startedAt)
        try m("FinishedAt", &finishedAt)
        try m("Health", &health, .unlessEmpty)
    }
}

/// A storage driver and what it tells of one container or image.
package struct DriverData: JSONRecord, Sendable, Hashable {
    package var data: [String: String]?
    package var name: String = ""

    package init(data: [String: String]? = nil, name: String = "") {
        self.data = data
        self.name = name
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Data", &data)
        try m("Name", &name)
    }
}

/// The answer to GET /containers/{id}/json.
package struct ContainerInspect: JSONRecord, Sendable, Hashable {
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

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
        try m("Created", &created)
        try m("Path", &path)
        try m("Args", &args)
        try m("State", &state)
        try m("Image", &image)
        try m("ResolvConfPath", &resolvConfPath)
        try m("HostnamePath", &hostnamePath)
        try m("HostsPath", &hostsPath)
        try m("LogPath", &logPath)
        try m("Name", &name)
        try m("RestartCount", &restartCount)
        try m("Driver", &driver)
        try m("Platform", &platform)
        try m("ImageManifestDescriptor", &imageManifestDescriptor, .unlessEmpty)
        try m("MountLabel", &mountLabel)
        try m("ProcessLabel", &processLabel)
        try m("AppArmorProfile", &appArmorProfile)
        try m("ExecIDs", &execIDs)
        try m("HostConfig", &hostConfig)
        try m("GraphDriver", &graphDriver)
        try m("SizeRw", &sizeRw, .unlessEmpty)
        try m("SizeRootFs", &sizeRootFs, .unlessEmpty)
        try m("Mounts", &mounts)
        try m("Config", &config)
        try m("NetworkSettings", &networkSettings)
    }
}
