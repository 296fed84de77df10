internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import OCI
internal import Terminal

extension Root {
    static func search() -> AnyCommand {
        AnyCommand(
            "search", "Search Docker Hub, or another registry as HOST/TERM, for images", usage: "[OPTIONS] TERM", arity: .exactly(1),
            flags: {
                [
                    Prune.filter(), .value("format", "Pretty-print search using a Go template"),
                    .int("limit", "Max number of search results"), .bool("no-trunc", "Don't truncate output"),
                ]
            },
            action: { session in
                let flags = session.flags, term = session.arguments[0]
                if flags.list("filter").contains(where: { $0.hasPrefix("is-automated=") }) {
                    session.warn(
                        "WARNING: the \"is-automated\" filter is deprecated, and searching for \"is-automated=true\" will not yield any results in future.")
                }
                let host = term.contains("/") ? String(term.prefix { $0 != "/" }) : ""
                let isHost = host == "localhost" || host.contains(".") || host.contains(":")
                let found = try await session.client().searchImages(
                    term, limit: flags.optional("limit"), filters: session.filters(),
                    auth: try session.preferences.credentials(for: RegistryAddress.key(of: isHost ? host : "")))
                let truncates = !flags.bool("no-trunc"), isJSON = flags.string("format") == "json"
                let listing = Listing(
                    headings: [
                        ("Name", "NAME"), ("Description", "DESCRIPTION"), ("StarCount", "STARS"), ("IsOfficial", "OFFICIAL"),
                    ],
                    columns: ["Name", "Description", "StarCount", "IsOfficial"], typeName: "*registry.searchContext")
                let ranked = found.enumerated().sorted { rank($0.element, $0.offset) < rank($1.element, $1.offset) }.map(\.element)
                Console.output(
                    try listing.render(
                        ranked.map { item in
                            Listing.Row { key in
                                switch key {
                                case "Name": item.name
                                case "Description": truncates ? HumanText.ellipsis(line(item.description), 45) : line(item.description)
                                case "StarCount": "\(item.starCount)"
                                case "IsOfficial": isJSON ? "\(item.isOfficial)" : item.isOfficial ? "[OK]" : ""
                                default: nil
                                }
                            }
                        }, format: flags.string("format")))
                return 0
            })
    }

    private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

    /// Official ones first, then those with the most stars, then as the registry has them.
    private static func rank(_ item: ImageSearchItem, _ position: Int) -> (Int, Int, Int) {
        (item.isOfficial ? 0 : 1, 0 - max(item.starCount, 0), position)
    }
}
