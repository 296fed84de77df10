internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Values

/// `logs --follow`: what containers say until they end, and those that start while any of them lives.
struct FollowedLogs: Sendable {
    let compose: ComposeSession
    let deployment: Deployment
    let parameters: LogParameters
    let printer: LogPrinter
    private let followed: Followed

    /// Ids of containers whose output is being read.
    private final class Followed: Sendable { let ids = Mutex<Set<String>>([]) }

    init(_ compose: ComposeSession, _ deployment: Deployment, _ parameters: LogParameters, _ printer: LogPrinter) {
        self.compose = compose
        self.deployment = deployment
        self.parameters = parameters
        self.printer = printer
        followed = Followed()
    }

    func run(_ containers: [ProjectContainer]) async throws {
        let since = Clock.parameter(Timestamp.now)
        followed.ids.withLock { $0 = Set(containers.map(\.id)) }
        let (starts, more) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1024))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await deployment.lifeEvents(since: since) { service, event in
                        let isWanted = compose.arguments.isEmpty || compose.arguments.contains(service)
                        guard event.action == "start", isWanted, followed.ids.withLock({ $0.insert(event.actor.id).inserted }) else { return }
                        more.yield(event.actor.id)
                    }
                } catch is CancellationError {}
            }
            for container in containers { group.addTask { try await follow(container, parameters, more) } }
            if containers.isEmpty { more.finish() }
            for await id in starts {
                guard let container = try await deployment.containers().first(where: { $0.id == id }) else { continue }
                var ofLife = parameters
                // What it said in lives before was shown.
                ofLife.since = Clock.parameter(try await deployment.client.inspectContainer(id).state.startedAt)
                let wanted = ofLife
                group.addTask { try await follow(container, wanted, more) }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// The last one that ends tells that no more will come.
    private func follow(_ container: ProjectContainer, _ parameters: LogParameters, _ more: AsyncStream<String>.Continuation) async throws {
        try await compose.printLog(of: container, deployment, parameters, printer)
        let isLast = followed.ids.withLock { ids in
            ids.remove(container.id)
            return ids.isEmpty
        }
        if isLast { more.finish() }
    }
}

extension Deployment {
    /// Tells of the starts and ends of the services' containers, one-offs not among them, until it throws.
    func lifeEvents(since: String, _ body: @escaping @Sendable (String, EventMessage) async throws -> Void) async throws {
        var filters = Filters()
        filters.add("type", "container")
        filters.add("label", "\(ComposeLabel.project)=\(project.name)")
        filters.add("event", "die")
        filters.add("event", "start")
        try await client.events(since: since, filters: filters) { event in
            let labels = event.actor.attributes
            guard let service = labels[ComposeLabel.service], project.services[service] != nil, labels[ComposeLabel.oneOff]?.lowercased() != "true" else { return }
            try await body(service, event)
        }
    }
}
