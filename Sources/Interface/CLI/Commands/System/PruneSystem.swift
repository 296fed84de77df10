internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func pruneSystem() -> AnyCommand {
        AnyCommand(
            "prune", synonyms: ["system prune"], "Remove unused data", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .bool("all", short: "a", "Remove all unused images not just dangling ones"),
                    .list("filter", type: "filter", "Provide filter values (e.g. \"label=<key>=<value>\")", problem: Prune.filterProblem),
                    .bool("force", short: "f", "Do not prompt for confirmation"), .bool("volumes", "Prune anonymous volumes"),
                ]
            },
            action: prune)
    }

    @Sendable private static func prune(_ session: Session) async throws -> Int32 {
        let all = session.flags.bool("all"), withVolumes = session.flags.bool("volumes"), filters = try Prune.filters(session)
        if withVolumes, filters.contains("until") { throw Invalid("ERROR: The \"until\" filter is not supported with \"--volumes\"") }
        var what = ["all stopped containers", "all networks not used by at least one container"]
        if withVolumes { what.append("all anonymous volumes not used by at least one container") }
        what.append(all ? "all images without at least one container associated to them" : "all dangling images")
        what.append(all ? "all build cache" : "unused build cache")
        let given = session.flags.list("filter")
        let warning =
            "WARNING! This will remove:\n" + what.map { "  - \($0)\n" }.joined()
            + (given.isEmpty ? "" : "\n  Items to be pruned will be filtered with:\n" + given.map { "  - \($0)\n" }.joined())
        guard try await Prune.confirm(session, warning) else { return 0 }
        let client = try session.client()
        var total = 0
        func report(_ title: String, _ deleted: [String], _ bytes: Int = 0) {
            Prune.report(title, deleted, nil)
            total += bytes
        }
        let containers = try await client.pruneContainers(filters: filters)
        report("Deleted Containers:", containers.containersDeleted ?? [], containers.spaceReclaimed)
        report("Deleted Networks:", try await client.pruneNetworks(filters: filters).networksDeleted ?? [])
        if withVolumes {
            let volumes = try await client.pruneVolumes(filters: filters)
            report("Deleted Volumes:", volumes.volumesDeleted ?? [], volumes.spaceReclaimed)
        }
        var chosen = filters
        chosen.add("dangling", all ? "false" : "true")
        let images = try await client.pruneImages(filters: chosen)
        let lines = (images.imagesDeleted ?? []).map { $0.untagged.isEmpty ? "deleted: \($0.deleted)" : "untagged: \($0.untagged)" }
        report("Deleted Images:", lines, images.spaceReclaimed)
        // Steps of builds have no labels.
        if !filters.contains("label"), !filters.contains("label!") {
            let caches = try await client.pruneBuildCache(all: all, filters: filters, keep: 0)
            report("Deleted build cache objects:", caches.cachesDeleted ?? [], caches.spaceReclaimed)
        }
        Console.output("Total reclaimed space: \(HumanText.size(total, precision: 4))\n")
        return 0
    }
}
