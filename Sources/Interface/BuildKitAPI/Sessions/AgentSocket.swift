internal import AsyncIO
internal import HTTP2
internal import Linux
internal import RPC

/// A socket for the programs of a build that leads to an ssh agent of the client.
struct AgentSocket {
    /// Makes it in `directory` and serves it until the task is cancelled. Gives its path.
    static func begin(_ id: String, of session: ClientSession, in directory: String) throws -> (path: String, task: Task<Void, any Error>) {
        let listener = OpenFile(try UnixSocket.listen("agent", in: FileDescriptor.open(directory, [.path, .directory]), mode: 0o666))
        try listener.descriptor.setNonBlocking()
        // It lives as long as the build, whoever asked for it.
        let task = AsyncIO.begin {
            try await withThrowingDiscardingTaskGroup { group in
                while true {
                    try await AsyncIO.readable(listener.descriptor)
                    guard let file = try UnixSocket.accept(listener.descriptor) else { continue }
                    let program = try AsyncConnection(file)
                    group.addTask {
                        // One conversation that breaks is nothing to the others.
                        try? await converse(program, try session.call("/moby.sshforward.v1.SSH/ForwardAgent", ClientSession.metadata("buildkit.ssh.id", [id])))
                    }
                }
            }
        }
        return ("\(directory)/agent", task)
    }

    private static func converse(_ program: AsyncConnection, _ call: RPCCall) async throws {
        defer {
            program.close()
            call.cancel()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    let bytes = try await program.read(upTo: 32 << 10)
                    if bytes.isEmpty { return try call.finish() }
                    try await call.send(BytesMessage(bytes))
                }
            }
            group.addTask {
                while let message = try await call.receive(BytesMessage.self) { try await program.writeAll(message.data) }
                try program.shutdownWrite()
            }
            try await group.waitForAll()
        }
    }
}
