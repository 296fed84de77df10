internal import Arguments

extension Root {
    /// Listed here and carried out by the module RuntimeCLI, which has flags of its own.
    static func runtime() -> AnyCommand {
        AnyCommand(
            "runtime", "Run single containers as an OCI runtime, as runc does", usage: "COMMAND", arity: .any, interspersed: false,
            action: { session in throw Exit(125, "\(session.program) runtime takes no flags before it") })
    }
}
