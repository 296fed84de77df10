internal import Arguments
internal import AsyncIO
internal import HTTPTransport

extension Root {
    /// The far end of `-H ssh://`: the API on standard input and output.
    static func dialStdio() -> AnyCommand {
        AnyCommand(
            "dial-stdio", "Proxy the stdio stream to the daemon connection. Should not be invoked manually.", usage: "", arity: .none,
            action: { session in
                let input = try AsyncConnection.standard(0), output = try AsyncConnection.standard(1)
                let engine = try await session.dial()
                defer { engine.close() }
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        try await AsyncIO.pass(from: input, to: engine)
                        return false
                    }
                    group.addTask {
                        // What the engine has said is all there is; nobody reads the input any more.
                        try await AsyncIO.pass(from: engine, to: output)
                        return true
                    }
                    defer { group.cancelAll() }
                    while let isOver = try await group.next(), !isOver {}
                }
                return 0
            }
        ).hidden()
    }
}
