package import ComposeFile
package import DockerAPI
package import DockerClient

/// A project on an engine: everything that compose does with one goes through here, and from here through the API.
package struct Deployment: Sendable {
    package let client: Client
    package var project: ComposeProject
    /// Between the parts of a container's name: `-`, or `_` as it once was.
    package var separator = "-"
    /// Nothing is done, only told.
    package var isDryRun = false
    /// How much is done at the same time; nil for no limit.
    package var parallel: Int?
    /// `--env-file`, which the labels tell.
    package var environmentFiles: [String] = []
    package var report: @Sendable (Report) -> Void
    package var warn: @Sendable (String) -> Void
    /// Asks before something is lost; no is the answer of nobody.
    package var confirm: @Sendable (String) async -> Bool = { _ in false }
    /// Fetches or builds what a service is made of: what needs credentials and files is the command line's.
    package var images: ImageSource

    /// Where images come from.
    package struct ImageSource: Sendable {
        /// Fetches an image, perhaps for a platform.
        package var pull: @Sendable (_ image: String, _ platform: String?) async throws -> Void
        /// Builds the image of a service and names it.
        package var build: @Sendable (_ service: String) async throws -> Void

        package init(
            pull: @escaping @Sendable (String, String?) async throws -> Void, build: @escaping @Sendable (String) async throws -> Void
        ) {
            self.pull = pull
            self.build = build
        }
    }

    package init(
        _ client: Client, _ project: ComposeProject, images: ImageSource, report: @escaping @Sendable (Report) -> Void,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.client = client
        self.project = project
        self.images = images
        self.report = report
        self.warn = warn
    }

    // MARK: What is there

    /// The project's containers, also of services that the files no longer have. `oneOff`: those of `run` as well.
    package func containers(all: Bool = true, oneOff: Bool = false) async throws -> [ProjectContainer] {
        try await Self.containers(of: project.name, client, all: all, oneOff: oneOff)
    }

    package static func containers(of project: String, _ client: Client, all: Bool = true, oneOff: Bool = false) async throws -> [ProjectContainer] {
        var filters = Filters()
        filters.add("label", "\(ComposeLabel.project)=\(project)")
        return try await client.containers(all: all, filters: filters).map(ProjectContainer.init)
            .filter { $0.summary.labels[ComposeLabel.configHash] != nil && (oneOff || !$0.isOneOff) }.sorted { ($0.service, $0.number) < ($1.service, $1.number) }
    }

    /// Runs the body for each at the same time, and throws the first error when all have ended.
    func each<Element: Sendable>(_ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Void) async throws {
        guard elements.count > 1 else {
            for element in elements { try await body(element) }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = elements[...]
            for element in rest.prefix(parallel ?? rest.count) { group.addTask { try await body(element) } }
            rest = rest.dropFirst(parallel ?? rest.count)
            var first: (any Error)?
            while let result = await group.nextResult() {
                if case .failure(let error) = result, first == nil { first = error }
                if let element = rest.popFirst() { group.addTask { try await body(element) } }
            }
            if let first { throw first }
        }
    }

    /// Tells what is done while it is done. Without a `done` the body tells that itself.
    func step(_ subject: String, _ doing: String, _ done: String, _ body: () async throws -> Void) async throws {
        report(Report(subject, .working, doing))
        do {
            if !isDryRun { try await body() }
        } catch {
            report(Report(subject, .error, "Error"))
            throw error
        }
        report(Report(subject, .done, done))
    }
}

/// A container that belongs to a project by its labels.
package struct ProjectContainer: Sendable {
    package let summary: ContainerSummary

    package init(_ summary: ContainerSummary) { self.summary = summary }

    package var id: String { summary.id }
    /// The name of its own: links give others.
    package var name: String {
        let names = summary.names.filter { $0.dropFirst().allSatisfy { $0 != "/" } }
        return String((names.first ?? summary.names.first ?? "/\(id.prefix(12))").dropFirst())
    }
    package var service: String { summary.labels[ComposeLabel.service] ?? "" }
    package var number: Int { Int(summary.labels[ComposeLabel.number] ?? "") ?? 0 }
    package var isOneOff: Bool { summary.labels[ComposeLabel.oneOff]?.lowercased() == "true" }
    package var isRunning: Bool { summary.state == "running" }
    var subject: String { "Container \(name)" }
}
