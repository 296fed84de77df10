internal import JSON
internal import Linux
internal import OCI
internal import RegistryClient
internal import Values

/// A list of manifests that is being put together: a directory of files, one a manifest, beside the user's `config.json`, where Docker's own
/// client keeps its own.
struct ManifestDraft {
    /// One manifest of the list.
    struct Entry: Codable {
        /// Where it is, as the user named it.
        var name: String
        var descriptor: Descriptor
    }

    let reference: Reference
    private let directory: String

    init(_ session: Session, _ text: String) throws {
        reference = try Remote.reference(text).withDefaultTag
        let file = try session.configFile().path
        let place = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        directory = "\(place)/davit-manifests/\(Self.fileName("\(reference)"))"
    }

    var exists: Bool { FileSystem.exists(directory) }

    /// Names have slashes and colons; neither can be taken for an underscore doubled.
    private static func fileName(_ name: String) -> String {
        name.map { $0 == "_" ? "__" : $0 == "/" ? "_s" : $0 == ":" ? "_c" : $0 == "@" ? "_a" : String($0) }.joined()
    }

    /// The manifest that a name stands for in its registry, with its platform.
    static func entry(_ name: String, _ remote: Remote) async throws -> Entry {
        let place = try remote.place(name)
        let found = try await place.repository.manifest(place.manifest)
        if found.isIndex { throw Invalid("\(name) is a manifest list") }
        return Entry(name: "\(place.reference.withDefaultTag)", descriptor: try await place.repository.described(found))
    }

    func keep(_ entry: Entry) throws {
        try FileSystem.makeDirectories(directory, mode: 0o700)
        try FileSystem.replace("\(directory)/\(Self.fileName(entry.name))", with: try JSONValue(encoding: entry).compact, mode: 0o600)
    }

    func entry(_ text: String) throws -> Entry {
        let name = "\(try Remote.reference(text).withDefaultTag)"
        guard let bytes = try FileSystem.readIfPresent("\(directory)/\(Self.fileName(name))", limit: 1 << 20) else {
            throw Invalid("manifest for image \(text) does not exist in \(reference.familiar)")
        }
        return try JSON.decode(Entry.self, from: bytes)
    }

    func entries() throws -> [Entry] {
        try FileDescriptor.open(directory, [.readOnly, .directory]).entries().sorted().map { name in
            try JSON.decode(Entry.self, from: try FileSystem.read("\(directory)/\(name)", limit: 1 << 20))
        }
    }

    /// Docker's list where all manifests are Docker's, as registries expect them together.
    func index() throws -> Index {
        let manifests = try entries().map(\.descriptor)
        let isDocker = manifests.allSatisfy { $0.mediaType == MediaType.dockerManifest }
        return Index(mediaType: isDocker ? MediaType.dockerManifestList : MediaType.index, manifests: manifests)
    }

    func remove() throws { try FileSystem.removeTree(directory) }
}
