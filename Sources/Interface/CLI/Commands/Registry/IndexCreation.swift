internal import Archive
internal import Arguments
internal import Diagnostics
internal import JSON
internal import Linux
internal import OCI
internal import RegistryClient
internal import Values

/// `imagetools create`: an index of what all sources list, or a lone index copied as it is. The rules are those of Docker's buildx.
struct IndexCreation {
    private let session: Session
    private let remote: Remote
    private let tags: [String]

    init(_ session: Session) throws {
        self.session = session
        remote = try Remote(session)
        tags = session.flags.list("tag")
    }

    /// Something that goes into the index, and what the user says of it.
    private struct Source {
        var place: Remote.Place
        var stated: Stated?
        var found: FetchedManifest
    }

    /// A manifest of the new index, and where it is now.
    private struct Entry {
        var descriptor: Descriptor
        var repository: Repository
    }

    func run() async throws -> Int32 {
        let words = try session.flags.list("file").map(Self.read) + session.arguments
        guard !words.isEmpty else { throw Invalid("no sources specified") }
        guard !tags.isEmpty || session.flags.bool("dry-run") else { throw Invalid("can't push with no tags specified, please set --tag or --dry-run") }
        let annotations = try session.flags.list("annotation").flatMap(IndexAnnotation.read)
        var sources: [Source] = []
        for (place, stated) in try places(session.flags.bool("append") ? Array(tags.prefix(1)) + words : words) {
            let found = try await place.repository.manifest(place.manifest)
            if let size = stated?.size, size > 0, size != Int64(found.bytes.count) {
                throw Invalid("invalid size mismatch for \(found.digest), \(size) != \(found.bytes.count)")
            }
            sources.append(Source(place: place, stated: stated, found: found))
        }
        let platforms = try platforms()
        if sources.count == 1, annotations.isEmpty, let only = sources.first {
            let isFit = only.found.isIndex && platforms.isEmpty
            if isFit || !(only.found.isIndex || session.flags.bool("prefer-index")) {
                return try await finish(only.found.bytes, only.found.descriptor, [Entry(descriptor: only.found.descriptor, repository: only.place.repository)])
            }
        }
        var entries: [Entry] = []
        for source in sources { try await Self.add(source, to: &entries) }
        entries = try Self.fitting(entries, platforms)
        for annotation in annotations where annotation.isDescriptor {
            for place in entries.indices where annotation.platform.map({ $0 == entries[place].descriptor.platform?.normalised }) ?? true {
                entries[place].descriptor.annotations = (entries[place].descriptor.annotations ?? [:]).merging([annotation.name: annotation.value]) { $1 }
            }
        }
        let own = Dictionary(annotations.filter { !$0.isDescriptor }.map { ($0.name, $0.value) }) { $1 }
        // Only OCI's kind of index has annotations.
        let isDocker = entries.allSatisfy { $0.descriptor.mediaType.hasPrefix("application/vnd.docker.") } && annotations.isEmpty
        let type = isDocker ? MediaType.dockerManifestList : MediaType.index
        let index = Index(mediaType: type, manifests: entries.map(\.descriptor), annotations: own.isEmpty ? nil : own)
        let bytes = Array(try Remote.pretty(try Document.encode(index)).utf8.dropLast())
        return try await finish(bytes, Descriptor(mediaType: type, digest: ContentHasher.digest(bytes), size: Int64(bytes.count)), entries)
    }

    /// Sends a manifest and what it needs under all tags.
    private func finish(_ bytes: [UInt8], _ descriptor: Descriptor, _ entries: [Entry]) async throws -> Int32 {
        if session.flags.bool("dry-run") {
            Console.output(bytes + [10])
            return 0
        }
        for tag in tags {
            let target = try remote.place(tag)
            for entry in entries {
                let digest = ManifestReference.digest(entry.descriptor.digest)
                _ = try await ImageCopy(from: entry.repository, to: target.repository).run(digest, as: digest)
            }
            let digest = try await target.repository.put(bytes, mediaType: descriptor.mediaType, as: target.manifest)
            session.print("\(digest)  \(target.name)")
        }
        if let path = session.flags.optional("metadata-file") {
            let names = Set(try tags.map { try Remote.reference($0).name }).sorted().joined(separator: ",")
            let result = JSONValue.object(["containerimage.descriptor": try JSONValue(encoding: descriptor), "image.name": .string(names)])
            do throws(SyscallError) { try FileSystem.replace(path, with: result.indented(by: "  ")) } catch { throw Invalid("cannot write \(path): \(error)") }
        }
        return 0
    }

    // MARK: Sources

    /// What stands in a file: a name, a digest or a descriptor.
    private static func read(_ path: String) throws -> String {
        do throws(SyscallError) { return String(decoding: try FileSystem.read(path, limit: Document.limit), as: UTF8.self).trimmed } catch {
            throw Invalid("cannot read \(path): \(error)")
        }
    }

    /// A descriptor as users write it: what it does not say is found out.
    private struct Stated: Decodable {
        struct Part: Decodable {
            var os: String?
            var architecture: String?
            var variant: String?
        }
        var schemaVersion: Int?
        var mediaType: String?
        var digest: Digest
        var size: Int64?
        var annotations: [String: String]?
        var platform: Part?
    }

    /// Where the sources are. A digest or descriptor alone is in the only repository that anything else names.
    private func places(_ words: [String]) throws -> [(Remote.Place, Stated?)] {
        var places: [(reference: Reference?, digest: Digest?, stated: Stated?)] = []
        for word in words {
            if let digest = Digest(word) {
                places.append((nil, digest, nil))
            } else if word.hasPrefix("{") {
                let stated = try Document.decode(Stated.self, from: Array(word.utf8), what: "descriptor")
                if let version = stated.schemaVersion, version != 0 {
                    throw Invalid("expected an OCI content descriptor, got a manifest or index (schemaVersion \(version))")
                }
                places.append((nil, stated.digest, stated))
            } else {
                places.append((try Remote.reference(word), nil, nil))
            }
        }
        let names = Set(places.compactMap { $0.reference?.name } + (try tags.map { try Remote.reference($0).name }))
        return try zip(places, words).map { place, word in
            if let reference = place.reference { return (try remote.place("\(reference)"), nil) }
            guard let digest = place.digest, names.count == 1, let name = names.first else {
                throw Invalid("multiple repositories specified, cannot infer repository for \"\(word)\"")
            }
            return (try remote.place("\(name)@\(digest)"), place.stated)
        }
    }

    /// Adds what an index lists, or a lone manifest with the platform that its configuration names. What is there already is told more of.
    private static func add(_ source: Source, to entries: inout [Entry]) async throws {
        let repository = source.place.repository
        var listed: [Descriptor]
        if source.found.isIndex {
            listed = try Document.decode(Index.self, from: source.found.bytes, what: "index").manifests
        } else {
            var descriptor = try await repository.described(source.found)
            if let stated = source.stated {
                descriptor.annotations = stated.annotations.flatMap { $0.isEmpty ? nil : $0 }
                if let part = stated.platform {
                    let own = descriptor.platform ?? Platform(os: "", architecture: "")
                    descriptor.platform = Platform(os: part.os ?? own.os, architecture: part.architecture ?? own.architecture, variant: part.variant ?? own.variant)
                }
            }
            listed = [descriptor]
        }
        for descriptor in listed {
            guard let place = entries.firstIndex(where: { $0.descriptor.digest == descriptor.digest }) else {
                entries.append(Entry(descriptor: descriptor, repository: repository))
                continue
            }
            let old = entries[place].descriptor
            entries[place].descriptor.platform = descriptor.platform ?? old.platform
            if let more = descriptor.annotations { entries[place].descriptor.annotations = (old.annotations ?? [:]).merging(more) { $1 } }
        }
    }

    // MARK: Platforms

    private func platforms() throws -> [Platform] {
        try session.flags.list("platform").flatMap { $0.split(separator: ",") }.map { text throws in
            do throws(PlatformError) { return try Platform(String(text)).normalised } catch { throw Invalid("invalid platform \"\(text)\": \(error)") }
        }
    }

    /// The entries for these platforms with what is said about them; all when there are none.
    private static func fitting(_ entries: [Entry], _ platforms: [Platform]) throws -> [Entry] {
        if platforms.isEmpty { return entries }
        let kept = entries.filter { entry in entry.descriptor.platform.map { platforms.contains($0.normalised) } ?? true }
        let subjects = Set(kept.map { "\($0.descriptor.digest)" })
        let result = entries.filter { entry in
            subjects.contains("\(entry.descriptor.digest)") || entry.descriptor.annotations?["vnd.docker.reference.digest"].map(subjects.contains) ?? false
        }
        if result.isEmpty { throw Invalid("none of the manifests match the provided platforms") }
        return result
    }
}

/// `--annotation` of an index: of itself, or of what it lists.
private struct IndexAnnotation {
    var name: String
    var value: String
    var isDescriptor: Bool
    /// Of what is listed for this platform only.
    var platform: Platform?

    /// `KIND[PLATFORM],…:NAME=VALUE`: one for each kind. Without a kind it is the index's.
    static func read(_ text: String) throws -> [IndexAnnotation] {
        guard let (key, value) = text.cut("=") else { throw Invalid("invalid annotation \"\(text)\", expected key=value") }
        guard let (kinds, name) = key.cut(":") else { return [IndexAnnotation(name: key, value: value, isDescriptor: false)] }
        return try kinds.split(separator: ",", omittingEmptySubsequences: false).map { word in
            var kind = String(word), platform: Platform?
            if let (bare, rest) = kind.cut("["), rest.hasSuffix("]") {
                do throws(PlatformError) { platform = try Platform(String(rest.dropLast())).normalised } catch {
                    throw Invalid("invalid platform \"\(rest.dropLast())\": \(error)")
                }
                kind = bare
            }
            switch kind {
            case "index": return IndexAnnotation(name: name, value: value, isDescriptor: false)
            case "manifest-descriptor": return IndexAnnotation(name: name, value: value, isDescriptor: true, platform: platform)
            case "manifest": throw Invalid("\"manifest\" annotations are not supported yet")
            case "index-descriptor": throw Invalid("\"index-descriptor\" annotations are invalid while creating an image")
            default: throw Invalid("unknown annotation type \"\(kind)\"")
            }
        }
    }
}
