internal import Arguments
internal import Diagnostics
internal import JSON
internal import OCI
internal import RegistryClient

// What can be asked of a registry.
extension Root {
    static func pingRegistry() -> AnyCommand {
        AnyCommand("ping", "See whether a registry answers and lets us in", usage: "[SERVER]", arity: .atMost(1)) { session in
            let registry = try Remote(session).registry(argument: session.arguments.first)
            try await registry.ping()
            session.print("\(registry.domain) answers")
            return 0
        }
    }

    static func registryConfig() -> AnyCommand {
        AnyCommand("config", "Show what is kept for registries, without secrets", usage: "[SERVER]", arity: .atMost(1)) { session in
            let accounts = try session.preferences.accounts()
            let wanted = session.arguments.first.map { RegistryAddress.domain(of: $0) }
            var document = JSONObject()
            for account in accounts where wanted == nil || wanted == RegistryAddress.domain(of: account.key) {
                var entry = JSONObject()
                if !account.username.isEmpty { entry.append("username", .string(account.username)) }
                entry.append("keptBy", .string(account.keeper))
                document.append(RegistryAddress.domain(of: account.key), .object(entry))
            }
            if let wanted, document.members.isEmpty { throw Fault(.notFound, "not logged in to \(wanted)") }
            session.print(String(decoding: JSONValue.object(document).indented(by: "  "), as: UTF8.self))
            return 0
        }
    }

    static func listRepositories() -> AnyCommand {
        AnyCommand(
            "ls", aliases: ["list", "catalog"], "List the repositories of a registry", usage: "[OPTIONS] [SERVER]", arity: .atMost(1), flags: pages
        ) { session in
            let registry = try Remote(session).registry(argument: session.arguments.first)
            return try await printPages(session) { try await registry.catalog(count: $0, after: $1) }
        }
    }

    static func listTags() -> AnyCommand {
        AnyCommand("tags", "List the tags of a repository", usage: "[OPTIONS] REPOSITORY", arity: .exactly(1), flags: pages) { session in
            let repository = try Remote(session).place(session.arguments[0]).repository
            return try await printPages(session) { try await repository.tags(count: $0, after: $1) }
        }
    }

    @Sendable private static func pages() -> [Flag] {
        [.int("limit", short: "n", "List at most so many (default all)"), .value("last", "List what comes after this one")]
    }

    /// Prints names page by page until there are no more, or enough.
    private static func printPages(_ session: Session, _ page: (Int?, String?) async throws -> NamePage) async throws -> Int32 {
        let limit = session.flags.int("limit")
        guard limit >= 0 else { throw Invalid("--limit must not be negative") }
        var rest = limit == 0 ? Int.max : limit
        var last = session.flags.optional("last")
        repeat {
            let found = try await page(limit == 0 ? nil : rest, last)
            for name in found.names.prefix(rest) { session.print(name) }
            rest -= min(rest, found.names.count)
            // A page that is followed by itself would never end.
            last = found.next == last ? nil : found.next
        } while rest > 0 && last != nil
        return 0
    }

    static func remoteDigest() -> AnyCommand {
        AnyCommand("digest", "Show the digest that a name stands for", usage: "[OPTIONS] IMAGE", arity: .exactly(1), flags: { [platformFlag()] }) { session in
            let place = try Remote(session).place(session.arguments[0])
            if let platform = try Remote.platform(session) {
                session.print("\(try await place.manifest(for: platform).digest)")
            } else {
                session.print("\(try await place.repository.resolve(place.manifest).digest)")
            }
            return 0
        }
    }

    static func remoteManifest() -> AnyCommand {
        AnyCommand(
            "manifest", "Show a manifest or an index", usage: "[OPTIONS] IMAGE", arity: .exactly(1),
            flags: { [platformFlag(), .bool("raw", "As the registry has it, byte for byte")] }
        ) { session in
            let found = try await Remote(session).place(session.arguments[0]).manifest(for: try Remote.platform(session))
            if session.flags.bool("raw") { Console.output(found.bytes) } else { Console.output(try Remote.pretty(found.bytes)) }
            return 0
        }
    }

    static func remoteInspect() -> AnyCommand {
        AnyCommand(
            "inspect", "Show the configuration of an image", usage: "[OPTIONS] IMAGE", arity: .exactly(1),
            flags: { [.value("format", short: "f", "Format output using a Go template"), platformFlag()] }
        ) { session in
            let place = try Remote(session).place(session.arguments[0])
            let bytes = try await place.configuration(for: try Remote.platform(session) ?? .host)
            let format = session.flags.string("format")
            if format.isEmpty { Console.output(try Remote.pretty(bytes)) } else { session.print(try Inspection.text(format, try JSONValue(parsing: bytes))) }
            return 0
        }
    }

    static func platformFlag() -> Flag { .value("platform", "Of an image for several platforms take this one") }
}
