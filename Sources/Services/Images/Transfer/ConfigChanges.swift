package import Diagnostics
package import Dockerfile
internal import Linux
package import OCI

/// The Dockerfile instructions that `--change` of commit and import takes, applied to an image's configuration.
package enum ConfigChanges {
    /// Instructions at most.
    private static let limit = 1000

    /// `config` after all of `changes`, each a line or several. Throws `invalid` in Docker's words.
    package static func apply(_ changes: [String], to config: ImageConfig) throws(Fault) -> ImageConfig {
        var config = config, hasCommand = false
        do throws(DockerfileError) {
            let instructions = try Dockerfile.instructions(changes.joined(separator: "\n"))
            guard instructions.count <= limit else { throw DockerfileError("more than \(limit) changes") }
            for instruction in instructions {
                let expansion = Expansion { [config] name in config.variable(name) }
                let action = try instruction.action.expanded(expansion.word, document: expansion.document)
                guard try config.apply(action, hasCommand: &hasCommand) else { throw DockerfileError("\(instruction.keyword) is not a valid change command") }
            }
        } catch { throw Fault(.invalid, error.reason) }
        return config
    }
}

extension ImageConfig {
    /// The value of an environment variable; nil when it is not set.
    package func variable(_ name: String) -> String? { env?.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.utf8.count + 1)) } }

    /// Does what an expanded instruction says; false for those that say nothing of configuration. `hasCommand`: there has been a `CMD` since
    /// the image that all began with, so that an `ENTRYPOINT` leaves it. Throws Docker's words.
    package mutating func apply(_ action: Action, hasCommand: inout Bool) throws(DockerfileError) -> Bool {
        switch action {
        case .from, .argument, .run, .copy, .maintainer: return false
        case .command(let line):
            cmd = line.words.isEmpty ? nil : line.arguments(shell: shell)
            argsEscaped = nil
            hasCommand = true
        case .entrypoint(let line):
            entrypoint = line.arguments(shell: shell)
            // The image's command was for another entry point.
            if !hasCommand { cmd = nil }
        case .shell(let words): shell = words
        case .environment(let pairs): for pair in pairs { set(pair.name, pair.value) }
        case .label(let pairs): for pair in pairs { labels = (labels ?? [:]).merging([pair.name: pair.value]) { _, new in new } }
        case .expose(let words):
            for word in words { exposedPorts = KeySet((exposedPorts?.sorted ?? []) + (try ExposedPort.all(word))) }
        case .user(let name): user = name
        case .workingDirectory(let path): workingDir = Self.directory(path, below: workingDir)
        case .volume(let paths):
            if paths.contains("") { throw DockerfileError("VOLUME specified can not be an empty string") }
            volumes = KeySet((volumes?.sorted ?? []) + paths)
        case .stopSignal(let signal):
            guard Signal.number(signal) != nil else { throw DockerfileError("invalid signal: \(signal)") }
            stopSignal = signal
        case .health(let check):
            var health = HealthConfig(test: check.test)
            func time(_ value: Int64) -> Int64? { value == 0 ? nil : value }
            health.interval = time(check.interval)
            health.timeout = time(check.timeout)
            health.startPeriod = time(check.startPeriod)
            health.startInterval = time(check.startInterval)
            health.retries = check.retries == 0 ? nil : check.retries
            healthcheck = health
        case .onBuild(let trigger): onBuild = (onBuild ?? []) + [trigger]
        }
        return true
    }

    /// Sets an environment variable, in its place if it has one.
    package mutating func set(_ name: String, _ value: String) {
        var environment = env ?? []
        let entry = "\(name)=\(value)"
        if let index = environment.firstIndex(where: { $0.hasPrefix("\(name)=") }) { environment[index] = entry } else { environment.append(entry) }
        env = environment
    }

    /// Relative ones are below the one before; `.` and `..` are resolved as text.
    package static func directory(_ path: String, below base: String?) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "\(base ?? "")/\(path)").split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// What `EXPOSE` names: `80`, `53/udp`, `8000-8010/tcp`.
enum ExposedPort {
    static func all(_ text: String) throws(DockerfileError) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let kind = parts.count > 1 ? parts[1].lowercased() : "tcp"
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(kind), (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
            first <= last
        else { throw DockerfileError("invalid containerPort: \(text)") }
        return (first...last).map { "\($0)/\(kind)" }
    }
}
