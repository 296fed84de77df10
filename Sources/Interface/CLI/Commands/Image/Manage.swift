internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import OCI
internal import Terminal
internal import Values

// Commands about images that are here.
extension Root {
    static func tag() -> AnyCommand {
        AnyCommand(
            "tag", synonyms: ["image tag", "tag"], "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
            usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", arity: .exactly(2), subject: .images,
            action: { session in
                let (repository, tag) = try ImageNames.split(session.arguments[1])
                try await session.client().tagImage(session.arguments[0], repository: repository ?? "", tag: tag ?? "")
                return 0
            })
    }

    static func removeImage() -> AnyCommand {
        AnyCommand(
            "rm", aliases: ["remove"], synonyms: ["image rm", "image remove", "rmi"], "Remove one or more images", usage: "[OPTIONS] IMAGE [IMAGE...]",
            arity: .atLeast(1), subject: .images,
            flags: {
                [
                    .bool("force", short: "f", "Force removal of the image"), .bool("no-prune", "Do not delete untagged parents"),
                    .list("platform", type: "stringSlice", "Remove only these platforms"),
                ]
            },
            action: { session in
                let client = try session.client(), flags = session.flags
                return try await session.forEach(session.arguments, printing: false) { name in
                    do {
                        let items = try await client.removeImage(
                            name, force: flags.bool("force"), pruneParents: !flags.bool("no-prune"), platforms: try session.platforms())
                        for item in items { session.print(item.deleted.isEmpty ? "Untagged: \(item.untagged)" : "Deleted: \(item.deleted)") }
                    } catch let error as APIError where error.status == 404 && flags.bool("force") {
                        // Forced removal of what is not there is no failure, but it is told.
                        session.warn("\(error)")
                    }
                }
            })
    }

    static func squash() -> AnyCommand {
        AnyCommand(
            "squash", "Make an image of one layer out of an image", usage: "[OPTIONS] IMAGE", arity: .exactly(1), subject: .images,
            flags: { [.value("tag", short: "t", "Name of the new image (default: the id is all it gets)")] },
            action: { session in
                session.print(try await session.client().squashImage(session.arguments[0], as: session.flags.optional("tag")))
                return 0
            })
    }

    static func pruneImages() -> AnyCommand {
        AnyCommand(
            "prune", "Remove unused images", usage: "[OPTIONS]", arity: .none,
            flags: { Prune.flags + [.bool("all", short: "a", "Remove all unused images, not just dangling ones")] },
            action: { session in
                let all = session.flags.bool("all")
                let what = all ? "images without at least one container associated to them" : "dangling images"
                guard try await Prune.confirm(session, "WARNING! This will remove all \(what).") else { return 0 }
                var filters = try Prune.filters(session)
                filters.add("dangling", all ? "false" : "true")
                let report = try await session.client().pruneImages(filters: filters)
                let lines = (report.imagesDeleted ?? []).map { $0.untagged.isEmpty ? "deleted: \($0.deleted)" : "untagged: \($0.untagged)" }
                Prune.report("Deleted Images:", lines, report.spaceReclaimed)
                return 0
            })
    }

    static func history() -> AnyCommand {
        AnyCommand(
            "history", synonyms: ["image history", "history"], "Show the history of an image", usage: "[OPTIONS] IMAGE", arity: .exactly(1), subject: .images,
            flags: {
                [
                    .value("format", "Format output using a custom template:\n'table': table with column headers (default)\n'json': JSON, one object a line"),
                    .bool("human", short: "H", default: true, "Print sizes and dates in human readable format"),
                    .bool("no-trunc", "Don't truncate output"), .value("platform", "Show the history of this platform's image"),
                    .bool("quiet", short: "q", "Only show image IDs"),
                ]
            },
            action: history)
    }

    @Sendable private static func history(_ session: Session) async throws -> Int32 {
        let flags = session.flags
        let items = try await session.client().imageHistory(session.arguments[0], platform: flags.optional("platform"))
        let isHuman = flags.bool("human"), truncates = !flags.bool("no-trunc"), now = Clock.now
        let listing = Listing(
            headings: [
                ("ID", "IMAGE"), ("CreatedSince", "CREATED"), ("CreatedAt", "CREATED AT"), ("CreatedBy", "CREATED BY"), ("Size", "SIZE"),
                ("Comment", "COMMENT"),
            ], columns: ["ID", isHuman ? "CreatedSince" : "CreatedAt", "CreatedBy", "Size", "Comment"], typeName: "*image.historyContext")
        let rows = items.map { item in
            Listing.Row(value: { key in
                switch key {
                case "ID": truncates ? ImageRow.short(item.id) : item.id
                case "CreatedSince":
                    if !isHuman {
                        Timestamp(seconds: Int64(item.created)).description
                    } else {
                        item.created > 0 ? HumanText.age(of: Timestamp(seconds: Int64(item.created)), now: now) : "N/A"
                    }
                case "CreatedAt": Timestamp(seconds: Int64(item.created)).description
                case "CreatedBy":
                    {
                        let text = item.createdBy.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: " ")
                        return truncates ? HumanText.ellipsis(text, 45) : text
                    }()
                case "Size": isHuman ? HumanText.size(item.size) : String(item.size)
                case "Comment": item.comment
                default: nil
                }
            })
        }
        Console.output(try listing.render(rows, format: flags.string("format"), quietKey: flags.bool("quiet") ? "ID" : nil))
        return 0
    }
}
