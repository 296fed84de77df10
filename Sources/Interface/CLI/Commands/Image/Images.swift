internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import OCI
internal import Terminal
internal import Values

extension Root {
    static func images() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list"], synonyms: ["image ls", "image list", "images"], "List images", usage: "[OPTIONS] [REPOSITORY[:TAG]]",
            arity: .atMost(1), subject: .images,
            flags: {
                [
                    .bool("all", short: "a", "Show all images (default hides intermediate and dangling images)"), .bool("digests", "Show digests"),
                    Prune.filter(),
                    .value(
                        "format",
                        "Format output using a custom template:\n'table': table with column headers (default)\n'table TEMPLATE': table of the given columns\n"
                            + "'json': JSON, one object a line\n'TEMPLATE': the given Go template"),
                    .bool("no-trunc", "Don't truncate output"), .bool("quiet", short: "q", "Only show image IDs"),
                    .bool("tree", "List images of several platforms as a tree"),
                ]
            },
            action: list)
    }

    @Sendable private static func list(_ session: Session) async throws -> Int32 {
        let flags = session.flags
        let format = flags.bool("tree") ? flags.string("format") : session.text("format", or: "imagesFormat")
        var filters = session.filters()
        if let pattern = session.arguments.first { filters.add("reference", pattern) }
        let digests = flags.bool("digests") || format.contains(".Digest")
        if flags.bool("tree") {
            for (flag, isGiven) in [("quiet", flags.bool("quiet")), ("no-trunc", flags.bool("no-trunc")), ("digests", flags.bool("digests")), ("format", !format.isEmpty)]
            where isGiven {
                throw Invalid("--\(flag) is not yet supported with --tree")
            }
            let images = try await session.client().images(all: flags.bool("all"), manifests: true, filters: filters)
            Console.output(ImageTree(images, all: flags.bool("all"), width: TerminalDevice.outputIsTerminal ? TerminalDevice.columns : nil).text)
            return 0
        }
        let images = try await session.client().images(all: flags.bool("all"), filters: filters)
        var columns = ["Repository", "Tag", "ID", "CreatedSince", "Size"]
        if flags.bool("digests") { columns.insert("Digest", at: 2) }
        var raw = [("repository", "Repository"), ("tag", "Tag"), ("image_id", "ID"), ("created_at", "CreatedAt"), ("virtual_size", "Size")]
        if flags.bool("digests") { raw.insert(("digest", "Digest"), at: 2) }
        let listing = Listing(headings: ImageRow.headings, columns: columns, typeName: "*formatter.imageContext", raw: raw)
        let now = Clock.now
        let rows = images.flatMap { image in
            ImageRow.names(of: image, digests: digests, filtered: filters.contains("reference")).map { name in
                ImageRow(image: image, name: name, truncates: !flags.bool("no-trunc"), now: now)
            }
        }
        Console.output(try listing.render(rows.map { Listing.Row(value: $0.value) }, format: format, quietKey: flags.bool("quiet") ? "ID" : nil))
        return 0
    }
}

/// One name of one image, as columns show it.
struct ImageRow {
    struct Name: Hashable {
        var repository = "<none>", tag = "<none>", digest = "<none>"
    }

    let image: ImageSummary
    let name: Name
    let truncates: Bool
    let now: Timestamp

    static let headings: [(key: String, heading: String)] = [
        ("Repository", "REPOSITORY"), ("Tag", "TAG"), ("Digest", "DIGEST"), ("ID", "IMAGE ID"), ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"), ("Size", "SIZE"), ("Containers", "CONTAINERS"), ("SharedSize", "SHARED SIZE"), ("UniqueSize", "UNIQUE SIZE"),
        ("VirtualSize", "SIZE"),
    ]

    /// `sha256:0123456789abcdef…` → `0123456789ab`.
    static func short(_ id: String) -> String { String((id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...]).prefix(12)) }

    /// The rows of an image: one for each tag, with its digest beside it when digests are shown, and one for each digest without tag.
    static func names(of image: ImageSummary, digests: Bool, filtered: Bool) -> [Name] {
        var names: [Name] = []
        var pinned: [String: [String]] = [:]
        for text in image.repoDigests {
            guard let (repository, digest) = text.cut("@"), repository != "<none>" else { continue }
            pinned[repository, default: []].append(digest)
        }
        var tagged: Set<String> = []
        for text in image.repoTags where text != "<none>:<none>" {
            guard let colon = text.lastIndex(of: ":") else { continue }
            let repository = String(text[..<colon]), tag = String(text[text.index(after: colon)...])
            tagged.insert(repository)
            let found = digests ? pinned[repository] ?? [] : []
            for digest in found.isEmpty ? ["<none>"] : found { names.append(Name(repository: repository, tag: tag, digest: digest)) }
        }
        for (repository, found) in pinned.sorted(by: { $0.key < $1.key }) where !tagged.contains(repository) {
            for digest in digests ? found : Array(found.prefix(1)) { names.append(Name(repository: repository, digest: digest)) }
        }
        return names.isEmpty ? [Name()] : names
    }

    func value(_ key: String) -> String? {
        switch key {
        case "Repository": ImageNames.familiar(name.repository)
        case "Tag": name.tag
        case "Digest": name.digest
        case "ID": truncates ? ImageRow.short(image.id) : image.id
        case "CreatedSince": HumanText.age(of: Timestamp(seconds: Int64(image.created)), now: now)
        case "CreatedAt": Clock.text(Timestamp(seconds: Int64(image.created)))
        case "Size": HumanText.size(image.size)
        case "VirtualSize": HumanText.size(image.size, precision: 4)
        case "Containers": image.containers < 0 ? "N/A" : String(image.containers)
        case "SharedSize": image.sharedSize < 0 ? "N/A" : HumanText.size(image.sharedSize, precision: 4)
        case "UniqueSize": image.sharedSize < 0 ? "N/A" : HumanText.size(image.size - image.sharedSize, precision: 4)
        default: nil
        }
    }
}

/// `repository[:tag]` for calls that take the two apart.
enum ImageNames {
    /// Without `docker.io/library/`, as people write it; what is no reference stays as it is.
    static func familiar(_ text: String) -> String {
        // Most names are short already, and parsing costs.
        guard text.utf8.contains(UInt8(ascii: "/")), let reference = try? Reference(text) else { return text }
        return reference.familiar
    }

    static func split(_ text: String) throws -> (repository: String?, tag: String?) {
        if text.isEmpty { return (nil, nil) }
        do throws(ReferenceError) {
            let reference = try Reference(text)
            if reference.digest == nil { return (reference.familiarName, reference.tag ?? Reference.defaultTag) }
        } catch { throw Invalid("Error parsing reference: \(Syntax.quoted(text)) is not a valid repository/tag: \(error)") }
        throw Invalid("refusing to create a tag with a digest reference")
    }
}
