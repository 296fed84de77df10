internal import AsyncIO
internal import ComposeFile
internal import DockerAPI
internal import DockerClient

/// What is waited for.
package enum Readiness: Sendable, Hashable {
    case healthy
    /// Healthy where health is checked, else running.
    case runningOrHealthy
    case completed
}

extension Deployment {
    private static let poll = Duration.milliseconds(100)

    /// Starts the project's containers, each service after what it depends on is as it wants it.
    package func start() async throws {
        for layer in project.layers {
            try await each(layer) { name in
                guard let service = project.services[name], service.provider == nil else { return }
                try await start(name, service)
            }
        }
    }

    private func start(_ name: String, _ service: ComposeService) async throws {
        try await awaitDependencies(of: name, service)
        let containers = try await containers().filter { $0.service == name }
        if containers.isEmpty {
            if service.replicas == 0 || isDryRun { return }
            throw ComposeFileError("service \"\(name)\" has no container to start")
        }
        let areIdle = containers.allSatisfy { !$0.isRunning && $0.summary.state != "restarting" }
        if !service.preStart.isEmpty, areIdle, let first = containers.first, !isDryRun { try await prepare(name, service, for: first) }
        // One after the other: two of them may want a port of the same range.
        for container in containers where !container.isRunning && container.summary.state != "restarting" {
            try await step(container.subject, "Starting", "Started") {
                if container.summary.state == "paused" { return try await client.unpauseContainer(container.id) }
                try await client.startContainer(container.id)
            }
            if !isDryRun { for hook in service.postStart { try await run(hook, in: container) } }
        }
    }

    /// Runs a command of `post_start` or `pre_stop` in the container, and throws when it fails.
    func run(_ hook: ComposeHook, in container: ProjectContainer) async throws {
        let id = try await client.createExec(container.id, ExecCreateRequest(hook))
        try await client.startExec(id, tty: false).forEachPiece { _, _ in }
        let code = try await client.inspectExec(id).exitCode ?? 0
        if code != 0 { throw ComposeFileError("\(container.service) hook exited with status \(code)") }
    }

    // MARK: Waiting

    func awaitDependencies(of name: String, _ service: ComposeService) async throws {
        let wanted = service.dependsOn.filter { $0.value.condition != "service_started" && (project.services[$0.key]?.replicas ?? 0) > 0 }
        if wanted.isEmpty || isDryRun { return }
        let all = try await containers()
        try await each(wanted.map { ($0.key, $0.value) }) { other, dependency in
            let containers = all.filter { $0.service == other }
            if containers.isEmpty {
                guard dependency.required else { return warn("\(name) is missing dependency \(other)") }
                throw ComposeFileError("\(name) is missing dependency \(other)")
            }
            do {
                try await awaitAll(containers, dependency.condition == "service_healthy" ? .healthy : .completed, for: other)
            } catch let error as ComposeFileError {
                guard dependency.required else { return warn("optional dependency \"\(other)\" failed to start: \(error)") }
                throw error
            }
        }
    }

    /// Waits until all of the containers are ready, and throws when one of them never will be.
    private func awaitAll(_ containers: [ProjectContainer], _ readiness: Readiness, for service: String) async throws {
        for container in containers { report(Report(container.subject, .working, "Waiting")) }
        try await each(containers) { container in
            while true {
                if let word = try await readinessWord(container, readiness, service) {
                    report(Report(container.subject, .done, word))
                    return
                }
                try await AsyncIO.sleep(Self.poll)
            }
        }
    }

    /// Nil while there is still hope.
    private func readinessWord(_ container: ProjectContainer, _ readiness: Readiness, _ service: String) async throws -> String? {
        let state = try await client.inspectContainer(container.id).state
        func failed(_ why: String) -> ComposeFileError {
            report(Report(container.subject, .error, "Error"))
            return ComposeFileError("dependency failed to start: \(why)")
        }
        switch readiness {
        case .completed:
            guard state.status == "exited" else { return nil }
            if state.exitCode == 0 { return "Exited" }
            report(Report(container.subject, .error, "service \"\(service)\" didn't complete successfully: exit \(state.exitCode)"))
            throw ComposeFileError("service \"\(service)\" didn't complete successfully: exit \(state.exitCode)")
        case .healthy, .runningOrHealthy:
            if state.status == "exited" { throw failed("container \(container.name) exited (\(state.exitCode))") }
            guard let health = state.health, health.status != "none", !health.status.isEmpty else {
                if readiness == .runningOrHealthy { return state.running ? "Healthy" : nil }
                throw failed("container \(container.name) has no healthcheck configured")
            }
            if health.status == "unhealthy" { throw failed("container \(container.name) is unhealthy") }
            return health.status == "healthy" ? "Healthy" : nil
        }
    }

    /// `--wait`: until all services run, and are healthy where that is checked. Zero seconds are for ever.
    package func awaitReady(_ services: [String], timeoutSeconds: Int) async throws {
        if isDryRun { return }
        let names = services.isEmpty ? Array(project.services.keys) : services
        let containers = try await containers().filter { names.contains($0.service) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for container in containers { report(Report(container.subject, .working, "Waiting")) }
                try await each(containers) { container in
                    while true {
                        if let word = try await settledWord(container) { return report(Report(container.subject, .done, word)) }
                        try await AsyncIO.sleep(Self.poll)
                    }
                }
                return true
            }
            if timeoutSeconds > 0 {
                group.addTask {
                    try await AsyncIO.sleep(.seconds(timeoutSeconds))
                    return false
                }
            }
            defer { group.cancelAll() }
            if try await group.next() == false { throw ComposeFileError("application not healthy after \(timeoutSeconds)s") }
        }
    }

    /// One that has ended will never be ready, unless others wait for it to complete.
    private func settledWord(_ container: ProjectContainer) async throws -> String? {
        let isToEnd = project.dependents(of: container.service).contains { $0.dependency.condition == "service_completed_successfully" }
        do { return try await readinessWord(container, isToEnd ? .completed : .runningOrHealthy, container.service) } catch let error as ComposeFileError {
            throw ComposeFileError(error.description.replacing("dependency failed to start: ", with: ""))
        }
    }
}
