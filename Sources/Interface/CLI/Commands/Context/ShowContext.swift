internal import Arguments

extension Root {
    static func showContext() -> AnyCommand {
        AnyCommand(
            "show", "Print the name of the current context", usage: "", arity: .none,
            action: { session in
                session.print(try session.contextName())
                return 0
            })
    }
}
