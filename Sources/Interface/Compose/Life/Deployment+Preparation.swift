internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Synchronization
internal import Values

/// `pre_start`: containers that do something before the first of a service's own is started.
extension Deployment {
    /// How much of what a failed one said is told.
    private static let tailBytes = 4096

    /// Runs them one after the other, with the volumes of `container` and on the service's networks. One that fails stays, to be looked at.
    func prepare(_ name: String, _ service: ComposeService, for container: ProjectContainer) async throws {
        if let index = service.preStart.firstIndex(where: \.perReplica) {
            throw ComposeFileError("service \"\(name)\" pre_start[\(index)]: per_replica is not yet supported; remove per_replica or set it to false")
        }
        try await removePreparations(of: name)
        for (index, hook) in service.preStart.enumerated() {
            let made = try await make(preparation(hook, name, service, for: container))
            try await client.startContainer(made)
            let code = try await client.wait(for: made).result().statusCode
            if code != 0 {
                let said = try await tail(of: made)
                let words = ["service \"\(name)\" pre_start[\(index)] exited with code \(code)"] + (said.isEmpty ? [] : [": \(said)"])
                throw ComposeFileError(words.joined() + " (hook container \(made.prefix(12)) retained for inspection)")
            }
            try await client.removeContainer(made, removeVolumes: true)
        }
    }

    /// Those of a project, or of one of its services: what failed, or was broken off.
    func removePreparations(of service: String? = nil) async throws {
        var filters = Filters()
        filters.add("label", "\(ComposeLabel.project)=\(project.name)")
        filters.add("label", "\(ComposeLabel.hook)=pre_start")
        if let service { filters.add("label", "\(ComposeLabel.service)=\(service)") }
        for old in try await client.containers(all: true, filters: filters) { try await client.removeContainer(old.id, force: true, removeVolumes: true) }
    }

    private func preparation(_ hook: ComposeHook, _ name: String, _ service: ComposeService, for container: ProjectContainer) -> ContainerDraft {
        var own = ComposeService()
        own.image = hook.image.isEmpty ? imageName(name) : hook.image
        own.command = hook.command
        own.user = hook.user
        own.privileged = hook.privileged
        own.workingDir = hook.workingDir
        own.environment = service.environment.merging(hook.environment) { $1 }
        own.networks = service.networks
        own.networkMode = service.networkMode
        own.platform = service.platform
        own.volumesFrom = [container.id]
        let labels = [
            ComposeLabel.project: project.name, ComposeLabel.service: name, ComposeLabel.version: ComposeLabel.composeVersion, ComposeLabel.hook: "pre_start",
        ]
        let called = [project.name, name, "pre-start", Identifier.random().short].joined(separator: separator)
        return ContainerDraft(project: project, name: name, service: own, containerName: called, number: nil, labels: labels, image: own.image)
    }

    private func make(_ draft: ContainerDraft) async throws -> String {
        if try await image(draft.image) == nil { try await pull(draft.image, draft.service) }
        return try await make(draft, named: draft.containerName).id
    }

    private func tail(of id: String) async throws -> String {
        var parameters = LogParameters()
        parameters.tail = "10"
        let said = Mutex<[UInt8]>([])
        try await client.logs(id, parameters, tty: false) { _, piece in said.withLock { if $0.count < Self.tailBytes { $0 += piece } } }
        let text = said.withLock { String(decoding: $0.prefix(Self.tailBytes), as: UTF8.self) }
        return text.split(separator: "\n").joined(separator: "; ")
    }
}
