internal import Arguments
internal import Diagnostics
internal import JSON
internal import Linux
internal import OCI
internal import RegistryClient

// `buildx imagetools`: what a name stands for in its registry, and new names and indexes there.
extension Root {
    static func buildx() -> AnyCommand {
        AnyCommand(
            group: "buildx", "Work with images of several platforms",
            subcommands: {
                [AnyCommand(group: "imagetools", "Commands to work on images in registry", subcommands: { [inspectIndex(), createIndex()] })]
            })
    }

    private static func inspectIndex() -> AnyCommand {
        AnyCommand(
            "inspect", "Show details of an image in the registry", usage: "[OPTIONS] NAME", arity: .exactly(1),
            flags: { [.value("format", "Format the output using the given Go template"), .bool("raw", "Show original, unformatted JSON manifest")] }) { session in
                let place = try Remote(session).place(session.arguments[0])
                let found = try await place.repository.manifest(place.manifest)
                if session.flags.bool("raw") {
                    Console.output(found.bytes)
                    return 0
                }
                let details = RemoteImage(place: place, manifest: found)
                let format = session.flags.string("format")
                if format.isEmpty { Console.output(try details.text()) } else { session.print(try Inspection.text(format, try await details.document())) }
                return 0
            }
    }

    private static func createIndex() -> AnyCommand {
        AnyCommand(
            "create", "Create a new image based on source images", usage: "[OPTIONS] [SOURCE...]", arity: .any,
            flags: {
                [
                    .list("annotation", type: "stringArray", "Add annotation to the image"), .bool("append", "Append to existing manifest"),
                    .bool("dry-run", "Show final image instead of pushing"),
                    .list("file", short: "f", type: "stringArray", "Read source descriptor from file"),
                    .list("platform", type: "stringArray", "Filter specified platforms of target image"),
                    .list("tag", short: "t", type: "stringArray", "Set reference for new image"),
                ]
            }) { session in try await IndexCreation(session).run() }
    }
}

/// What `imagetools inspect` shows.
struct RemoteImage {
    let place: Remote.Place
    let manifest: FetchedManifest

    /// Name, type and digest, and of an index each manifest that it lists.
    func text() throws -> String {
        var text = "Name:      \(place.name)\nMediaType: \(manifest.mediaType)\nDigest:    \(manifest.digest)\n"
        guard manifest.isIndex else { return text }
        let index = try Document.decode(Index.self, from: manifest.bytes, what: "index")
        text += "           \nManifests: \n"
        let blocks = index.manifests.map { entry in
            var lines = ["Name:        \(place.repository.description)@\(entry.digest)", "MediaType:   \(entry.mediaType)"]
            if let platform = entry.platform { lines.append("Platform:    \(platform)") }
            if let annotations = entry.annotations, !annotations.isEmpty {
                lines.append("Annotations: ")
                let width = annotations.keys.map(\.utf8.count).max() ?? 0
                for (name, value) in annotations.sorted(by: { $0.key < $1.key }) {
                    lines.append("  \(name):\(String(repeating: " ", count: width - name.utf8.count + 1))\(value)")
                }
            }
            return lines.map { "  \($0)\n" }.joined()
        }
        return text + blocks.joined(separator: "             \n")
    }

    /// What templates see: `.Name`, `.Manifest` and `.Image` (of an index a table by platform).
    func document() async throws -> JSONValue {
        var shown = try JSONValue(parsing: manifest.bytes).object ?? JSONObject()
        for (name, value) in [("digest", JSONValue.string("\(manifest.digest)")), ("mediaType", .string(manifest.mediaType)), ("size", JSONValue(manifest.bytes.count))] {
            if shown[name] == nil { shown.append(name, value) }
        }
        var image: JSONValue = .null
        if manifest.isIndex {
            var table = JSONObject()
            let index = try Document.decode(Index.self, from: manifest.bytes, what: "index")
            for entry in index.manifests {
                guard let platform = entry.platform, platform.os != "unknown" else { continue }
                table.append("\(platform)", try await Self.configuration(of: entry.digest, in: place.repository))
            }
            image = .object(table)
        } else {
            image = try await Self.configuration(of: manifest.digest, in: place.repository)
        }
        return .object(["Name": .string(place.name), "Manifest": .object(shown), "Image": image])
    }

    private static func configuration(of digest: Digest, in repository: Repository) async throws -> JSONValue {
        let found = try await repository.manifest(.digest(digest))
        let image = try Document.decode(Manifest.self, from: found.bytes, what: "manifest")
        return try JSONValue(parsing: try await repository.document(image.config, what: "configuration"))
    }
}

/// `imagetools create`: one name copied as it is, or an index of what all sources list.
private struct IndexCreation {
    let session: Session
    let remote: Remote

    init(_ session: Session) throws {
        self.session = session
        remote = try Remote(session)
    }

    /// A manifest of the new index, and where it is now.
    private struct Entry {
        var descriptor: Descriptor
        var repository: Repository
    }

    func run() async throws -> Int32 {
        let tags = session.flags.list("tag")
        var sources = session.arguments
        for path in session.flags.list("file") { sources += try Self.names(in: path, tags: tags) }
        if session.flags.bool("append") {
            guard let first = tags.first else { throw Invalid("can't use append with no destination tag") }
            sources.insert(first, at: 0)
        }
        guard !sources.isEmpty else { throw Invalid("no sources specified") }
        guard !tags.isEmpty || session.flags.bool("dry-run") else { throw Invalid("can't push with no tags specified, please set --tag or --dry-run") }

        var entries: [Entry] = []
        var whole: (manifest: FetchedManifest, place: Remote.Place)?
        for source in sources {
            let place = try remote.place(source)
            let found = try await place.repository.manifest(place.manifest)
            whole = (found, place)
            for descriptor in try await Self.listed(found, place.repository) {
                entries.removeAll { $0.descriptor.digest == descriptor.digest }
                entries.append(Entry(descriptor: descriptor, repository: place.repository))
            }
        }
        try filter(&entries)
        let annotations = try annotations()
        // One source that stays as it is keeps its digest.
        if sources.count == 1, annotations.isEmpty, session.flags.list("platform").isEmpty, let whole { return try await copy(whole.manifest, whole.place, tags) }

        let isDocker = entries.allSatisfy { $0.descriptor.mediaType == MediaType.dockerManifest } && annotations.isEmpty
        let type = isDocker ? MediaType.dockerManifestList : MediaType.index
        let index = Index(mediaType: type, manifests: entries.map(\.descriptor), annotations: annotations.isEmpty ? nil : annotations)
        if session.flags.bool("dry-run") {
            Console.output(try Remote.pretty(try Document.encode(index)))
            return 0
        }
        for tag in tags {
            let target = try remote.place(tag)
            for entry in entries { _ = try await ImageCopy(from: entry.repository, to: target.repository).run(.digest(entry.descriptor.digest), as: .digest(entry.descriptor.digest)) }
            let digest = try await target.repository.put(try Document.encode(index), mediaType: type, as: target.manifest)
            session.print("\(digest)  \(target.name)")
        }
        return 0
    }

    private func copy(_ manifest: FetchedManifest, _ place: Remote.Place, _ tags: [String]) async throws -> Int32 {
        if session.flags.bool("dry-run") {
            Console.output(try Remote.pretty(manifest.bytes))
            return 0
        }
        for tag in tags {
            let target = try remote.place(tag)
            let copied = try await ImageCopy(from: place.repository, to: target.repository).run(.digest(manifest.digest), as: target.manifest)
            session.print("\(copied.digest)  \(target.name)")
        }
        return 0
    }

    /// What an index lists; of a lone manifest itself, with the platform that its configuration names.
    private static func listed(_ found: FetchedManifest, _ repository: Repository) async throws -> [Descriptor] {
        if found.isIndex { return try Document.decode(Index.self, from: found.bytes, what: "index").manifests }
        return [try await repository.described(found)]
    }

    private func filter(_ entries: inout [Entry]) throws {
        let wanted = try session.flags.list("platform").flatMap { $0.split(separator: ",") }.map { text throws in
            do throws(PlatformError) { return try Platform(String(text)).normalised } catch { throw Invalid("\(error)") }
        }
        if wanted.isEmpty { return }
        entries.removeAll { entry in entry.descriptor.platform.map { !wanted.contains($0.normalised) } ?? true }
        if entries.isEmpty { throw Invalid("no source has any of the platforms \(wanted.map(\.description).joined(separator: ", "))") }
    }

    /// `[index:]name=value`; annotations of what an index lists would change its digests.
    private func annotations() throws -> [String: String] {
        var result: [String: String] = [:]
        for text in session.flags.list("annotation") {
            let bare = text.hasPrefix("index:") ? String(text.dropFirst(6)) : text
            guard let (name, value) = bare.cut("="), !name.isEmpty, !name.contains(":") else {
                throw Invalid("invalid annotation \"\(text)\": expected [index:]name=value")
            }
            result[name] = value
        }
        return result
    }

    /// A file with a descriptor, or with a name on its only line.
    private static func names(in path: String, tags: [String]) throws -> [String] {
        let bytes: [UInt8]
        do throws(SyscallError) { bytes = try FileSystem.read(path, limit: Document.limit) } catch { throw Invalid("cannot read \(path): \(error)") }
        let text = String(decoding: bytes, as: UTF8.self).trimmed
        guard text.hasPrefix("{") else { return [text] }
        let descriptor = try Document.decode(Descriptor.self, from: bytes, what: "descriptor in \(path)")
        guard let first = tags.first else { throw Invalid("a descriptor in a file needs --tag to tell its repository") }
        return ["\(try Remote.reference(first).familiarName)@\(descriptor.digest)"]
    }
}
