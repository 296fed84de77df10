internal import Diagnostics
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
        /// The manifest itself.
        var text: String

        /// As `manifest inspect -v` shows it.
        var details: JSONValue {
            get throws {
                let kind = descriptor.mediaType == MediaType.dockerManifest ? "SchemaV2Manifest" : "OCIManifest"
                return .object([
                    "Ref": .string(name), "Descriptor": ManifestDraft.shown(descriptor, digestFirst: true), "Raw": .string(Base64.encode(Array(text.utf8))),
                    kind: try JSONValue(parsing: Array(text.utf8)),
                ])
            }
        }
    }

    let reference: Reference
    private let directory: String

    init(_ session: Session, _ text: String) throws {
        reference = try Remote.reference(text).withDefaultTag
        let file = session.preferences.path
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
        let place = try remote.place(name), found = try await Self.find(place)
        if found.isIndex { throw Invalid("\(name) is a manifest list") }
        return try await entry(found, place.name, place.repository)
    }

    static func entry(_ found: FetchedManifest, _ name: String, _ repository: Repository) async throws -> Entry {
        Entry(name: name, descriptor: try await repository.described(found), text: String(decoding: found.bytes, as: UTF8.self))
    }

    /// What is there under a name. Throws Docker's words.
    static func find(_ place: Remote.Place) async throws -> FetchedManifest {
        do { return try await place.repository.manifest(place.manifest) } catch let fault as Fault where fault.kind == .notFound {
            throw Invalid("no such manifest: \(place.name)")
        }
    }

    func keep(_ entry: Entry) throws {
        try FileSystem.makeDirectories(directory, mode: 0o700)
        try FileSystem.replace("\(directory)/\(Self.fileName(entry.name))", with: try JSONValue(encoding: entry).compact, mode: 0o600)
    }

    /// Nil when the list does not have it.
    func entry(_ text: String) throws -> Entry? {
        let name = "\(try Remote.reference(text).withDefaultTag)"
        guard let bytes = try FileSystem.readIfPresent("\(directory)/\(Self.fileName(name))", limit: 1 << 20) else {
            return nil
        }
        return try JSON.decode(Entry.self, from: bytes)
    }

    func entries() throws -> [Entry] {
        try FileDescriptor.open(directory, [.readOnly, .directory]).entries().sorted().map { name in
            try JSON.decode(Entry.self, from: try FileSystem.read("\(directory)/\(name)", limit: 1 << 20))
        }
    }

    /// The list, byte for byte as Docker's client would make it, and what it is: Docker's kind where all manifests are Docker's.
    func document() throws -> (bytes: [UInt8], mediaType: String) {
        let manifests = try entries().map(\.descriptor)
        let type = manifests.allSatisfy { $0.mediaType == MediaType.dockerManifest } ? MediaType.dockerManifestList : MediaType.index
        let list = JSONValue.object(["schemaVersion": JSONValue(2), "mediaType": .string(type), "manifests": .array(manifests.map { Self.shown($0) })])
        return (list.indented(by: "   "), type)
    }

    /// In the orders of fields that Docker's client writes, of lists and elsewhere.
    private static func shown(_ descriptor: Descriptor, digestFirst: Bool = false) -> JSONValue {
        var shown: JSONObject = ["mediaType": .string(descriptor.mediaType)]
        if digestFirst { shown.append("digest", .string("\(descriptor.digest)")) }
        shown.append("size", JSONValue(Int(descriptor.size)))
        if !digestFirst { shown.append("digest", .string("\(descriptor.digest)")) }
        if let platform = descriptor.platform {
            var part: JSONObject = ["architecture": .string(platform.architecture), "os": .string(platform.os)]
            if let version = platform.osVersion, !version.isEmpty { part.append("os.version", .string(version)) }
            if let features = platform.osFeatures, !features.isEmpty { part.append("os.features", .array(features.map { .string($0) })) }
            if let variant = platform.variant, !variant.isEmpty { part.append("variant", .string(variant)) }
            shown.append("platform", .object(part))
        }
        return .object(shown)
    }

    func remove() throws { try FileSystem.removeTree(directory) }
}
