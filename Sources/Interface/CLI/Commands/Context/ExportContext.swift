internal import Arguments
internal import Linux
internal import Terminal

extension Root {
    static func exportContext() -> AnyCommand {
        AnyCommand(
            "export", "Export a context to a tar archive FILE or a tar stream on STDOUT.", usage: "[OPTIONS] CONTEXT [FILE|-]", arity: .between(1, 2),
            subject: .contexts,
            action: { session in
                let name = session.arguments[0], path = session.arguments.count > 1 ? session.arguments[1] : "\(name).dockercontext"
                if name != EngineContext.builtIn { try EngineContext.check(name) }
                let contexts = try Contexts(session)
                let bytes = try ContextArchive(contexts.context(name), contexts.material(name)).bytes()
                if path == "-" {
                    if TerminalDevice.outputIsTerminal { throw Invalid("cowardly refusing to export to a terminal, specify a file path") }
                    Console.output(bytes)
                } else {
                    // Keys may be in it.
                    try FileDescriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600).writeAll(bytes)
                    session.warn("Written file \(Syntax.quoted(path))")
                }
                return 0
            })
    }
}
