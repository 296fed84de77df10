internal import Arguments

extension Root {
    static func createContext() -> AnyCommand {
        var command = AnyCommand(
            "create", "Create a context", usage: "[OPTIONS] CONTEXT", arity: .exactly(1),
            flags: {
                [
                    .value("default-stack-orchestrator", "Default orchestrator for stack operations; there is none").hidden(),
                    .value("description", "Description of the context"), dockerEndpoint(), .value("from", "create context from a named context"),
                ]
            },
            action: { session in
                let flags = session.flags, name = session.arguments[0], contexts = try Contexts(session)
                let from = flags.string("from"), endpoint = flags.list("docker")
                try contexts.checkNew(name)
                var context: EngineContext, material: [String: ContextStore.Material]
                if from.isEmpty, !endpoint.isEmpty {
                    let made = try DockerEndpoint(endpoint, contexts)
                    (context, material) = (EngineContext(name: name, endpoint: made.endpoint), ["docker": made.material])
                } else {
                    if !endpoint.isEmpty { throw Invalid("cannot use --docker flag when --from is set") }
                    let source = from.isEmpty ? contexts.current : from
                    (context, material) = (try contexts.context(source), try contexts.material(source))
                    if source == EngineContext.builtIn { context.description = ListedContext.builtInDescription }
                    context.name = name
                }
                if flags.isSet("description"), !flags.string("description").isEmpty { context.description = flags.string("description") }
                try contexts.store.write(context, material)
                session.print(name)
                session.warn("Successfully created context \(Syntax.quoted(name))")
                return 0
            })
        command.details = aboutEndpoint("create")
        return command
    }
}
