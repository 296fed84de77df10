internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Terminal
internal import Values

extension Root {
    static func diskUsage() -> AnyCommand {
        AnyCommand(
            "df", synonyms: ["system df"], "Show disk usage", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .value("format", "Format output using a custom template ('table', 'table TEMPLATE', 'json' or a Go template)"),
                    .bool("verbose", short: "v", "Show detailed information on space usage"),
                ]
            },
            action: { session in
                let usage = try await session.client().diskUsage(), format = session.flags.string("format")
                if !session.flags.bool("verbose") {
                    Console.output(try summary(usage, format))
                } else if ["", "table"].contains(format) {
                    Console.output(try details(usage))
                } else {
                    Console.output(try document(usage, format))
                }
                return 0
            })
    }

    private static func summary(_ usage: DiskUsage, _ format: String) throws -> String {
        let listing = Listing(
            headings: [("Type", "TYPE"), ("TotalCount", "TOTAL"), ("Active", "ACTIVE"), ("Size", "SIZE"), ("Reclaimable", "RECLAIMABLE")],
            columns: ["Type", "TotalCount", "Active", "Size", "Reclaimable"], typeName: "*formatter.diskUsageImagesContext",
            raw: [("type", "Type"), ("total", "TotalCount"), ("active", "Active"), ("size", "Size"), ("reclaimable", "Reclaimable")])
        let images = usage.images ?? [], containers = usage.containers ?? [], volumes = usage.volumes ?? []
        let used = images.filter { $0.containers != 0 }, running = containers.filter { ["running", "paused", "restarting"].contains($0.state) }
        let shared = used.reduce(0) { $0 + $1.size - max(0, $1.sharedSize) }
        let inUse = volumes.filter { ($0.usageData?.refCount ?? 0) > 0 }
        let caches = usage.buildCache ?? [], kept = caches.filter { !$0.shared }
        func bytes(_ list: [BuildCache]) -> Int { list.reduce(0) { $0 + $1.size } }
        func bytes(_ list: [ContainerSummary]) -> Int { list.reduce(0) { $0 + $1.sizeRw } }
        func bytes(_ list: [Volume]) -> Int { list.reduce(0) { $0 + max(0, $1.usageData?.size ?? 0) } }
        let kinds: [(String, Int, Int, Int, Int)] = [
            ("Images", images.count, used.count, usage.layersSize, max(0, usage.layersSize - shared)),
            ("Containers", containers.count, running.count, bytes(containers), bytes(containers) - bytes(running)),
            ("Local Volumes", volumes.count, inUse.count, bytes(volumes), bytes(volumes) - bytes(inUse)),
            ("Build Cache", caches.count, caches.count { $0.inUse }, bytes(kept), bytes(kept.filter { !$0.inUse })),
        ]
        let rows = kinds.map { name, total, active, size, free in
            Listing.Row(value: { key in
                switch key {
                case "Type": name
                case "TotalCount": "\(total)"
                case "Active": "\(active)"
                case "Size": HumanText.size(size)
                case "Reclaimable": HumanText.size(free) + (size > 0 ? " (\(Int(Double(free) / Double(size) * 100))%)" : "")
                default: nil
                }
            })
        }
        return try listing.render(rows, format: format)
    }

    /// A table of each kind.
    private static func details(_ usage: DiskUsage) throws -> String {
        let sections = sections(usage, truncates: true)
        let titles = [
            "Images space usage:", "\nContainers space usage:", "\nLocal Volumes space usage:",
            "\nBuild cache usage: \(HumanText.size((usage.buildCache ?? []).reduce(0) { $0 + ($1.shared ? 0 : $1.size) }))",
        ]
        return try zip(titles, sections).map { title, section in try "\(title)\n\n" + section.listing.render(section.rows, format: "") }.joined()
    }

    /// All kinds as one value, of which a template is made.
    private static func document(_ usage: DiskUsage, _ format: String) throws -> String {
        let document = JSONValue.object(sections(usage, truncates: false).reduce(into: JSONObject()) { $0[$1.name] = $1.listing.documents($1.rows) })
        return format == "json" ? String(decoding: document.compact.escapedForHTML, as: UTF8.self) : try Inspection.text(format, document)
    }

    private struct Section {
        var name: String
        var listing: Listing
        var rows: [Listing.Row]

        init(_ name: String, _ headings: [(key: String, heading: String)], _ columns: [String], _ rows: [Listing.Row]) {
            (self.name, listing, self.rows) = (name, Listing(headings: headings, columns: columns, typeName: ""), rows)
        }
    }

    private static func sections(_ usage: DiskUsage, truncates: Bool) -> [Section] {
        let now = Clock.now
        // Each by its first name.
        let images = (usage.images ?? []).flatMap { image in
            ImageRow.names(of: image, digests: false, filtered: false).prefix(1).map {
                let row = ImageRow(image: image, name: $0, truncates: truncates, now: now)
                return Listing.Row(value: { $0 == "Digest" ? "" : row.value($0) })
            }
        }
        let containers = (usage.containers ?? []).map { ContainerRow(container: $0, truncates: truncates, now: now) }
        return [
            Section("Images", ImageRow.headings, ["Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers"], images),
            Section(
                "Containers", ContainerRow.headings, ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"],
                containers.map { row in Listing.Row(value: { $0 == "Size" ? HumanText.size(row.container.sizeRw) : row.value($0) }) }),
            Section("Volumes", VolumeRow.headings, ["Name", "Links", "Size"], (usage.volumes ?? []).map { Listing.Row(value: VolumeRow(volume: $0).value) }),
            Section(
                "BuildCache", CacheRow.headings, ["ID", "CacheType", "Size", "CreatedSince", "LastUsedSince", "UsageCount", "Shared"],
                (usage.buildCache ?? []).map { Listing.Row(value: CacheRow(cache: $0, truncates: truncates, now: now).value) }),
        ]
    }
}

/// One layer of the build cache, as columns show it.
private struct CacheRow {
    let cache: BuildCache
    let truncates: Bool
    let now: Timestamp

    static let headings: [(key: String, heading: String)] = [
        ("ID", "CACHE ID"), ("Parent", "PARENT"), ("CacheType", "CACHE TYPE"), ("Size", "SIZE"), ("CreatedSince", "CREATED"), ("LastUsedSince", "LAST USED"),
        ("UsageCount", "USAGE"), ("InUse", "IN USE"), ("Shared", "SHARED"), ("Description", "DESCRIPTION"),
    ]

    func value(_ key: String) -> String? {
        switch key {
        case "ID": shortened(cache.id) + (cache.inUse ? "*" : "")
        case "Parent": shortened((cache.parents ?? []).joined(separator: ", "))
        case "CacheType": cache.type
        case "Size": HumanText.size(cache.size)
        case "CreatedSince": HumanText.age(of: cache.createdAt, now: now)
        case "LastUsedSince": cache.lastUsedAt.map { HumanText.age(of: $0, now: now) } ?? ""
        case "UsageCount": "\(cache.usageCount)"
        case "InUse": "\(cache.inUse)"
        case "Shared": "\(cache.shared)"
        case "Description": cache.description
        default: nil
        }
    }

    private func shortened(_ id: String) -> String { truncates ? String(id.prefix(12)) : id }
}
