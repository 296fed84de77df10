internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerClient
internal import OCI

/// `pull`, `push` and `build`.
extension ComposeCommands {
    static func pull() -> AnyCommand {
        command(
            "pull", "Pull service images", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("ignore-buildable", "Ignore images that can be built"), .bool("ignore-pull-failures", "Pull what it can and ignores images with pull failures"),
                    .bool("include-deps", "Also pull services declared as dependencies"), .bool("no-parallel", default: true, "DEPRECATED disable parallel pulling").hidden(),
                    .bool("parallel", default: true, "DEPRECATED pull multiple images in parallel").hidden(),
                    .value("policy", "Apply pull policy (\"missing\"|\"always\")"), .bool("quiet", short: "q", "Pull without printing progress information"),
                ]
            },
            action: { compose in
                let flags = compose.flags
                let project = try compose.project(compose.arguments, dependencies: flags.bool("include-deps"))
                try await compose.deployment(project).pull(
                    policy: flags.string("policy"), ignoresBuildable: flags.bool("ignore-buildable"), ignoresFailures: flags.bool("ignore-pull-failures"))
                return 0
            })
    }

    static func push() -> AnyCommand {
        command(
            "push", "Push service images", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("ignore-push-failures", "Push what it can and ignores images with push failures"),
                    .bool("include-deps", "Also push images of services declared as dependencies"),
                    .bool("quiet", short: "q", "Push without printing progress information"),
                ]
            },
            action: { compose in
                let project = try compose.project(compose.arguments, dependencies: compose.flags.bool("include-deps"))
                let deployment = try compose.deployment(project)
                // Only what is built here, and has a name that says where it belongs.
                for (name, service) in project.services.sorted(by: { $0.key < $1.key }) where service.build != nil && !service.image.isEmpty {
                    do {
                        let reference = try Reference(service.image).withDefaultTag
                        deployment.report(Report("Image \(service.image)", .working, "Pushing"))
                        try await deployment.client.pushImage(
                            reference.familiarName, tag: reference.tag, auth: try compose.session.credentials(for: reference)
                        ) { _ in }
                        deployment.report(Report("Image \(service.image)", .done, "Pushed"))
                    } catch {
                        deployment.report(Report("Image \(service.image)", .error, "Error"))
                        if !compose.flags.bool("ignore-push-failures") { throw error }
                        compose.warn("\(name): \(error)")
                    }
                }
                return 0
            })
    }

    static func build() -> AnyCommand {
        command(
            "build", "Build or rebuild services", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .list("build-arg", type: "stringArray", "Set build-time variables for services"), .value("builder", "Set builder to use"),
                    .bool("no-cache", "Do not use cache when building the image"), .bool("pull", "Always attempt to pull a newer version of the image"),
                    .bool("push", "Push service images"), .bool("quiet", short: "q", "Suppress the build output"),
                    .value("progress", "Set type of ui output (deprecated: use --progress of compose)").hidden(),
                    .list("ssh", type: "string", "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)"),
                    .bool("with-dependencies", "Also build dependencies (transitively)"),
                ]
            },
            action: { compose in
                let project = try compose.project(compose.arguments, dependencies: compose.flags.bool("with-dependencies"))
                let deployment = try compose.deployment(project)
                try await deployment.buildAll()
                // A flag of that name is `push`'s own, too.
                return compose.flags.bool("push") ? try await push().action?(compose.session) ?? 0 : 0
            })
    }
}
