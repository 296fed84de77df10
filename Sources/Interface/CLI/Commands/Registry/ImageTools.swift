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
            group: "buildx", "Build images, and work with those of several platforms",
            subcommands: {
                [
                    build(), pruneBuildCache("buildx prune"), buildCacheUsage(), listBuilders(), inspectBuilder(), buildxVersion(),
                    AnyCommand(group: "imagetools", "Commands to work on images in registry", subcommands: { [inspectIndex(), createIndex()] }),
                ]
            })
    }

    private static func inspectIndex() -> AnyCommand {
        AnyCommand(
            "inspect", "Show details of an image in the registry", usage: "[OPTIONS] NAME", arity: .exactly(1),
            flags: { [.value("format", "Format the output using the given Go template"), .bool("raw", "Show original, unformatted JSON manifest")] }
        ) { session in
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
                    .value("metadata-file", "Write create result metadata to a file"),
                    .list("platform", short: "p", type: "stringArray", "Filter specified platforms of target image"),
                    .bool("prefer-index", default: true, "Of a single source make an index too instead of a carbon copy"),
                    .value("progress", "Set type of progress output, of which there is none").hidden(),
                    .list("tag", short: "t", type: "stringArray", "Set reference for new image"),
                ]
            }
        ) { session in try await IndexCreation(session).run() }
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
        let name = place.name.prefix { $0 != "@" }
        var rows: [(label: String, value: String)] = []
        for (number, entry) in index.manifests.enumerated() {
            if number > 0 { rows.append(("", "")) }
            rows += [("  Name:", "\(name)@\(entry.digest)"), ("  MediaType:", entry.mediaType)]
            if let platform = entry.platform { rows.append(("  Platform:", "\(platform)")) }
            guard let annotations = entry.annotations, !annotations.isEmpty else { continue }
            rows.append(("  Annotations:", ""))
            text += Self.aligned(rows) + Self.aligned(annotations.sorted { $0.key < $1.key }.map { ("    \($0.key):", $0.value) })
            rows = []
        }
        return text + Self.aligned(rows)
    }

    /// As text/tabwriter of Go does it: the widest label is as wide as the column.
    private static func aligned(_ rows: [(label: String, value: String)]) -> String {
        let width = (rows.map(\.label.utf8.count).max() ?? 0) + 1
        return rows.map { "\($0.label)\(String(repeating: " ", count: width - $0.label.utf8.count))\($0.value)\n" }.joined()
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
