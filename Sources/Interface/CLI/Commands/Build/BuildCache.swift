internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import OCI
internal import Templates
internal import Terminal

// What builds keep, and the one builder that there is.
extension Root {
    /// `builder prune` and `buildx prune`.
    static func pruneBuildCache(_ path: String) -> AnyCommand {
        let isBuildx = path.hasPrefix("buildx")
        return AnyCommand(
            "prune", "Remove build cache", usage: "", arity: .none,
            flags: {
                Prune.flags + [.bool("all", short: "a", isBuildx ? "Include internal/frontend images" : "Remove all unused build cache, not just dangling ones")]
                    + (isBuildx
                        ? [
                            .bool("verbose", "Provide a more verbose output"), .bytes("reserved-space", "Amount of disk space always allowed to keep for cache"),
                            .bytes("max-used-space", "Maximum amount of disk space allowed to keep for cache"),
                            .bytes("min-free-space", "Target amount of free disk space after pruning").unsupported("free space is not looked at"),
                            .value("builder", "Override the configured builder instance"),
                        ] : [.bytes("keep-storage", "Amount of disk space to keep for cache")])
            },
            action: { session in
                let all = session.flags.bool("all")
                let warning = all ? "WARNING! This will remove all build cache." : "WARNING! This will remove all dangling build cache."
                guard try await Prune.confirm(session, warning) else { return 0 }
                let keep = ["keep-storage", "reserved-space", "max-used-space"].map { session.flags.bytes($0) }.max() ?? 0
                let report = try await session.client().pruneBuildCache(all: all, filters: Prune.filters(session), keep: keep)
                Prune.report("Deleted build cache objects:", report.cachesDeleted ?? [], report.spaceReclaimed)
                return 0
            })
    }

    static func buildCacheUsage() -> AnyCommand {
        AnyCommand(
            "du", "Disk usage", usage: "", arity: .none,
            flags: { [.bool("verbose", "Provide a more verbose output"), .value("builder", "Override the configured builder instance")] },
            action: { session in
                let caches = try await session.client().diskUsage().buildCache ?? []
                var rows = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n"
                for cache in caches {
                    let age = cache.lastUsedAt.map { HumanText.age(of: $0, now: Clock.now) } ?? ""
                    rows += "\(cache.id)\(cache.shared ? "*" : "")\t\(!cache.inUse)\t\(HumanText.size(cache.size))\t\(age)\n"
                }
                let shared = caches.reduce(0) { $0 + ($1.shared ? $1.size : 0) }, own = caches.reduce(0) { $0 + ($1.shared ? 0 : $1.size) }
                Console.output(Table.aligned(rows))
                if shared > 0 { Console.output("Shared:\t\t\(HumanText.size(shared))\nPrivate:\t\(HumanText.size(own))\n") }
                Console.output("Reclaimable:\t\(HumanText.size(own))\nTotal:\t\t\(HumanText.size(shared + own))\n")
                return 0
            })
    }

    static func listBuilders() -> AnyCommand {
        AnyCommand(
            "ls", "List builder instances", usage: "", arity: .none, flags: { [.bool("no-trunc", "Don't truncate output")] },
            action: { _ in
                Console.output(
                    Table.aligned("NAME/NODE\tDRIVER/ENDPOINT\tSTATUS\tBUILDKIT\tPLATFORMS\ndefault*\tdocker\t\t\t\n \\_ default\t \\_ default\trunning\tdavit\t\(Platform.host)\n")
                )
                return 0
            })
    }

    static func inspectBuilder() -> AnyCommand {
        AnyCommand(
            "inspect", "Inspect current builder instance", usage: "[NAME]", arity: .between(0, 1),
            flags: { [.bool("bootstrap", "Ensure builder has booted before inspecting"), .value("builder", "Override the configured builder instance")] },
            action: { session in
                let name = session.arguments.first ?? session.flags.optional("builder") ?? "default"
                guard name == "default" else { throw Exit(1, "ERROR: no builder \(Syntax.quoted(name)) found") }
                Console.output(
                    "Name:   default\nDriver: docker\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\nPlatforms:        \(Platform.host)\n"
                )
                return 0
            })
    }

    static func buildxVersion() -> AnyCommand {
        AnyCommand(
            "version", "Show buildx version information", usage: "", arity: .none,
            action: { _ in
                Console.output("davit/buildx \(ClientVersion.number) \(ClientVersion.build)\n")
                return 0
            })
    }
}
