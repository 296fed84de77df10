package import Diagnostics
import DockerAPI
package import JSON
import Linux
import Settings

/// What containers have that do not ask for something else: `daemon.json` and the daemon's flags, by Docker's names; see dockerd(8).
package struct ContainerDefaults: JSONRecord, Sendable {
    var cgroupNamespace = ""
    var ipc = ""
    /// Bytes, with a unit when it is text.
    private var shm: JSONValue = .null
    private(set) var log = LogConfig(type: "json-file")
    private var limits: [String: Ulimit] = [:]
    var cgroupParent = ""
    var usesInit = false
    var noNewPrivileges = false
    /// A path, or a word of `--security-opt seccomp`.
    private var seccomp = ""

    package init() {}

    /// Those of now. Throws for what is wrong with them.
    package static func read() throws(Fault) -> ContainerDefaults { try DaemonFile.read() }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("default-cgroupns-mode", &cgroupNamespace)
        try m("default-ipc-mode", &ipc)
        try m("default-shm-size", &shm)
        try m("log-driver", &log.type)
        try m("log-opts", &log.config)
        try m("default-ulimits", &limits)
        try m("cgroup-parent", &cgroupParent)
        try m("init", &usesInit)
        try m("no-new-privileges", &noNewPrivileges)
        try m("seccomp-profile", &seccomp)
        try check()
    }

    private func check() throws(Fault) {
        guard ["", "host", "private"].contains(cgroupNamespace) else {
            throw Fault(.invalid, "default cgroup namespace mode (\(cgroupNamespace)) is invalid; use \"host\" or \"private\"")
        }
        guard ["", "private", "shareable"].contains(ipc) else { throw Fault(.invalid, "default IPC mode \"\(ipc)\" is invalid; use \"private\" or \"shareable\"") }
        guard shm.isNull || (shmSize ?? 0) > 0 else { throw Fault(.invalid, "invalid size of /dev/shm: \(shm.compactText)") }
        try log.validate()
    }

    /// What logs are written by.
    package var logDriver: String { log.type }

    /// Bytes of /dev/shm.
    var shmSize: Int? { shm.int ?? shm.string.flatMap(Self.bytes) }

    /// A number with an optional unit of 1024s.
    private static func bytes(_ text: String) -> Int? {
        let text = text.lowercased(), digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.prefix { $0 != "i" && $0 != "b" }
        guard let number = Int(digits), let scale = ["": 0, "k": 10, "m": 20, "g": 30][unit], number >> 32 == 0 else { return nil }
        return number << scale
    }

    /// Puts into a container's own what it leaves open.
    func complete(_ host: inout HostConfig) {
        if host.ipcMode.isEmpty { host.ipcMode = ipc.isEmpty ? "private" : ipc }
        if host.cgroupnsMode.isEmpty {
            let isVersion2 = FileSystem.exists("/sys/fs/cgroup/cgroup.controllers"), usual = isVersion2 ? "private" : "host"
            // In version 1 a privileged container is meant to see all.
            host.cgroupnsMode = host.privileged && !isVersion2 || cgroupNamespace.isEmpty ? usual : cgroupNamespace
        }
        if host.logConfig.type.isEmpty { host.logConfig.type = log.type }
        if host.logConfig.type == log.type, let options = log.config, !options.isEmpty { host.logConfig.config = options.merging(host.logConfig.config ?? [:]) { $1 } }
        if host.shmSize == 0 { host.shmSize = shmSize ?? 64 << 20 }
        if host.resources.cgroupParent.isEmpty { host.resources.cgroupParent = cgroupParent }
    }

    /// With limits of the kinds that were not asked for.
    func completing(_ asked: [Ulimit]?) -> [Ulimit]? {
        let others = limits.values.filter { limit in asked?.contains { $0.name == limit.name } != true }
        return others.isEmpty ? asked : (asked ?? []) + others.sorted { $0.name < $1.name }
    }

    /// What `--security-opt seccomp` says when a container does not: nil for the built-in profile, else `unconfined` or a profile.
    package func seccompProfile() throws(Fault) -> String? {
        if ["", "builtin", "default"].contains(seccomp) { return nil }
        if seccomp == "unconfined" { return seccomp }
        do throws(SyscallError) { return String(decoding: try FileSystem.read(seccomp, limit: 1 << 20), as: UTF8.self) } catch {
            throw Fault(.invalid, "opening seccomp profile (\(seccomp)) failed: \(error)", cause: error)
        }
    }
}
