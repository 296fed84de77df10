internal import Archive
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import OCI

/// How containers are made.
package struct CreateOptions: Sendable {
    /// The services that were named; empty for all.
    package var services: [String] = []
    package var images = ImagePolicy()
    package var recreation = Recreation.diverged
    /// For services that others need, and nobody named.
    package var dependencyRecreation = Recreation.diverged
    /// New containers take over the anonymous volumes of those that they replace.
    package var inheritsVolumes = true
    package var timeoutSeconds: Int?
    package var removesOrphans = false
    package var ignoresOrphans = false

    package init() {}
}

extension Deployment {
    /// Has everything there that the project says: networks, volumes, images, containers. Nothing is started.
    package func create(_ options: CreateOptions) async throws {
        try refuseUnsupported()
        try checkContainerNames()
        let images = try await ensureImages(options.images)
        let networks = try await ensureNetworks()
        try await ensureVolumes()
        let all = try await containers(oneOff: true), there = all.filter { !$0.isOneOff }
        let orphans = all.filter { $0.isOneOff ? $0.summary.state == "exited" : project.anyService($0.service) == nil }
        if !orphans.isEmpty, !options.ignoresOrphans, !options.removesOrphans {
            warn(
                "Found orphan containers (\(orphans.map { "[\($0.name)]" }.joined(separator: " "))) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up."
            )
        }
        if options.removesOrphans { try await each(orphans) { try await stopAndRemove($0, timeoutSeconds: options.timeoutSeconds) } }
        let roster = Roster(there)
        for layer in project.layers {
            try await each(layer) { name in
                guard let service = project.services[name], service.provider == nil else { return }
                try await converge(name, service, images[name], networks, roster, options)
            }
        }
    }

    private func refuseUnsupported() throws {
        for (name, service) in project.services.sorted(by: { $0.key < $1.key }) {
            if let provider = service.provider {
                throw ComposeFileError("service \(name): provider \"\(provider.type)\" is not supported: programs that stand in for services are not run")
            }
            if !service.models.isEmpty { throw ComposeFileError("service \(name): models are not supported: there is no model runner") }
            if service.useApiSocket { throw ComposeFileError("service \(name): use_api_socket is not supported") }
            if service.credentialSpec.isEmpty == false { throw ComposeFileError("service \(name): credential_spec is not supported on Linux") }
        }
    }

    private func checkContainerNames() throws {
        var owners: [String: String] = [:]
        for (name, service) in project.services.sorted(by: { $0.key < $1.key }) where !service.containerName.isEmpty {
            if let other = owners.updateValue(name, forKey: service.containerName) {
                throw ComposeFileError("services.\(name): container name \"\(service.containerName)\" is already in use by service \(other)\"")
            }
        }
    }

    private func converge(
        _ name: String, _ listed: ComposeService, _ image: ImageInspect?, _ networks: EnsuredNetworks, _ roster: Roster, _ options: CreateOptions
    ) async throws {
        if listed.replicas > 1, !listed.containerName.isEmpty {
            throw ComposeFileError(
                "WARNING: The \"\(name)\" service is using the custom container name \"\(listed.containerName)\". Docker requires each container to have a unique name. Remove the custom name to scale the service"
            )
        }
        let service = isDryRun ? listed : try listed.resolved { roster.first(of: $0)?.id }
        let isNamed = options.services.isEmpty || options.services.contains(name)
        let expectation = Expectation(
            service: service, hash: ContentHasher.digest(ConfigHash.text(service)).hex, image: image?.id,
            networks: service.networks.keys.compactMap { networks.ids[$0] }, displaced: networks.displaced,
            volumes: service.volumes.filter { $0.type == "volume" && !$0.source.isEmpty }.compactMap { project.volumes[$0.source]?.name },
            recreation: isNamed ? options.recreation : options.dependencyRecreation, sharesStale: listed.shared.contains { roster.isRecreated($0) })
        let plan = ServicePlan(roster.containers(of: name), replicas: service.replicas) { expectation.isStale($0) }
        if !plan.recreate.isEmpty {
            roster.setRecreated(name)
            try await stopDependents(of: name, roster, options)
        }
        for container in plan.keep where container.isRunning { report(Report(container.subject, .done, "Running")) }
        try await each(plan.remove) { container in
            try await stopAndRemove(container, timeoutSeconds: options.timeoutSeconds)
            roster.replace(container, with: nil)
        }
        // One that was to take the place of another when whoever made it was killed.
        for container in plan.keep where container.summary.labels[ComposeLabel.replace] != nil && !isDryRun {
            let called = containerName(name, service, container.number)
            if container.name.hasSuffix("_\(called)"), try await find(called) == nil { try await client.renameContainer(container.id, to: called) }
        }
        try await each(plan.recreate) { container in
            let made = try await recreate(container, name, service, image, expectation.hash, options)
            roster.replace(container, with: made)
        }
        try await each(plan.create) { number in
            let made = try await createContainer(name, service, image, expectation.hash, number: number)
            if let made { roster.add(made) }
        }
    }

    /// Those that want to be started again when what they need is.
    private func stopDependents(of name: String, _ roster: Roster, _ options: CreateOptions) async throws {
        for dependent in project.dependents(of: name) where dependent.dependency.restart {
            for container in roster.containers(of: dependent.name) where container.isRunning {
                try await stop(container, project.services[dependent.name], timeoutSeconds: options.timeoutSeconds)
            }
        }
    }

    // MARK: One container

    func containerName(_ name: String, _ service: ComposeService, _ number: Int) -> String {
        service.containerName.isEmpty ? [project.name, name, "\(number)"].joined(separator: separator) : service.containerName
    }

    /// The labels of a service's containers.
    func labels(_ name: String, _ service: ComposeService, _ image: ImageInspect?, hash: String, number: Int?) -> [String: String] {
        var labels = service.labels
        labels[ComposeLabel.project] = project.name
        labels[ComposeLabel.service] = name
        labels[ComposeLabel.version] = ComposeLabel.composeVersion
        labels[ComposeLabel.directory] = project.directory
        labels[ComposeLabel.files] = project.files.joined(separator: ",")
        labels[ComposeLabel.oneOff] = "False"
        labels[ComposeLabel.configHash] = hash
        labels[ComposeLabel.number] = number.map(String.init)
        labels[ComposeLabel.image] = image?.id
        if !environmentFiles.isEmpty { labels[ComposeLabel.environmentFile] = environmentFiles.joined(separator: ",") }
        labels[ComposeLabel.dependsOn] = service.dependsOn.sorted { $0.key < $1.key }
            .map { "\($0.key):\($0.value.condition):\($0.value.restart)" }.joined(separator: ",")
        return labels
    }

    private func createContainer(
        _ name: String, _ service: ComposeService, _ image: ImageInspect?, _ hash: String, number: Int
    ) async throws -> ProjectContainer? {
        let called = containerName(name, service, number)
        let draft = ContainerDraft(
            project: project, name: name, service: service, containerName: called, number: number,
            labels: labels(name, service, image, hash: hash, number: number), image: imageName(name), links: try await links(name, service, number))
        var made: ProjectContainer?
        try await step("Container \(called)", "Creating", "Created") { made = try await make(draft, named: called) }
        return made
    }

    /// A new container under another name, the old one away, and then the name.
    private func recreate(
        _ old: ProjectContainer, _ name: String, _ service: ComposeService, _ image: ImageInspect?, _ hash: String, _ options: CreateOptions
    ) async throws -> ProjectContainer? {
        let called = containerName(name, service, old.number)
        var draft = ContainerDraft(
            project: project, name: name, service: service, containerName: called, number: old.number,
            labels: labels(name, service, image, hash: hash, number: old.number), image: imageName(name),
            links: try await links(name, service, old.number))
        draft.labels[ComposeLabel.replace] = old.name
        if options.inheritsVolumes {
            draft.predecessor = old.summary
            draft.imageVolumes = image?.config?.volumes?.names ?? []
        }
        let request = draft
        var made: ProjectContainer?
        try await step(old.subject, "Recreate", "Recreated") {
            let temporary = "\(old.id.prefix(12))_\(called)"
            // Left over from an attempt that was killed.
            if try await find(temporary) != nil { try await client.removeContainer(temporary, force: true) }
            let new = try await make(request, named: temporary)
            try await client.stopContainer(old.id, timeoutSeconds: options.timeoutSeconds)
            try await client.removeContainer(old.id, force: true)
            try await client.renameContainer(new.id, to: called)
            made = try await find(called)
        }
        return made
    }

    func find(_ name: String) async throws -> ProjectContainer? {
        var filters = Filters()
        filters.add("name", name)
        return try await client.containers(all: true, filters: filters).map(ProjectContainer.init).first { $0.name == name }
    }

    /// Makes the container, and puts in the files that are not the host's.
    func make(_ draft: ContainerDraft, named name: String) async throws -> ProjectContainer {
        let platform = draft.service.platform.isEmpty ? project.environment["DOCKER_DEFAULT_PLATFORM"].flatMap { $0.isEmpty ? nil : $0 } : draft.service.platform
        let response = try await client.createContainer(draft.request(), name: name, platform: platform)
        for warning in response.warnings { report(Report(draft.name, .warning, warning)) }
        do {
            try await putFiles(of: draft.service, draft.name, into: response.id)
        } catch {
            // A container without its files is of no use; the first error is the one that tells.
            try? await client.removeContainer(response.id, force: true)
            throw error
        }
        guard let made = try await find(name) else { throw ComposeFileError("container \(name) is gone") }
        return made
    }

    /// Links of the old kind: each container of a linked service by several names.
    func links(_ name: String, _ service: ComposeService, _ number: Int?) async throws -> [String] {
        if service.links.isEmpty, service.externalLinks.isEmpty || service.networkMode == "host" { return [] }
        let there = try await containers()
        var links: [String] = []
        for entry in service.links {
            let parts = entry.split(separator: ":", maxSplits: 1).map(String.init)
            guard let linked = parts.first else { continue }
            for container in there where container.service == linked {
                let short = [linked, "\(container.number)"].joined(separator: separator)
                links += ["\(container.name):\(parts.count > 1 ? parts[1] : linked)", "\(container.name):\(short)", "\(container.name):\(container.name)"]
            }
        }
        return links + service.externalLinks.map { $0.contains(":") ? $0 : "\($0):\($0)" }
    }
}
