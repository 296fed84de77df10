internal import Compose
internal import ComposeFile
internal import DockerClient

/// Builds the image of a service.
struct ServiceBuild: Sendable {
    private let compose: ComposeSession
    private let project: ComposeProject
    private let separator: String

    init(_ compose: ComposeSession, _ project: ComposeProject, separator: String) {
        self.compose = compose
        self.project = project
        self.separator = separator
    }

    /// Throws where the engine cannot build.
    func build(_ service: String, _ client: Client) async throws {
        throw Exit(1, "failed to build \(project.image(of: service, separator: separator)): this engine does not build images yet")
    }
}
