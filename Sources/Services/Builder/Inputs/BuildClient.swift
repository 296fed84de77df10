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

    /// Takes what instructions of stages that are built name: of the context, and of the client's other directories.
    func receiveSources(_ context: BuildContext, from client: any BuildClient, _ request: inout BuildRequest, _ workplace: Workplace, hasContext: Bool) async throws {
        let asked = request, file = context.dockerfile
        let stages = try (asked.platforms.isEmpty ? [.host] : asked.platforms).map { try BuildTarget($0, asked, file).graph.needed }
        let wanted = file.wanted(Set(stages.joined()))
        if hasContext, let paths = wanted[nil] {
            let files = ClientFiles(directory: .context, title: "[internal] load build context", paths: Self.whole(paths), ignored: context.tree.ignored.texts)
            try await client.copy(files, into: context.path)
        }
        for (name, place) in request.inputs.contexts.sorted(by: { $0.key < $1.key }) where place.hasPrefix(Self.clientDirectory) {
            // One that is for a platform alone stands under the name of all.
            guard let paths = wanted[name.firstRange(of: "::").map { String(name[..<$0.lowerBound]) } ?? name] else { continue }
            let path = try workplace.makeDirectory("context")
            let directory = ClientFiles.Directory.other(String(place.dropFirst(Self.clientDirectory.utf8.count)))
            try await client.copy(ClientFiles(directory: directory, title: "[context \(name)] load .dockerignore", paths: [".dockerignore"]), into: path)
            let ignored = try BuildContext.read(".dockerignore", in: FileDescriptor.open(path, [.path, .directory])).map { try IgnorePatterns(file: $0) } ?? .none
            let copy = try workplace.makeDirectory("context")
            try await client.copy(
                ClientFiles(directory: directory, title: "[context \(name)] load from client", paths: Self.whole(paths), ignored: ignored.texts), into: copy)
            request.inputs.contexts[name] = copy
        }
    }

    /// None, which means all, where one of the paths may: what a variable stands for is known later.
    private static func whole(_ paths: [String]) -> [String] {
        let paths = paths.map(SourceTree.clean)
        return paths.contains { $0.isEmpty || $0.contains("$") || $0.contains("\\") } ? [] : paths
    }
}

extension Dockerfile {
    /// What instructions of these stages name of the context, under nil, and of all else that files are taken from, under the names that contexts
    /// have: paths as they are written, an empty one for all.
    fileprivate func wanted(_ needed: Set<Int>) -> [String?: [String]] {
        var result: [String?: [String]] = [:]
        func note(_ from: String?, _ paths: [String]) { if !paths.isEmpty { result[from.map(BuildRequest.contextName), default: []] += paths } }
        for index in needed {
            note(stages[index].base, [""])
            for instruction in stages[index].instructions {
                switch instruction.action {
                case .copy(let copy): note(copy.from, copy.sources.filter { !copy.isAdd || !RemoteSource.isRemote($0) })
                case .run(let run): for mount in run.mounts where mount.kind == .bind || mount.kind == .cache && !mount.source.isEmpty { note(mount.from, [mount.source]) }
                default: break
                }
            }
        }
        return result
    }
}

extension BuildInputs {
    /// Asks the client for what some mounts need.
    mutating func receive(for mounts: [RunMount], from client: any BuildClient, _ workplace: Workplace) async throws {
        for mount in mounts {
            switch mount.kind {
            case .secret: secrets[mount.secretID] = try await client.secret(mount.secretID).map { Base64.encode($0) }
            case .ssh:
                guard let path = try await client.agent(mount.agentID, in: workplace.makeDirectory("agent")) else { continue }
                let here = try FileDescriptor.open("/", [.path, .directory])
                try here.changeOwner(path, user: mount.user ?? 0, group: mount.group ?? 0)
                try here.changeMode(path, to: mount.mode ?? 0o600)
                agents[mount.agentID] = path
            default: break
            }
        }
    }
}
