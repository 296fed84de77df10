internal import ComposeFile
internal import DockerAPI
internal import DockerClient

/// What goes beside the containers and networks.
package struct DownOptions: Sendable {
    /// Only these; empty for all.
    package var services: [String] = []
    package var volumes = false
    /// `local`: images without a name of their own; `all`.
    package var images = ""
    package var removesOrphans = false
    package var timeoutSeconds: Int?

    package init() {}
}

extension Deployment {
    /// Stops and removes everything that belongs to the project. Volumes and images only when told to.
    package func down(_ options: DownOptions) async throws {
        let all = try await containers(oneOff: options.removesOrphans)
        let mine = all.filter { project.services[$0.service] != nil || project.disabled[$0.service] != nil }
        try await inReverse(options.services, mine) { name, containers in
            try await each(containers) {
                try await stopAndRemove($0, project.services[name], timeoutSeconds: options.timeoutSeconds, volumes: options.volumes)
            }
        }
        if options.removesOrphans {
            let orphans = all.filter { project.services[$0.service] == nil && project.disabled[$0.service] == nil }
            try await each(orphans) { try await stopAndRemove($0, timeoutSeconds: options.timeoutSeconds) }
        }
        if !isDryRun { for name in options.services.isEmpty ? [nil] : options.services.map(Optional.some) { try await removePreparations(of: name) } }
        var found = !all.isEmpty
        if options.services.isEmpty {
            if try await removeNetworks() { found = true }
            if options.volumes, try await removeVolumes() { found = true }
        }
        if !options.images.isEmpty, try await removeImages(options) { found = true }
        if !found { warn("Warning: No resource found to remove for project \"\(project.name)\".") }
    }

    /// Whether there were any.
    private func removeNetworks() async throws -> Bool {
        var filters = Filters()
        filters.add("label", "\(ComposeLabel.project)=\(project.name)")
        let external = Set(project.networks.values.filter(\.isExternal).map(\.name))
        let networks = try await client.networks(filters: filters).filter { !external.contains($0.name) }
        try await each(networks) { network in
            let subject = "Network \(network.name)"
            if isDryRun { return try await step(subject, "Removing", "Removed") {} }
            report(Report(subject, .working, "Removing"))
            do {
                if try await !client.inspectNetwork(network.id).containers.isEmpty { return report(Report(subject, .warning, "Resource is still in use")) }
                try await client.removeNetwork(network.id)
                report(Report(subject, .done, "Removed"))
            } catch let error as APIError where error.status == 404 {
                report(Report(subject, .warning, "No resource found to remove"))
            } catch let error as APIError where error.status == 403 || error.status == 409 {
                report(Report(subject, .warning, "Resource is still in use"))
            }
        }
        return !networks.isEmpty
    }

    private func removeVolumes() async throws -> Bool {
        var filters = Filters()
        filters.add("label", "\(ComposeLabel.project)=\(project.name)")
        let external = Set(project.volumes.values.filter(\.isExternal).map(\.name))
        let volumes = try await (client.volumes(filters: filters).volumes).map(\.name).filter { !external.contains($0) }
        try await each(volumes) { name in
            try await removing("Volume \(name)") { try await client.removeVolume(name, force: true) }
        }
        return !volumes.isEmpty
    }

    private func removeImages(_ options: DownOptions) async throws -> Bool {
        let services = project.services.filter { options.services.isEmpty || options.services.contains($0.key) }
        let names = Set(services.filter { options.images == "all" || $0.value.image.isEmpty }.map { imageName($0.key) }).sorted()
        var there: [String] = []
        for name in names where try await image(name) != nil { there.append(name) }
        try await each(there) { name in try await removing("Image \(name)") { _ = try await client.removeImage(name) } }
        return !there.isEmpty
    }

    private func removing(_ subject: String, _ body: () async throws -> Void) async throws {
        report(Report(subject, .working, "Removing"))
        do {
            if !isDryRun { try await body() }
            report(Report(subject, .done, "Removed"))
        } catch let error as APIError where error.status == 409 {
            report(Report(subject, .warning, "Resource is still in use"))
        } catch let error as APIError where error.status == 404 {
            report(Report(subject, .done, "Warning: No resource found to remove"))
        }
    }
}
