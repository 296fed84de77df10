internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import OCI
internal import RPC
internal import Synchronization

/// The client of one build, as the builder asks it for things: what it is asked for is told of as steps.
final class SolveClient: BuildClient {
    private let options: FrontendOptions
    private let session: String
    private let sessions: Meeting<ClientSession>
    private let log: StatusLog
    private let agents = Mutex<[Task<Void, any Error>]>([])

    init(_ options: FrontendOptions, session: String, sessions: Meeting<ClientSession>, log: StatusLog) {
        self.options = options
        self.session = session
        self.sessions = sessions
        self.log = log
    }

    /// Sockets that were made for it are no longer served.
    func end() { for agent in agents.withLock({ $0 }) { agent.cancel() } }

    /// The connection that the client answers on, or one that it has for one directory.
    func connection(for directory: String? = nil) async throws -> ClientSession {
        // What stands before a colon keeps contexts of the same session apart.
        let name = directory.flatMap { options.session(of: $0) } ?? session, id = name.split(separator: ":").last.map(String.init) ?? name
        guard let found = try await sessions.value(id) else { throw Fault(.unavailable, "no active session for \(id): context deadline exceeded") }
        return found
    }

    func copy(_ files: ClientFiles, into path: String) async throws {
        let name =
            switch files.directory {
            case .dockerfile: options.dockerfileName
            case .context: options.contextName
            case .other(let name): name
            }
        try await log.step(files.title) { step in
            let connection = try await connection(for: name)
            try await step.part("transferring \(files.directory == .dockerfile ? "dockerfile" : "context"):") { part in
                try await connection.receive(name, files, into: path) { part.tell($0) }
            }
        }
    }

    func offers(_ address: String) -> Bool { address.hasPrefix(Self.ownAddress) || address == BuildKit.uploadRemote }
    private static let ownAddress = "http://buildkit-session/"

    func download(_ address: String, to path: String) async throws {
        try await log.step("[internal] load remote build context") { _ in
            if let upload = try await options.uploaded() { return try await upload.write(to: path) }
            try await connection().download(String(address.dropFirst(Self.ownAddress.utf8.count - 1)), to: path)
        }
    }

    func secret(_ id: String) async throws -> [UInt8]? { try await connection().secret(id) }

    func agent(_ id: String, in directory: String) async throws -> String? {
        let connection = try await connection()
        var request = SecretRequest()
        request.id = id
        do { _ = try await connection.connection.call("/moby.sshforward.v1.SSH/CheckAgent", request, as: Empty.self) } catch is RPCStatus { return nil }
        let (path, task) = try AgentSocket.begin(id, of: connection, in: directory)
        agents.withLock { $0.append(task) }
        return path
    }

    func store(_ id: String, manifest: Digest?) async throws -> any CacheStore { SessionStore(session: try await connection(), id: id, top: manifest) }

    func credentials(for host: String) async throws -> AuthConfig? { try await connection().credentials(for: host) }
}
