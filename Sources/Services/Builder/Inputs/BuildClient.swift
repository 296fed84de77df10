package import DockerAPI
internal import Diagnostics
internal import Dockerfile
internal import Linux
package import OCI
internal import Values

/// Whoever wants an image built and has on another machine what goes into it: asked whenever something of that is needed.
package protocol BuildClient: Sendable {
    /// Copies files of one of its directories into `path`, an empty directory. Throws when there is no such directory.
    func copy(_ files: ClientFiles, into path: String) async throws
    /// Writes what it offers at an address of its own to a new file.
    func download(_ address: String, to path: String) async throws
    /// Nil when it has none of that name.
    func secret(_ id: String) async throws -> [UInt8]?
    /// The path of a socket in `directory` that leads to one of its ssh agents, as long as the build lives; nil when it has none of that name.
    func agent(_ id: String, in directory: String) async throws -> String?
    /// What it knows of itself for a registry; nil for nothing.
    func credentials(for host: String) async throws -> AuthConfig?
    /// A cache that it has in one of its directories; reading one begins with a manifest.
    func store(_ id: String, manifest: Digest?) async throws -> any CacheStore
    /// Whether an address of a context is its own.
    func offers(_ address: String) -> Bool
}

/// Some files of a client.
package struct ClientFiles: Sendable {
    package enum Directory: Sendable, Hashable {
        case dockerfile, context
        /// Another one, by the name that the client has for it.
        case other(String)
    }

    package var directory: Directory
    /// What copying them is called where progress is shown.
    package var title: String
    /// Paths and patterns that are wanted, with whatever links among them lead to; none for all.
    package var paths: [String] = []
    /// Patterns of what is not, as `.dockerignore` has them.
    package var ignored: [String] = []
}

extension Builder {
    /// How a context is named that is a directory of the client.
    static let clientDirectory = "local:"

    /// Takes the Dockerfile and what belongs to it from the client.
    func receiveDockerfile(from client: any BuildClient, _ request: inout BuildRequest, _ workplace: Workplace, hasContext: Bool) async throws {
        let name = request.dockerfile.isEmpty ? "Dockerfile" : request.dockerfile
        let files = try workplace.makeDirectory("dockerfile")
        let names = [name, "\(name).dockerignore"] + (name == "Dockerfile" ? ["dockerfile"] : [])
        try await client.copy(ClientFiles(directory: .dockerfile, title: "[internal] load build definition from \(name)", paths: names), into: files)
        let root = try FileDescriptor.open(files, [.path, .directory])
        guard let bytes = try BuildContext.read(name, in: root) ?? (name == "Dockerfile" ? BuildContext.read("dockerfile", in: root) : nil) else {
            throw Fault(.invalid, "failed to read dockerfile: open \(name): no such file or directory")
        }
        request.inputs.dockerfile = String(decoding: bytes, as: UTF8.self)
        var ignored = try BuildContext.read("\(name).dockerignore", in: root)
        if ignored == nil, hasContext {
            let path = try workplace.makeDirectory("ignore")
            try await client.copy(ClientFiles(directory: .context, title: "[internal] load .dockerignore", paths: [".dockerignore"]), into: path)
            ignored = try BuildContext.read(".dockerignore", in: FileDescriptor.open(path, [.path, .directory]))
        }
        request.inputs.ignore = ignored.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Takes what the Dockerfile's instructions name: of the context, and of the client's other directories.
    func receiveSources(_ context: BuildContext, from client: any BuildClient, _ request: inout BuildRequest, _ workplace: Workplace, hasContext: Bool) async throws {
        let wanted = context.dockerfile.wanted
        if hasContext, !wanted.sources.isEmpty {
            // What a variable stands for is known later; then all may be meant.
            let paths = wanted.sources.map(SourceTree.clean), isAll = paths.contains { $0.isEmpty || $0.contains("$") || $0.contains("\\") }
            let files = ClientFiles(directory: .context, title: "[internal] load build context", paths: isAll ? [] : paths, ignored: context.tree.ignored.texts)
            try await client.copy(files, into: context.path)
        }
        for (name, place) in request.inputs.contexts.sorted(by: { $0.key < $1.key }) where place.hasPrefix(Self.clientDirectory) && wanted.origins.contains(name) {
            let path = try workplace.makeDirectory("context")
            let directory = ClientFiles.Directory.other(String(place.dropFirst(Self.clientDirectory.utf8.count)))
            try await client.copy(ClientFiles(directory: directory, title: "[context \(name)] load .dockerignore", paths: [".dockerignore"]), into: path)
            let ignored = try BuildContext.read(".dockerignore", in: FileDescriptor.open(path, [.path, .directory])).map { try IgnorePatterns(file: $0) } ?? .none
            let whole = try workplace.makeDirectory("context")
            try await client.copy(ClientFiles(directory: directory, title: "[context \(name)] load from client", ignored: ignored.texts), into: whole)
            request.inputs.contexts[name] = whole
        }
    }
}

extension Dockerfile {
    /// What instructions name of the context, as it is written; and the names, in lower case, of all else that files are taken from.
    fileprivate var wanted: (sources: [String], origins: Set<String>) {
        var sources: [String] = [], origins: Set<String> = []
        func note(_ from: String?, _ paths: [String]) { if let from { origins.insert(from.lowercased()) } else { sources += paths } }
        for stage in stages {
            origins.insert(stage.base.lowercased())
            for instruction in stage.instructions {
                switch instruction.action {
                case .copy(let copy): note(copy.from, copy.sources.filter { !copy.isAdd || !RemoteSource.isRemote($0) })
                case .run(let run): for mount in run.mounts where mount.kind == .bind || mount.kind == .cache && !mount.source.isEmpty { note(mount.from, [mount.source]) }
                default: break
                }
            }
        }
        return (sources, origins)
    }
}

extension BuildInputs {
    /// Asks the client for what some mounts need.
    mutating func receive(for mounts: [RunMount], from client: any BuildClient, _ workplace: Workplace) async throws {
        for mount in mounts {
            switch mount.kind {
            case .secret: secrets[mount.secretID] = try await client.secret(mount.secretID).map { Base64.encode($0) }
            case .ssh: agents[mount.agentID] = try await client.agent(mount.agentID, in: workplace.makeDirectory("agent"))
            default: break
            }
        }
    }
}
