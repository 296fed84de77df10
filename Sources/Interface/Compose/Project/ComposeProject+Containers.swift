package import ComposeFile
internal import DockerAPI

extension ComposeProject {
    /// What containers tell of a project whose files are not at hand: its services and what they depend on.
    package init(named name: String, from containers: [ProjectContainer]) throws(ComposeFileError) {
        var lines = ["services:"]
        for service in Set(containers.filter { !$0.isOneOff }.map(\.service)).sorted() where !service.isEmpty {
            lines.append("  \(service): {image: \"-\"}")
        }
        let text = lines.count == 1 ? "name: \(name)\nservices: {}\n" : lines.joined(separator: "\n") + "\n"
        let first = containers.first?.summary.labels
        var source = ComposeSource(
            files: [(path: first?[ComposeLabel.files] ?? "", text: text)], directory: first?[ComposeLabel.directory] ?? "/", environment: [:], name: name
        ) { _ throws(ComposeFileError) in nil }
        source.normalizes = false
        source.checksConsistency = false
        try self.init(source)
        for container in containers {
            for entry in (container.summary.labels[ComposeLabel.dependsOn] ?? "").split(separator: ",") {
                let parts = entry.split(separator: ":").map(String.init)
                guard let other = parts.first, services[other] != nil else { continue }
                var dependency = ComposeDependency()
                dependency.condition = parts.count > 1 ? parts[1] : "service_started"
                dependency.restart = parts.count > 2 && parts[2] == "true"
                services[container.service]?.dependsOn[other] = dependency
            }
        }
    }
}
