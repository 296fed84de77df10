internal import Archive
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import OCI

/// The project's networks, which are there now.
struct EnsuredNetworks: Sendable {
    /// By their keys.
    var ids: [String: String] = [:]
    /// The containers that lost theirs.
    var displaced: Set<String> = []
}

/// Networks and volumes of the project.
extension Deployment {
    /// Makes the networks that are missing; those whose definition was changed are made again.
    func ensureNetworks() async throws -> EnsuredNetworks {
        var ensured = EnsuredNetworks()
        for key in project.networks.keys.sorted() {
            guard let network = project.networks[key] else { continue }
            ensured.ids[key] = network.isExternal ? try await externalNetwork(network.name) : try await ensure(network, key, &ensured.displaced)
        }
        return ensured
    }

    private func externalNetwork(_ name: String) async throws -> String {
        var filters = Filters()
        filters.add("name", name)
        let found = try await client.networks(filters: filters).filter { $0.name == name || $0.id == name }
        if found.count > 1 { throw ComposeFileError("multiple networks with name \"\(name)\" were found. Use network ID as `name` to avoid ambiguity") }
        if let only = found.first { return only.id }
        do { return try await client.inspectNetwork(name).id } catch let error as APIError where error.status == 404 {
            throw ComposeFileError("network \(name) declared as external, but could not be found")
        }
    }

    private func ensure(_ network: ComposeNetwork, _ key: String, _ displaced: inout Set<String>) async throws -> String {
        let hash = ContentHasher.digest(ConfigHash.text(network)).hex
        var filters = Filters()
        filters.add("name", network.name)
        if let there = try await client.networks(filters: filters).first(where: { $0.name == network.name }) {
            let owner = there.labels[ComposeLabel.project] ?? ""
            if owner != project.name {
                let whose = owner.isEmpty ? "by compose" : "for project \"\(project.name)\""
                warn("a network with name \(network.name) exists but was not created \(whose).\nSet `external: true` to use an existing network")
                return there.id
            }
            let before = there.labels[ComposeLabel.configHash] ?? hash
            if before == hash { return there.id }
            displaced.formUnion(try await removeDiverged(there))
        }
        var request = NetworkCreateRequest()
        request.name = network.name
        request.driver = network.driver
        request.options = network.driverOpts
        request.internal = network.isInternal
        request.attachable = network.attachable
        request.enableIPv4 = network.enableIpv4
        request.enableIPv6 = network.enableIpv6
        request.labels = network.labels.merging([
            ComposeLabel.network: key, ComposeLabel.project: project.name, ComposeLabel.version: ComposeLabel.composeVersion, ComposeLabel.configHash: hash,
        ]) { $1 }
        if network.ipam != ComposeIPAM() {
            request.ipam = IPAM(
                driver: network.ipam.driver, options: network.ipam.options.isEmpty ? nil : network.ipam.options,
                config: network.ipam.config.map {
                    IPAMConfig(subnet: $0.subnet, ipRange: $0.ipRange, gateway: $0.gateway, auxiliaryAddresses: $0.auxAddresses.isEmpty ? nil : $0.auxAddresses)
                })
        }
        var id = ""
        let wanted = request
        try await step("Network \(network.name)", "Creating", "Created") {
            do { id = try await client.createNetwork(wanted).id } catch let error as APIError {
                throw ComposeFileError("failed to create network \(network.name): \(error)")
            }
        }
        return id
    }

    /// Its containers leave it first. Gives their ids: they are to be made again.
    private func removeDiverged(_ network: Network) async throws -> [String] {
        let members = try await client.inspectNetwork(network.id).containers.sorted { $0.key < $1.key }
        for (id, member) in members {
            try await step("Container \(member.name)", "Stopping", "Stopped") { _ = try await client.stopContainer(id) }
            if !isDryRun { try await client.disconnectNetwork(network.id, container: id, force: true) }
        }
        try await step("Network \(network.name)", "Removing", "Removed") { try await client.removeNetwork(network.id) }
        return members.map(\.key)
    }

    /// Makes the volumes that are missing.
    func ensureVolumes() async throws {
        for key in project.volumes.keys.sorted() {
            guard let volume = project.volumes[key] else { continue }
            do {
                let there = try await client.inspectVolume(volume.name)
                if volume.isExternal { continue }
                let owner = there.labels?[ComposeLabel.project] ?? ""
                if owner.isEmpty {
                    warn("volume \"\(volume.name)\" already exists but was not created by Docker Compose. Use `external: true` to use an existing volume")
                } else if owner != project.name {
                    warn(
                        "volume \"\(volume.name)\" already exists but was created for project \"\(owner)\" (expected \"\(project.name)\"). Use `external: true` to use an existing volume"
                    )
                } else if let before = there.labels?[ComposeLabel.configHash], before != ContentHasher.digest(ConfigHash.text(volume)).hex {
                    try await remake(volume, key)
                }
            } catch let error as APIError where error.status == 404 {
                if volume.isExternal { throw ComposeFileError("external volume \"\(volume.name)\" not found") }
                try await create(volume, key)
            }
        }
    }

    /// What was in it is lost, so the user is asked.
    private func remake(_ volume: ComposeVolume, _ key: String) async throws {
        guard await confirm("Volume \"\(volume.name)\" exists but doesn't match configuration in compose file. Recreate (data will be lost)?") else { return }
        for container in try await containers(oneOff: true) where container.summary.mounts.contains(where: { $0.name == volume.name }) {
            try await stopAndRemove(container, timeoutSeconds: nil)
        }
        try await step("Volume \(volume.name)", "Removing", "Removed") { try await client.removeVolume(volume.name) }
        try await create(volume, key)
    }

    private func create(_ volume: ComposeVolume, _ key: String) async throws {
        var request = VolumeCreateRequest()
        request.name = volume.name
        request.driver = volume.driver
        request.driverOpts = volume.driverOpts
        request.labels = volume.labels.merging([
            ComposeLabel.volume: key, ComposeLabel.project: project.name, ComposeLabel.version: ComposeLabel.composeVersion,
            ComposeLabel.configHash: ContentHasher.digest(ConfigHash.text(volume)).hex,
        ]) { $1 }
        let wanted = request
        try await step("Volume \(volume.name)", "Creating", "Created") { _ = try await client.createVolume(wanted) }
    }
}
