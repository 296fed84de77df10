/// What of a container is independent of the host; an image carries the same fields as defaults.
package struct ContainerConfig: Codable, Sendable, Hashable {
    package var hostname: String = ""
    package var domainname: String = ""
    package var user: String = ""
    package var attachStdin: Bool = false
    package var attachStdout: Bool = false
    package var attachStderr: Bool = false
    /// `80/tcp`.
    package var exposedPorts: NameSet?
    package var tty: Bool = false
    package var openStdin: Bool = false
    package var stdinOnce: Bool = false
    /// `KEY=value`, or `KEY` to unset an inherited one.
    package var env: [String]?
    package var cmd: [String]?
    package var healthcheck: HealthConfig?
    package var argsEscaped: Bool = false
    /// As the client wrote it.
    package var image: String = ""
    package var volumes: NameSet?
    package var workingDir: String = ""
    /// nil inherits; `[]` and `[""]` mean none.
    package var entrypoint: [String]?
    package var networkDisabled: Bool = false
    package var macAddress: String = ""
    package var onBuild: [String]?
    package var labels: [String: String]?
    package var stopSignal: String = ""
    /// Seconds; -1 waits for ever.
    package var stopTimeout: Int?
    package var shell: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case hostname = "Hostname"
        case domainname = "Domainname"
        case user = "User"
        case attachStdin = "AttachStdin"
        case attachStdout = "AttachStdout"
        case attachStderr = "AttachStderr"
        case exposedPorts = "ExposedPorts"
        case tty = "Tty"
        case openStdin = "OpenStdin"
        case stdinOnce = "StdinOnce"
        case env = "Env"
        case cmd = "Cmd"
        case healthcheck = "Healthcheck"
        case argsEscaped = "ArgsEscaped"
        case image = "Image"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case entrypoint = "Entrypoint"
        case networkDisabled = "NetworkDisabled"
        case macAddress = "MacAddress"
        case onBuild = "OnBuild"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case stopTimeout = "StopTimeout"
        case shell = "Shell"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        hostname = try fields.value(.hostname)
        domainname = try fields.value(.domainname)
        user = try fields.value(.user)
        attachStdin = try fields.value(.attachStdin)
        attachStdout = try fields.value(.attachStdout)
        attachStderr = try fields.value(.attachStderr)
        exposedPorts = try fields.optional(.exposedPorts)
        tty = try fields.value(.tty)
        openStdin = try fields.value(.openStdin)
        stdinOnce = try fields.value(.stdinOnce)
        env = try fields.optional(.env)
        cmd = try fields.words(.cmd)
        healthcheck = try fields.optional(.healthcheck)
        argsEscaped = try fields.value(.argsEscaped)
        image = try fields.value(.image)
        volumes = try fields.optional(.volumes)
        workingDir = try fields.value(.workingDir)
        entrypoint = try fields.words(.entrypoint)
        networkDisabled = try fields.value(.networkDisabled)
        macAddress = try fields.value(.macAddress)
        onBuild = try fields.optional(.onBuild)
        labels = try fields.optional(.labels)
        stopSignal = try fields.value(.stopSignal)
        stopTimeout = try fields.optional(.stopTimeout)
        shell = try fields.words(.shell)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(hostname, .hostname)
        try fields.put(domainname, .domainname)
        try fields.put(user, .user)
        try fields.put(attachStdin, .attachStdin)
        try fields.put(attachStdout, .attachStdout)
        try fields.put(attachStderr, .attachStderr)
        try fields.putUnlessEmpty(exposedPorts, .exposedPorts)
        try fields.put(tty, .tty)
        try fields.put(openStdin, .openStdin)
        try fields.put(stdinOnce, .stdinOnce)
        try fields.put(env, .env)
        try fields.put(cmd, .cmd)
        try fields.putUnlessEmpty(healthcheck, .healthcheck)
        try fields.putUnlessZero(argsEscaped, .argsEscaped)
        try fields.put(image, .image)
        try fields.put(volumes, .volumes)
        try fields.put(workingDir, .workingDir)
        try fields.put(entrypoint, .entrypoint)
        try fields.putUnlessZero(networkDisabled, .networkDisabled)
        try fields.putUnlessZero(macAddress, .macAddress)
        try fields.put(onBuild, .onBuild)
        try fields.put(labels, .labels)
        try fields.putUnlessZero(stopSignal, .stopSignal)
        try fields.putUnlessEmpty(stopTimeout, .stopTimeout)
        try fields.putUnlessEmpty(shell, .shell)
    }
}

extension ContainerConfig: GoZero { package static var zero: Self { Self() } }
