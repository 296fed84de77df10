internal import Arguments
internal import Linux

extension Root {
    static func useContext() -> AnyCommand {
        AnyCommand(
            "use", "Set the current docker context", usage: "CONTEXT", arity: .any, subject: .contexts,
            action: { session in
                // Docker's own check of this one has other words.
                guard session.arguments.count == 1 else { throw Exit(1, "accepts 1 arg(s), received \(session.arguments.count)") }
                let name = session.arguments[0], isBuiltIn = name == EngineContext.builtIn
                if !isBuiltIn {
                    try EngineContext.check(name)
                    _ = try Contexts(session).store.context(name)
                }
                var file = try session.configFile()
                let wanted = isBuiltIn ? nil : name
                if file.preference("currentContext") != wanted { try file.setContext(wanted) }
                session.print(name)
                session.warn("Current context is now \(Syntax.quoted(name))")
                if !isBuiltIn, !(Environment.value("DOCKER_HOST") ?? "").isEmpty {
                    session.warn(
                        "Warning: DOCKER_HOST environment variable overrides the active context. To use \(Syntax.quoted(name)), either set the global --context flag, or unset DOCKER_HOST environment variable."
                    )
                }
                return 0
            })
    }
}
