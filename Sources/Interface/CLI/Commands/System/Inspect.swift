internal import Arguments
internal import DockerClient
internal import HTTP
internal import HTTPTransport
internal import JSON

extension Root {
    private static func format() -> Flag {
        .value("format", short: "f", "Format output using a custom template:\n'json': JSON on one line\n'TEMPLATE': the given Go template")
    }

    static func inspect() -> AnyCommand {
        AnyCommand(
            "inspect", "Return low-level information on Docker objects", usage: "[OPTIONS] NAME|ID [NAME|ID...]", arity: .atLeast(1), subject: .containers,
            flags: {
                [
                    format(), .bool("size", short: "s", "Display total file sizes if the type is container"),
                    .value("type", "Only inspect objects of this type (container|image|network|volume)"),
                ]
            },
            action: { session in
                let kinds = ["container", "image", "network", "volume"]
                let type = session.flags.string("type")
                guard type.isEmpty || kinds.contains(type) else {
                    throw Exit(1, session.flags.isSet("type") ? "unknown type: \"\(type)\": must be one of \"container\", \"image\", \"network\", \"volume\"" : nil)
                }
                let client = try session.client()
                return try await Inspection(format: session.flags.string("format")).run(session, session.arguments) { name in
                    for kind in type.isEmpty ? kinds : [type] {
                        do {
                            let found = try await find(client, kind, name, size: session.flags.bool("size"))
                            if session.flags.bool("size"), kind != "container" { session.warn("WARNING: --size ignored for \(kind)") }
                            return found
                        } catch let error as APIError where error.status == 404 || error.status == 501 {
                            if !type.isEmpty { throw error }
                        } catch let error as APIError where error.status == 400 && type.isEmpty {
                            // A name that this kind cannot have.
                        }
                    }
                    throw Invalid("Error: No such object: \(name)")
                }
            })
    }

    private static func find(_ client: Client, _ kind: String, _ name: String, size: Bool = false, more: Query = [:]) async throws -> JSONValue {
        guard !name.isEmpty else { throw Invalid("invalid \(kind) name or ID: value is empty") }
        let query: Query = size && kind == "container" ? ["size": "1"] : more
        let path = kind == "container" ? "/containers/\(name)/json" : kind == "image" ? "/images/\(name)/json" : "/\(kind)s/\(name)"
        return try JSONValue(parsing: try await client.send(Request(.get, path, query: query)).collect())
    }

    private static func inspect(_ kind: String, _ summary: String, _ subject: Subject, _ more: [Flag] = []) -> AnyCommand {
        let what = kind.uppercased()
        return AnyCommand(
            "inspect", summary, usage: "[OPTIONS] \(what) [\(what)...]", arity: .atLeast(1), subject: subject, flags: { [format()] + more },
            action: { session in
                let client = try session.client(), format = session.flags.string("format")
                var query = Query()
                if kind == "image" {
                    if session.flags.isSet("platform") {
                        for platform in try session.platforms() { query.append("platform", platform) }
                    } else if format.contains(".Manifests") {
                        query.append("manifests", "1")
                    }
                }
                let more = query
                return try await Inspection(format: format).run(session, session.arguments) { name in
                    try await find(client, kind, name, size: session.flags.bool("size"), more: more)
                }
            })
    }

    static func inspectContainer() -> AnyCommand {
        inspect(
            "container", "Display detailed information on one or more containers", .containers,
            [.bool("size", short: "s", "Display total file sizes")])
    }

    static func inspectImage() -> AnyCommand {
        inspect(
            "image", "Display detailed information on one or more images", .images,
            [.list("platform", type: "string", "Inspect this platform's image of a name with several")])
    }

    static func inspectVolume() -> AnyCommand { inspect("volume", "Display detailed information on one or more volumes", .volumes) }

    static func inspectNetwork() -> AnyCommand {
        inspect(
            "network", "Display detailed information on one or more networks", .networks,
            [.bool("verbose", short: "v", "Verbose output for diagnostics")])
    }
}
