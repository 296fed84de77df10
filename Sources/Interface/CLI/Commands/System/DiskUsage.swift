internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Templates
internal import Terminal

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
                Console.output(session.flags.bool("verbose") && ["", "table"].contains(format) ? try details(usage) : try summary(usage, format))
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

    private static func details(_ usage: DiskUsage) throws -> String {
        let now = Clock.now
        // Each by its first name.
        let images = (usage.images ?? []).flatMap { image in
            ImageRow.names(of: image, digests: false, filtered: false).prefix(1).map { ImageRow(image: image, name: $0, truncates: true, now: now) }
        }
        let containers = (usage.containers ?? []).map { ContainerRow(container: $0, truncates: true, now: now) }
        func table(_ headings: [(key: String, heading: String)], _ columns: [String], _ values: [(String) -> String?]) throws -> String {
            try Listing(headings: headings, columns: columns, typeName: "").render(values.map { Listing.Row(value: $0) }, format: "")
        }
        var text = "Images space usage:\n\n"
        text += try table(
            ImageRow.headings, ["Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers"], images.map { $0.value })
        text += "\nContainers space usage:\n\n"
        text += try table(
            ContainerRow.headings, ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"],
            containers.map { row in { key in key == "Size" ? HumanText.size(row.container.sizeRw) : row.value(key) } })
        text += "\nLocal Volumes space usage:\n\n"
        text += try table(
            [("Name", "VOLUME NAME"), ("Links", "LINKS"), ("Size", "SIZE")], ["Name", "Links", "Size"],
            (usage.volumes ?? []).map { volume in
                { key in
                    switch key {
                    case "Name": volume.name
                    case "Links": volume.usageData.map { "\($0.refCount)" } ?? "N/A"
                    default: volume.usageData.map { HumanText.size($0.size, precision: 4) } ?? "N/A"
                    }
                }
            })
        let caches = usage.buildCache ?? []
        text += "\nBuild cache usage: \(HumanText.size(caches.reduce(0) { $0 + ($1.shared ? 0 : $1.size) }))\n\n"
        let rows = caches.map { cache in
            let used = cache.lastUsedAt.map { HumanText.age(of: $0, now: now) } ?? ""
            return
                "\(cache.id.prefix(12))\t\(cache.type)\t\(HumanText.size(cache.size))\t\(HumanText.age(of: cache.createdAt, now: now))\t\(used)\t\(cache.usageCount)\t\(cache.shared)\n"
        }
        return text + Table.aligned("CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED\n" + rows.joined())
    }
}
