internal import Arguments
internal import Compose

/// What is taken out of a service's container.
extension ComposeCommands {
    static func export() -> AnyCommand {
        command(
            "export", "Export a service container's filesystem as a tar archive", usage: "[OPTIONS] SERVICE", arity: .exactly(1),
            flags: { Root.export().flags() + [index] }, action: { try await $0.delegate(Root.export()) })
    }

    static func commit() -> AnyCommand {
        command(
            "commit", "Create a new image from a service container's changes", usage: "[OPTIONS] SERVICE [REPOSITORY[:TAG]]", arity: .between(1, 2),
            flags: { Root.commit().flags() + [index] }, action: { try await $0.delegate(Root.commit()) })
    }

    private static var index: Flag { .int("index", "index of the container if service has multiple replicas.") }
}

extension ComposeSession {
    /// Has another command do the work on the container of the service that is named first.
    fileprivate func delegate(_ command: AnyCommand) async throws -> Int32 {
        let container = try await container(of: arguments[0], deployment(named: []), all: true)
        return try await delegate(command, [container.id] + arguments.dropFirst())
    }
}
