package import JSON

/// What of a container is independent of the host; an image carries the same fields as defaults.
package struct ContainerConfig: JSONRecord, Sendable, Hashable {
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

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Hostname", &hostname)
        try m("Domainname", &domainname)
        try m("User", &user)
        try m("AttachStdin", &attachStdin)
        try m("AttachStdout", &attachStdout)
        try m("AttachStderr", &attachStderr)
        try m("ExposedPorts", &exposedPorts, .unlessEmpty)
        try m("Tty", &tty)
        try m("OpenStdin", &openStdin)
        try m("StdinOnce", &stdinOnce)
        try m("Env", &env)
        try m.words("Cmd", &cmd)
        try m("Healthcheck", &healthcheck, .unlessEmpty)
        try m("ArgsEscaped", &argsEscaped, .unlessEmpty)
        try m("Image", &image)
        try m("Volumes", &volumes)
        try m("WorkingDir", &workingDir)
        try m.words("Entrypoint", &entrypoint)
        try m("NetworkDisabled", &networkDisabled, .unlessEmpty)
        try m("MacAddress", &macAddress, .unlessEmpty)
        try m("OnBuild", &onBuild)
        try m("Labels", &labels)
        try m("StopSignal", &stopSignal, .unlessEmpty)
        try m("StopTimeout", &stopTimeout, .unlessEmpty)
        try m.words("Shell", &shell, .unlessEmpty)
    }
}
