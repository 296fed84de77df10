/// The body of POST /containers/{id}/exec.
package struct ExecCreateRequest: Codable, Sendable, Hashable {
    package var user: String = ""
    package var privileged: Bool = false
    package var tty: Bool = false
    /// Height, width.
    package var consoleSize: [Int]?
    package var attachStdin: Bool = false
    package var attachStderr: Bool = false
    package var attachStdout: Bool = false
    package var detachKeys: String = ""
    package var env: [String]?
    package var workingDir: String = ""
    package var cmd: [String]?

    package init(
        user: String = "",
        privileged: Bool = false,
        tty: Bool = false,
        consoleSize: [Int]? = nil,
        attachStdin: Bool = false,
        attachStderr: Bool = false,
        attachStdout: Bool = false,
        detachKeys: String = "",
        env: [String]? = nil,
        workingDir: String = "",
        cmd: [String]? = nil
    ) {
        self.user = user
        self.privileged = privileged
        self.tty = tty
        self.consoleSize = consoleSize
        self.attachStdin = attachStdin
        self.attachStderr = attachStderr
        self.attachStdout = attachStdout
        self.detachKeys = detachKeys
        self.env = env
        self.workingDir = workingDir
        self.cmd = cmd
    }

    private enum CodingKeys: String, CodingKey {
        case user = "User"
        case privileged = "Privileged"
        case tty = "Tty"
        case consoleSize = "ConsoleSize"
        case attachStdin = "AttachStdin"
        case attachStderr = "AttachStderr"
        case attachStdout = "AttachStdout"
        case detachKeys = "DetachKeys"
        case env = "Env"
        case workingDir = "WorkingDir"
        case cmd = "Cmd"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        user = try fields.value(.user)
        privileged = try fields.value(.privileged)
        tty = try fields.value(.tty)
        consoleSize = try fields.optional(.consoleSize)
        attachStdin = try fields.value(.attachStdin)
        attachStderr = try fields.value(.attachStderr)
        attachStdout = try fields.value(.attachStdout)
        detachKeys = try fields.value(.detachKeys)
        env = try fields.optional(.env)
        workingDir = try fields.value(.workingDir)
        cmd = try fields.words(.cmd)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(user, .user)
        try fields.put(privileged, .privileged)
        try fields.put(tty, .tty)
        try fields.putUnlessEmpty(consoleSize, .consoleSize)
        try fields.put(attachStdin, .attachStdin)
        try fields.put(attachStderr, .attachStderr)
        try fields.put(attachStdout, .attachStdout)
        try fields.put(detachKeys, .detachKeys)
        try fields.put(env, .env)
        try fields.put(workingDir, .workingDir)
        try fields.put(cmd, .cmd)
    }
}

/// The body of POST /exec/{id}/start.
package struct ExecStartRequest: Codable, Sendable, Hashable {
    package var detach: Bool = false
    package var tty: Bool = false
    /// Height, width.
    package var consoleSize: [Int]?

    package init(detach: Bool = false, tty: Bool = false, consoleSize: [Int]? = nil) {
        self.detach = detach
        self.tty = tty
        self.consoleSize = consoleSize
    }

    private enum CodingKeys: String, CodingKey {
        case detach = "Detach"
        case tty = "Tty"
        case consoleSize = "ConsoleSize"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        detach = try fields.value(.detach)
        tty = try fields.value(.tty)
        consoleSize = try fields.optional(.consoleSize)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(detach, .detach)
        try fields.put(tty, .tty)
        try fields.putUnlessEmpty(consoleSize, .consoleSize)
    }
}

/// The process of an exec session.
package struct ExecProcessConfig: Codable, Sendable, Hashable {
    package var arguments: [String] = []
    package var entrypoint: String = ""
    package var privileged: Bool?
    package var tty: Bool = false
    package var user: String = ""

    package init(arguments: [String] = [], entrypoint: String = "", privileged: Bool? = nil, tty: Bool = false, user: String = "") {
        self.arguments = arguments
        self.entrypoint = entrypoint
        self.privileged = privileged
        self.tty = tty
        self.user = user
    }

    private enum CodingKeys: String, CodingKey {
        case arguments
        case entrypoint
        case privileged
        case tty
        case user
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        arguments = try fields.value(.arguments)
        entrypoint = try fields.value(.entrypoint)
        privileged = try fields.optional(.privileged)
        tty = try fields.value(.tty)
        user = try fields.value(.user)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(arguments, .arguments)
        try fields.put(entrypoint, .entrypoint)
        try fields.putUnlessEmpty(privileged, .privileged)
        try fields.put(tty, .tty)
        try fields.putUnlessZero(user, .user)
    }
}

/// The answer to GET /exec/{id}/json.
package struct ExecInspect: Codable, Sendable, Hashable {
    package var id: String = ""
    package var running: Bool = false
    /// nil until the process has ended.
    package var exitCode: Int?
    package var processConfig: ExecProcessConfig = ExecProcessConfig()
    package var openStdin: Bool = false
    package var openStderr: Bool = false
    package var openStdout: Bool = false
    package var canRemove: Bool = false
    package var containerID: String = ""
    package var detachKeys: String = ""
    package var pid: Int = 0

    package init(
        id: String = "",
        running: Bool = false,
        exitCode: Int? = nil,
        processConfig: ExecProcessConfig = ExecProcessConfig(),
        openStdin: Bool = false,
        openStderr: Bool = false,
        openStdout: Bool = false,
        canRemove: Bool = false,
        containerID: String = "",
        detachKeys: String = "",
        pid: Int = 0
    ) {
        self.id = id
        self.running = running
        self.exitCode = exitCode
        self.processConfig = processConfig
        self.openStdin = openStdin
        self.openStderr = openStderr
        self.openStdout = openStdout
        self.canRemove = canRemove
        self.containerID = containerID
        self.detachKeys = detachKeys
        self.pid = pid
    }

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case running = "Running"
        case exitCode = "ExitCode"
        case processConfig = "ProcessConfig"
        case openStdin = "OpenStdin"
        case openStderr = "OpenStderr"
        case openStdout = "OpenStdout"
        case canRemove = "CanRemove"
        case containerID = "ContainerID"
        case detachKeys = "DetachKeys"
        case pid = "Pid"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        running = try fields.value(.running)
        exitCode = try fields.optional(.exitCode)
        processConfig = try fields.value(.processConfig)
        openStdin = try fields.value(.openStdin)
        openStderr = try fields.value(.openStderr)
        openStdout = try fields.value(.openStdout)
        canRemove = try fields.value(.canRemove)
        containerID = try fields.value(.containerID)
        detachKeys = try fields.value(.detachKeys)
        pid = try fields.value(.pid)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(running, .running)
        try fields.put(exitCode, .exitCode)
        try fields.put(processConfig, .processConfig)
        try fields.put(openStdin, .openStdin)
        try fields.put(openStderr, .openStderr)
        try fields.put(openStdout, .openStdout)
        try fields.put(canRemove, .canRemove)
        try fields.put(containerID, .containerID)
        try fields.put(detachKeys, .detachKeys)
        try fields.put(pid, .pid)
    }
}

extension ExecCreateRequest: GoZero { package static var zero: Self { Self() } }
extension ExecStartRequest: GoZero { package static var zero: Self { Self() } }
extension ExecProcessConfig: GoZero { package static var zero: Self { Self() } }
extension ExecInspect: GoZero { package static var zero: Self { Self() } }
