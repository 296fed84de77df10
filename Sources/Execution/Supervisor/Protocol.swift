package import JSON
package import Linux
package import NetworkPlumbing
package import OCI
package import Values

// The supervisor's socket speaks this, on each connection once: the client sends a request (four bytes of length, least
// significant first, then JSON), and gets:
//
// | request | answer |
// |---|---|
// | attach | at once the streams, as Docker's attach has them, both ways; end of file when the container has ended |
// | wait | when the container has ended, be it to start again, a reply with its status; end of file when it is cleaned up |
// | signal, resize, restartPolicy | a reply |
// | connect, disconnect, rename, publish, withdraw | a reply; the change also holds for later starts of the same supervisor |
// | exec | a reply, and then the streams unless detached |
//
// A connection made before the supervisor runs waits in the listener's queue, which the engine makes: so nothing of the
// output is lost to a client that attaches first and starts then.

/// What a client asks of a supervisor.
package struct SupervisorRequest: JSONRecord, Sendable {
    package enum Kind: String, JSONCodable, Sendable { case attach, wait, signal, resize, exec, restartPolicy, connect, disconnect, rename, publish, withdraw }

    package var kind: Kind = .wait
    package var streams: StreamSelection?
    package var detachKeys: [UInt8]?
    /// signal: its number. With `stops`, a restart policy no longer applies.
    package var signal: Int32?
    package var stops: Bool?
    /// resize: what to, and of which exec session; nil is the container itself.
    package var size: ConsoleSize?
    package var exec: String?
    package var session: ExecPlan?
    package var restart: RestartPlan?
    /// connect: the new interface.
    package var attachment: Attachment?
    /// connect: replaces what the resolver was told before; nil leaves that.
    package var resolver: ResolverPlan?
    /// disconnect, rename: the network's id; nil renames the container itself, for what is told of it.
    package var network: String?
    /// rename: what the container is called there from now on.
    package var names: [String]?
    /// disconnect: default routes to have instead of those that go with the interface.
    package var gateways: [IPAddress]?
    package var publish: [PortPlan]?
    package var withdraw: [PublishedPort]?

    package init(_ kind: Kind) { self.kind = kind }

    /// A request past this size is refused: every port of two families fits.
    static let limit = 16 << 20

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("kind", &kind, .required)
        try m("streams", &streams, .unlessNil)
        try m("detachKeys", &detachKeys, .unlessNil)
        try m("signal", &signal, .unlessNil)
        try m("stops", &stops, .unlessNil)
        try m("size", &size, .unlessNil)
        try m("exec", &exec, .unlessNil)
        try m("session", &session, .unlessNil)
        try m("restart", &restart, .unlessNil)
        try m("attachment", &attachment, .unlessNil)
        try m("resolver", &resolver, .unlessNil)
        try m("network", &network, .unlessNil)
        try m("names", &names, .unlessNil)
        try m("gateways", &gateways, .unlessNil)
        try m("publish", &publish, .unlessNil)
        try m("withdraw", &withdraw, .unlessNil)
    }
}

/// Which of the three streams a client wants.
package struct StreamSelection: JSONRecord, Sendable, Hashable {
    package var stdin: Bool = false
    package var stdout: Bool = false
    package var stderr: Bool = false
    /// Output goes in Docker's frames, which tell the two apart.
    package var frames: Bool = true
    /// The container is killed should this client go before it has ended.
    package var isLifeline: Bool = false

    package init(stdin: Bool, stdout: Bool, stderr: Bool, frames: Bool = true) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.frames = frames
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("stdin", &stdin, .required)
        try m("stdout", &stdout, .required)
        try m("stderr", &stderr, .required)
        try m("frames", &frames, .required)
        try m("isLifeline", &isLifeline, .unlessEmpty)
    }
}

/// A process to run in the container.
package struct ExecPlan: JSONRecord, Sendable {
    package var id: String = ""
    package var process: RuntimeProcess = RuntimeProcess()
    package var user: String?
    package var additionalGroups: [String] = []
    package var seccompFilter: String?
    package var streams: StreamSelection = StreamSelection()
    package var detached: Bool = false
    package var detachKeys: [UInt8]?

    package init(
        id: String, process: RuntimeProcess, user: String?, additionalGroups: [String], seccompFilter: String?, streams: StreamSelection,
        detached: Bool, detachKeys: [UInt8]?
    ) {
        self.id = id
        self.process = process
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
        self.streams = streams
        self.detached = detached
        self.detachKeys = detachKeys
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("id", &id, .required)
        try m("process", &process, .required)
        try m("user", &user, .unlessNil)
        try m("additionalGroups", &additionalGroups, .required)
        try m("seccompFilter", &seccompFilter, .unlessNil)
        try m("streams", &streams, .required)
        try m("detached", &detached, .required)
        try m("detachKeys", &detachKeys, .unlessNil)
    }
}

/// What a supervisor answers.
package struct SupervisorReply: JSONRecord, Sendable {
    /// Nil when it went well.
    package var error: String?
    /// wait: the container's exit code.
    package var exitCode: Int?
    /// wait: that end was one of several; the container is started again, and is not cleaned up.
    package var restarts: Bool?
    /// exec: the process, as the host numbers it.
    package var pid: Int32?
    /// publish: the port that stands in the way; nothing of the request was done then.
    package var conflict: PortConflict?
    /// connect: the container is on that network; nothing was done.
    package var isConnected: Bool?

    package init(
        error: String? = nil, exitCode: Int? = nil, pid: Int32? = nil, conflict: PortConflict? = nil, isConnected: Bool? = nil
    ) {
        self.error = error
        self.exitCode = exitCode
        self.pid = pid
        self.conflict = conflict
        self.isConnected = isConnected
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("error", &error, .unlessNil)
        try m("exitCode", &exitCode, .unlessNil)
        try m("restarts", &restarts, .unlessNil)
        try m("pid", &pid, .unlessNil)
        try m("conflict", &conflict, .unlessNil)
        try m("isConnected", &isConnected, .unlessNil)
    }
}

/// A message on the supervisor's socket: its length in four bytes, least first, and as many bytes of JSON.
enum Framing {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let body: [UInt8] = try JSONValue(encoding: value).compact
        return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: body.count >> $0) } + body
    }

    /// The length that the first four bytes tell; nil when there are fewer.
    static func length(_ bytes: some Collection<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return bytes.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    }
}

/// The engine's side of the socket: blocking calls.
package enum SupervisorClient {
    /// Of the socket, in the container's run directory.
    package static let socketName = "supervisor.sock"

    /// Sends a request and gives the connection, on which the answer comes. Throws `ENOENT` or `ECONNREFUSED` when there is no supervisor.
    package static func open(_ request: SupervisorRequest, directory: String, name: String = socketName) throws -> FileDescriptor {
        let run = try FileDescriptor.open(directory, [.path, .directory])
        let connection = try UnixSocket.connect(name, in: run)
        try connection.writeAll(try Framing.encode(request))
        return connection
    }

    /// Reads the reply; nil when the supervisor closed without one.
    package static func reply(_ connection: borrowing FileDescriptor) throws -> SupervisorReply? {
        var bytes: [UInt8] = []
        var wanted = 4
        // Never past the reply: streams may follow.
        while bytes.count < wanted {
            let chunk = try piece(of: connection, upTo: wanted - bytes.count)
            if chunk.isEmpty { return nil }
            bytes += chunk
            if bytes.count == 4, let length = Framing.length(bytes), length <= SupervisorRequest.limit { wanted = 4 + length }
        }
        return try JSONValue(parsing: Array(bytes[4...])).decode(SupervisorReply.self)
    }

    /// Empty at the end, which a supervisor that was killed makes as a reset.
    private static func piece(of connection: borrowing FileDescriptor, upTo limit: Int) throws(SyscallError) -> [UInt8] {
        do throws(SyscallError) {
            return try connection.read(upTo: limit)
        } catch  where error.errno == .connectionReset { return [] }
    }
}
