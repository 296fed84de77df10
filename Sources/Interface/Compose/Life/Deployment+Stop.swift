internal import ComposeFile
internal import DockerAPI
internal import DockerClient

extension Deployment {
    /// Stops the services' containers, each service before what it depends on.
    package func stop(_ services: [String] = [], timeoutSeconds: Int? = nil) async throws {
        let all = try await containers().filter { project.anyService($0.service) != nil }
        try await inReverse(services, all) { name, containers in
            try await each(containers) { try await stop($0, project.services[name], timeoutSeconds: timeoutSeconds) }
        }
    }

    /// Does something with each service's containers, dependents first. Services that only containers tell of come before all others.
    package func inReverse(
        _ services: [String], _ containers: [ProjectContainer], _ body: @escaping @Sendable (String, [ProjectContainer]) async throws -> Void
    ) async throws {
        let known = project.layers
        let others = Set(containers.map(\.service)).subtracting(known.joined()).sorted()
        for layer in [others] + known.reversed() {
            try await each(layer.filter { services.isEmpty || services.contains($0) }) { name in
                try await body(name, containers.filter { $0.service == name })
            }
        }
    }

    func stop(_ container: ProjectContainer, _ service: ComposeService?, timeoutSeconds: Int?) async throws {
        try await step(container.subject, "Stopping", "Stopped") {
            do {
                for hook in service?.preStop ?? [] where container.isRunning { try await run(hook, in: container) }
                try await client.stopContainer(container.id, timeoutSeconds: timeoutSeconds)
            } catch let error as APIError where error.status == 404 {}
        }
    }

    func stopAndRemove(_ container: ProjectContainer, _ service: ComposeService? = nil, timeoutSeconds: Int?, volumes: Bool = false) async throws {
        try await stop(container, service, timeoutSeconds: timeoutSeconds)
        try await remove(container, volumes: volumes)
    }

    /// Removes it, even if it runs.
    package func remove(_ container: ProjectContainer, volumes: Bool) async throws {
        try await step(container.subject, "Removing", "Removed") {
            do { try await client.removeContainer(container.id, force: true, removeVolumes: volumes) } catch let error as APIError
                where error.status == 404 || error.status == 409
            {}
        }
    }

    /// The same for several containers at once: `Killing` and `Killed`, say.
    package func change(
        _ containers: [ProjectContainer], _ doing: String, _ done: String, _ body: @escaping @Sendable (ProjectContainer) async throws -> Void
    ) async throws {
        try await each(containers) { container in try await step(container.subject, doing, done) { try await body(container) } }
    }
}
