internal import Archive
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import OCI
internal import Values

extension Deployment {
    /// Makes the container of `run`: once what the service depends on is as it wants it, as `waitingFor` knows it. Nil when nothing is done.
    package func createOneOff(
        of name: String, waitingFor dependencies: Deployment, named given: String?, removes: Bool, attachesInput: Bool, usesAliases: Bool, images policy: ImagePolicy
    ) async throws -> ProjectContainer? {
        guard let listed = project.services[name] else { throw ComposeFileError("no such service: \(name)") }
        let images = try await ensureImages(policy)
        _ = try await ensureNetworks()
        try await ensureVolumes()
        try await dependencies.awaitDependencies(of: name, listed)
        if isDryRun { return nil }
        let there = try await containers()
        let service = try listed.resolved { other in there.filter { $0.service == other }.min { $0.number < $1.number }?.id }
        let slug = Identifier.random().description
        let called = given ?? [project.name, name, "run", String(slug.prefix(12))].joined(separator: separator)
        var labels = labels(name, service, images[name], hash: ContentHasher.digest(ConfigHash.text(service)).hex, number: nil)
        labels[ComposeLabel.oneOff] = "True"
        labels[ComposeLabel.slug] = slug
        let draft = ContainerDraft(
            project: project, name: name, service: service, containerName: called, number: nil, labels: labels, image: imageName(name),
            links: try await links(name, service, nil), autoRemove: removes, attachesInput: attachesInput, usesAliases: usesAliases)
        return try await make(draft, named: called)
    }

    /// Fetches the images of all services; those that can only be built are passed over.
    package func pull(policy: String, ignoresBuildable: Bool, ignoresFailures: Bool) async throws {
        var images: [String: ComposeService] = [:]
        for (name, service) in project.services.sorted(by: { $0.key < $1.key }) where service.provider == nil {
            let image = imageName(name)
            if service.image.isEmpty || (ignoresBuildable && service.build != nil) || ["never", "build"].contains(service.pullPolicy) {
                report(Report("Image \(image)", .done, service.image.isEmpty ? "Skipped No image to be pulled" : "Skipped"))
                continue
            }
            let isMissingEnough = policy == "missing" || (policy.isEmpty && ["missing", "if_not_present"].contains(service.pullPolicy))
            if isMissingEnough, try await self.image(image) != nil {
                report(Report("Image \(image)", .done, "Skipped Image is already present locally"))
                continue
            }
            images[image] = service
        }
        try await each(Array(images)) { image, service in
            do { try await pull(image, service) } catch {
                // What is built need not be in a registry.
                if !ignoresFailures, service.build == nil { throw error }
                warn("\(error)")
            }
        }
    }
}
