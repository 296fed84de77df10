internal import Arguments

extension Root {
    static func updateContext() -> AnyCommand {
        var command = AnyCommand(
            "update", "Update a context", usage: "[OPTIONS] CONTEXT", arity: .exactly(1), subject: .contexts,
            flags: {
                [
                    .value("default-stack-orchestrator", "Default orchestrator for stack operations; there is none").hidden(),
                    .value("description", "Description of the context"), dockerEndpoint(),
                ]
            },
            action: { session in
                let flags = session.flags, name = session.arguments[0], contexts = try Contexts(session)
                try EngineContext.check(name)
                var context = try contexts.store.context(name), material: [String: ContextStore.Material]?
                if !flags.string("description").isEmpty { context.description = flags.string("description") }
                if !flags.list("docker").isEmpty {
                    let made = try DockerEndpoint(flags.list("docker"), contexts)
                    context.endpoint = made.endpoint
                    material = try contexts.material(name)
                    material?["docker"] = made.material
                }
                // Its file may have another name within.
                context.name = name
                try contexts.store.write(context, material)
                session.print(name)
                session.warn("Successfully updated context \(Syntax.quoted(name))")
                return 0
            })
        command.details = aboutEndpoint("update")
        return command
    }
}
