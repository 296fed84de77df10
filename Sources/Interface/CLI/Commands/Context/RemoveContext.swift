internal import Arguments
internal import Linux

extension Root {
    static func removeContext() -> AnyCommand {
        AnyCommand(
            "rm", aliases: ["remove"], "Remove one or more contexts", usage: "CONTEXT [CONTEXT...]", arity: .atLeast(1), subject: .contexts,
            flags: { [.bool("force", short: "f", "Force the removal of a context in use")] },
            action: { session in
                let contexts = try Contexts(session), force = session.flags.bool("force")
                return try await session.forEach(session.arguments) { name in
                    if name == EngineContext.builtIn { throw Invalid("context \"default\" cannot be removed") }
                    if name == contexts.current {
                        if !force { throw Invalid("context \(Syntax.quoted(name)) is in use, set -f flag to force remove") }
                        var file = try session.configFile()
                        if file.preference("currentContext") != nil { try file.setContext(nil) }
                    }
                    if !force, !FileSystem.exists(contexts.store.metadataDirectory(name)) { throw Invalid("context \(Syntax.quoted(name)) does not exist") }
                    try contexts.store.remove(name)
                }
            })
    }
}
