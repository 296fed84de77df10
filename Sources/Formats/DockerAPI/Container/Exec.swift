package import JSON

/// The body of POST /containers/{id}/exec.
package struct ExecCreateRequest: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("User", &user)
        try m("Privileged", &privileged)
        try m("Tty", &tty)
        try m("ConsoleSize", &consoleSize, .unlessEmpty)
        try m("AttachStdin", &attachStdin)
        try m("AttachStderr", &attachStderr)
        try m("AttachStdout", &attachStdout)
        try m("DetachKeys", &detachKeys)
        try m("Env", &env)
        try m("WorkingDir", &workingDir)
        try m.words("Cmd", &cmd)
    }
}

/// The body of POST /exec/{id}/start.
package struct ExecStartRequest: JSONRecord, Sendable, Hashable {
    package var detach: Bool = false
    package var tty: Bool = false
    /// Height, width.
    package var consoleSize: [Int]?

    package init(detach: Bool = false, tty: Bool = false, consoleSize: [Int]? = nil) {
        self.detach = detach
        self.tty = tty
        self.consoleSize = consoleSize
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Detach", &detach)
        try m("Tty", &tty)
        try m("ConsoleSize", &consoleSize, .unlessEmpty)
    }
}

/// The process of an exec session.
package struct ExecProcessConfig: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("arguments", &arguments)
        try m("entrypoint", &entrypoint)
        try m("privileged", &privileged, .unlessEmpty)
        try m("tty", &tty)
        try m("user", &user, .unlessEmpty)
    }
}

/// The answer to GET /exec/{id}/json.
package struct ExecInspect: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
        try m("Running", &running)
        try m("ExitCode", &exitCode)
        try m("ProcessConfig", &processConfig)
        try m("OpenStdin", &openStdin)
        try m("OpenStderr", &openStderr)
        try m("OpenStdout", &openStdout)
        try m("CanRemove", &canRemove)
        try m("ContainerID", &containerID)
        try m("DetachKeys", &detachKeys)
        try m("Pid", &pid)
    }
}
