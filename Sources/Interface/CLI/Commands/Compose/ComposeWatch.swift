internal import Arguments
internal import Compose
internal import ComposeFile

extension ComposeCommands {
    static func watch() -> AnyCommand {
        command(
            "watch", "Watch build context for service and rebuild/refresh containers when files are updated", usage: "[SERVICE...]",
            flags: {
                [
                    .bool("no-up", "Do not build & start services before watching"), .bool("prune", default: true, "Prune dangling images on rebuild"),
                    .bool("quiet", "hide build output"),
                ]
            },
            action: { compose in
                let project = try compose.project(compose.arguments)
                let deployment = try compose.deployment(project, starts: true)
                let watch = try FileWatch(compose, deployment)
                if !compose.flags.bool("no-up") {
                    var fresh = deployment
                    // What is going to be changed begins as its files are.
                    for (name, service) in project.services where service.build != nil && service.develop != nil { fresh.project.services[name]?.pullPolicy = "build" }
                    var options = CreateOptions()
                    options.services = compose.arguments
                    try await fresh.create(options)
                    try await fresh.start()
                }
                try await watch.run()
                return 0
            })
    }
}
