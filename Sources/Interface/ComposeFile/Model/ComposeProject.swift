package import JSON

/// A project: everything that its files say, put together.
package struct ComposeProject: Sendable {
    package var name: String
    /// Absolute.
    package var directory: String
    /// Absolute paths, and `-` for standard input.
    package var files: [String]
    package var environment: [String: String]
    package var profiles: [String]
    /// By name, those that are on.
    package var services: [String: ComposeService]
    /// Those that no profile turns on, or that nobody asked for.
    package var disabled: [String: ComposeService] = [:]
    package var networks: [String: ComposeNetwork]
    package var volumes: [String: ComposeVolume]
    package var secrets: [String: ComposeFileObject]
    package var configs: [String: ComposeFileObject]
    package var models: [String: JSONValue]
    package var warnings: [String]
    /// All of it in canonical form, with what users keep in it under `x-` names.
    var model: JSONValue

    /// The project without what only others of its services need.
    package var withoutUnused: ComposeProject {
        var project = self
        let used = services.values
        let networks = Set(used.flatMap { $0.networks.keys })
        let volumes = Set(used.flatMap(\.volumes).filter { $0.type == "volume" }.map(\.source))
        let secrets = Set(used.flatMap { $0.secrets + ($0.build?.secrets ?? []) }.map(\.source)), configs = Set(used.flatMap(\.configs).map(\.source))
        let models = Set(used.flatMap { $0.models.keys })
        project.networks = project.networks.filter { networks.contains($0.key) }
        project.volumes = project.volumes.filter { volumes.contains($0.key) }
        project.secrets = project.secrets.filter { secrets.contains($0.key) }
        project.configs = project.configs.filter { configs.contains($0.key) }
        project.models = project.models.filter { models.contains($0.key) }
        return project
    }

    /// The image of a service; one that is only built is named after the project. `separator` is `-`, or `_` as it once was.
    package func image(of service: String, separator: String) -> String {
        guard let image = anyService(service)?.image, !image.isEmpty else { return "\(name)\(separator)\(service)" }
        return image
    }
}

extension ComposeProject {
    /// A service, be it on or not.
    package func anyService(_ name: String) -> ComposeService? { services[name] ?? disabled[name] }

    /// The services whose images a service's build begins with.
    package func bases(of name: String) -> [String] {
        let prefix = "service:"
        return (anyService(name)?.build?.additionalContexts.values ?? [:].values).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}

extension ComposeService {
    /// How many containers there shall be.
    package var replicas: Int { scale ?? deploy?.replicas ?? 1 }
}

extension ComposeProject {
    /// What is left of a name for a project.
    package static func normalized(_ name: String) -> String {
        let kept = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        return String(kept.drop { $0 == "_" || $0 == "-" })
    }
}
