internal import Archive
internal import Arguments
internal import Linux
internal import OCI

/// The contexts that a user keeps, in the files of Docker's own client: below the directory of `config.json`,
/// `contexts/meta/<SHA-256 of the name>/meta.json` and `contexts/tls/<the same>/<endpoint>/<file>`.
struct ContextStore: Sendable {
    /// The files that give access to an endpoint, each by its name: `ca.pem`, `cert.pem`, `key.pem`.
    typealias Material = [String: [UInt8]]

    /// Contexts, and files of one, that are read at most; bytes of such a file.
    private static let limits = (contexts: 10_000, files: 100, bytes: 1 << 20)

    let directory: String

    /// `configuration` is the directory of `config.json`.
    init(configuration: String) { directory = "\(configuration)/contexts" }

    private func identifier(_ name: String) -> String { ContentHasher.digest(Array(name.utf8)).hex }
    func metadataDirectory(_ name: String) -> String { "\(directory)/meta/\(identifier(name))" }
    func materialDirectory(_ name: String) -> String { "\(directory)/tls/\(identifier(name))" }

    func exists(_ name: String) -> Bool { FileSystem.exists("\(metadataDirectory(name))/meta.json") }

    /// Throws in Docker's words for one that is not there, or whose file is none.
    func context(_ name: String) throws -> EngineContext {
        let path = "\(metadataDirectory(name))/meta.json"
        do {
            guard let context = try read(path) else { throw Invalid("context not found: open \(path): no such file or directory") }
            return context
        } catch { throw Invalid("context \(Syntax.quoted(name)): \(error)") }
    }

    private func read(_ path: String) throws -> EngineContext? {
        guard let bytes = try FileSystem.readIfPresent(path, limit: EngineContext.limit) else { return nil }
        do { return try EngineContext(parsing: bytes) } catch { throw Invalid("parsing \(path): \(error)") }
    }

    /// All of them, in no order.
    func all() throws -> [EngineContext] {
        try entries("\(directory)/meta", limit: Self.limits.contexts).compactMap { name in
            do { return try read("\(directory)/meta/\(name)/meta.json") } catch { throw Invalid("failed to read metadata: \(error)") }
        }
    }

    /// The names in a directory; none when there is no such directory.
    private func entries(_ path: String, limit: Int) throws -> [String] {
        guard try FileSystem.status(path)?.kind == .directory else { return [] }
        return try FileDescriptor.open(path, [.directory]).entries(limit: limit).sorted()
    }

    /// The files that belong to a context, by endpoint.
    func material(_ name: String) throws -> [String: Material] {
        let root = materialDirectory(name)
        var result: [String: Material] = [:]
        for endpoint in try entries(root, limit: Self.limits.files) where try FileSystem.status("\(root)/\(endpoint)")?.kind == .directory {
            var files = Material()
            for file in try entries("\(root)/\(endpoint)", limit: Self.limits.files) {
                let path = "\(root)/\(endpoint)/\(file)"
                if try FileSystem.status(path)?.kind == .regular { files[file] = try FileSystem.read(path, limit: Self.limits.bytes) }
            }
            result[endpoint] = files
        }
        return result
    }

    /// Writes a context, anew or over the one of that name, with its files; nil leaves those as they are. The files come first: what a
    /// crash leaves behind is never a way to an engine that lacks its keys. Throws SyscallError.
    func write(_ context: EngineContext, _ material: [String: Material]?) throws {
        if let material {
            let root = materialDirectory(context.name)
            try FileSystem.removeTree(root)
            for (endpoint, files) in material where !files.isEmpty {
                try FileSystem.makeDirectories("\(root)/\(endpoint)", mode: 0o700)
                for (name, bytes) in files { try FileSystem.replace("\(root)/\(endpoint)/\(name)", with: bytes, mode: 0o600, sync: true) }
            }
        }
        let path = metadataDirectory(context.name)
        try FileSystem.makeDirectories(path)
        try FileSystem.replace("\(path)/meta.json", with: context.bytes, sync: true)
    }

    /// Not being there is right. Throws SyscallError.
    func remove(_ name: String) throws {
        try FileSystem.removeTree(metadataDirectory(name))
        try FileSystem.removeTree(materialDirectory(name))
    }
}
