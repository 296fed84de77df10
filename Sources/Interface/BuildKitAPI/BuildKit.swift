package import AsyncIO
internal import Builder
package import Engine
internal import HTTP2
internal import RPC
internal import Synchronization

/// BuildKit's services on an engine, for stock clients: `docker buildx build`, and all that builds by it.
///
/// Builds are those of the module `Builder`: here is only how clients ask for them.
package final class BuildKit: Sendable {
    let engine: Engine
    /// Clients that answer us, by the names that they have given themselves.
    let sessions = Meeting<ClientSession>()
    let solves = Meeting<Solving>()
    let uploads = Meeting<Upload>()
    /// What calls of the gateway have built and whose builds go on.
    let results = Meeting<Build.Result>()
    let history = History()

    package init(_ engine: Engine) { self.engine = engine }

    /// Serves a connection that has become one of gRPC, until it ends.
    package func serve(_ connection: AsyncConnection) async throws {
        try await RPCConnection(connection, .server).run { [self] call in try await answer(call) }
    }

    /// Keeps a connection on which a client answers, until it ends.
    package func keep(_ connection: AsyncConnection, as id: String) async throws {
        let connection = try RPCConnection(connection, .client)
        guard !id.isEmpty, sessions.add(ClientSession(connection: connection), as: id) else {
            connection.end()
            throw RPCStatus(.alreadyExists, "a session \(id) exists already")
        }
        defer { sessions.remove(id) }
        try await connection.run()
    }

    private func answer(_ call: RPCCall) async throws {
        switch call.path {
        case "/moby.buildkit.v1.Control/Solve": try await solve(call)
        case "/moby.buildkit.v1.Control/Status": try await status(call)
        case "/moby.buildkit.v1.Control/Session": try await session(call)
        case "/moby.buildkit.v1.Control/Info": try await call.send(info)
        case "/moby.buildkit.v1.Control/ListWorkers": try await call.send(try workers)
        case "/moby.buildkit.v1.Control/DiskUsage": try await diskUsage(call)
        case "/moby.buildkit.v1.Control/Prune": try await prune(call)
        case "/moby.buildkit.v1.Control/ListenBuildHistory": try await listenHistory(call)
        case "/moby.buildkit.v1.Control/UpdateBuildHistory": try await updateHistory(call)
        case "/moby.buildkit.v1.frontend.LLBBridge/Ping": try await ping(call)
        case "/moby.buildkit.v1.frontend.LLBBridge/Solve": try await call.send(try await solving(of: call).solve(call.request()))
        case "/moby.buildkit.v1.frontend.LLBBridge/ReadFile": try await call.send(try await solving(of: call).read(call.request()))
        case "/moby.buildkit.v1.frontend.LLBBridge/StatFile": try await call.send(try await solving(of: call).status(call.request()))
        case "/moby.buildkit.v1.frontend.LLBBridge/Return":
            try await solving(of: call).take(call.request())
            try await call.send(Empty())
        // What a call of the gateway gives is built already.
        case "/moby.buildkit.v1.frontend.LLBBridge/Evaluate", "/moby.buildkit.v1.frontend.LLBBridge/Inputs", "/moby.buildkit.v1.frontend.LLBBridge/Warn":
            try await call.send(Empty())
        case "/grpc.health.v1.Health/Check": try await call.send(Health())
        default: throw RPCStatus(.unimplemented, "unknown method \(call.path)")
        }
    }

    // MARK: Builds

    private func solve(_ call: RPCCall) async throws {
        let request = try await call.request(SolveRequest.self)
        guard !request.ref.isEmpty else { throw RPCStatus(.invalidArgument, "a build has no ref") }
        let solving = Solving(request, self)
        guard solves.add(solving, as: request.ref) else { throw RPCStatus(.alreadyExists, "job ID \(request.ref) exists") }
        defer { for old in history.add(solving, isListed: !request.isInternal) { solves.remove(old) } }
        try await call.send(try await solving.run(request))
    }

    private func status(_ call: RPCCall) async throws {
        let request = try await call.request(StatusRequest.self)
        guard let solving = try await solves.value(request.ref) else { throw RPCStatus(.notFound, "no such job \(request.ref)") }
        for await response in solving.log.follow() { try await call.send(response) }
    }

    /// The build that a call of the gateway is about.
    private func solving(of call: RPCCall) async throws -> Solving {
        guard let id = call.values("buildkit-controlapi-buildid").first else { throw RPCStatus(.invalidArgument, "no buildid found in context") }
        guard let solving = try await solves.value(id) else { throw RPCStatus(.notFound, "no such job \(id)") }
        return solving
    }

    private func ping(_ call: RPCCall) async throws {
        _ = try await solving(of: call)
        var pong = PongResponse()
        pong.frontendCapabilities = [
            "solve.base", "readfile", "statfile", "return", "returnmap", "proto.refarray", "gateway.evaluate", "gateway.warnings", "frontend.inputs", "reference.output",
        ].map {
            Capability($0)
        }
        pong.buildCapabilities = Self.capabilities.map { Capability($0) }
        pong.workers = try workers.workers
        try await call.send(pong)
    }

    /// What clients ask before they offer something to their users.
    private static let capabilities = [
        "source.image", "source.image.resolvemode", "source.local", "source.local.sessionid", "source.local.followpaths", "source.local.excludepatterns",
        "source.git", "source.git.fullurl", "source.git.keepgitdir", "source.http", "constraints", "meta.description", "file.base", "exec.mount.secret", "exec.mount.ssh",
        "exec.meta.cgroup.parent", "exec.meta.network", "exec.meta.ulimit",
        "exporter.multiple", "exporter.image.attestations", "platform",
    ]

    // MARK: Sessions inside a connection

    /// A connection in a connection: clients that reach us by gRPC alone answer on this.
    private func session(_ call: RPCCall) async throws {
        let id = call.values("x-docker-expose-session-uuid").first ?? ""
        let (near, far) = try AsyncConnection.pair()
        defer { near.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.keep(far, as: id) }
            group.addTask {
                while let message = try await call.receive(BytesMessage.self) { try await near.writeAll(message.data) }
            }
            group.addTask {
                while case let bytes = try await near.read(upTo: 32 << 10), !bytes.isEmpty { try await call.send(BytesMessage(bytes)) }
            }
            defer {
                near.close()
                group.cancelAll()
            }
            try await group.next()
        }
    }
}
