import Containers
package import Diagnostics
import Events
package import JSON
import Linux
import Networks
import RegistryClient
import Settings

/// What `daemon.json` and the daemon's flags say of the engine itself.
package struct EngineSettings: JSONRecord, Sendable {
    package var isDebug = false
    package var isExperimental = false
    package var labels: [String] = []
    private var features: [String: Bool] = [:]

    package init() {}

    /// Whether clients are to build by BuildKit's protocol, unless they are told otherwise.
    package var prefersBuildKit: Bool { features["buildkit"] != false }

    package static func read() throws(Fault) -> EngineSettings { try DaemonFile.read() }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("debug", &isDebug)
        try m("experimental", &isExperimental)
        try m("labels", &labels)
        try m("features", &features)
        var values: [Substring: Substring] = [:]
        for label in labels {
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { throw Fault(.invalid, "bad attribute format: \(label)") }
            if let other = values.updateValue(parts[1], forKey: parts[0]), other != parts[1] {
                throw Fault(.invalid, "conflict labels for \(parts[0])=\(parts[1]) and \(parts[0])=\(other)")
            }
        }
    }
}

extension Engine {
    /// Throws for whatever is wrong with `daemon.json` and this process's flags.
    package static func checkSettings() throws(Fault) {
        try DaemonFile.check()
        _ = try EngineSettings.read()
        _ = try ContainerDefaults.read().seccompProfile()
        _ = try RuntimeChoices.read()
        _ = try RegistrySettings.load()
        try NetworkDefaults.check()
    }

    /// Settings are read when they are needed: this tells whether those of now can be, and whoever listens to events that they count.
    package func reload() throws {
        try Self.checkSettings()
        var attributes = try DaemonFile.file().settings.members.reduce(into: ["name": Machine.names.host]) { $0[$1.name] = $1.value.string ?? $1.value.compactText }
        // They may hold passwords.
        for name in ["http-proxy", "https-proxy", "proxies"] { attributes[name] = nil }
        EventJournal(paths).publish(.daemon, "reload", try identity(), attributes)
    }
}
