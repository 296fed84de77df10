internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Linux
internal import OCI
internal import Templates

extension Root {
    static func version() -> AnyCommand {
        AnyCommand(
            "version", "Show the version information of client and engine", usage: "[OPTIONS]", arity: .none,
            flags: {
                [.value("format", short: "f", "Format output using a custom template:\n'json': JSON on one line\n'TEMPLATE': the given Go template")]
            },
            action: version)
    }

    @Sendable private static func version(_ session: Session) async throws -> Int32 {
        let platform = Platform.host, context = try session.engine().context
        var server: SystemVersion?
        var problem: (any Error)?
        do { server = try await session.client().version() } catch { problem = error }
        let format = session.flags.string("format")
        if !format.isEmpty {
            var client = JSONObject()
            client.append("Version", .string(ClientVersion.number))
            client.append("ApiVersion", .string(ClientVersion.api))
            client.append("DefaultAPIVersion", .string(ClientVersion.api))
            client.append("GitCommit", .string(ClientVersion.build))
            client.append("GoVersion", .string(""))
            client.append("Os", .string(platform.os))
            client.append("Arch", .string(platform.architecture))
            client.append("BuildTime", .string(""))
            client.append("Context", .string(context))
            let value = JSONValue.object(["Client": .object(client), "Server": try server.map { try JSONValue(encoding: $0) } ?? .null])
            try Formatted.print(
                value, format, type: "system.versionInfo", members: ["Client": "system.clientVersion", "Server": "*types.Version"], name: "version")
            if let problem { throw problem }
            return 0
        }
        var text = """
            Client:
             Version:           \(ClientVersion.number)
             API version:       \(ClientVersion.api)
             Git commit:        \(ClientVersion.build)
             OS/Arch:           \(platform.os)/\(platform.architecture)
             Context:           \(context)

            """
        if let server {
            text += "\nServer:\(server.platform.name.isEmpty ? "" : " \(server.platform.name)")\n"
            let components = server.components ?? [ComponentVersion(name: "Engine", version: server.version)]
            for component in components {
                text += " \(component.name):\n  Version:          \(component.version)\n"
                let details = component.details ?? [:]
                func line(_ title: String, _ key: String, _ value: String? = nil) {
                    guard let shown = value ?? details[key], !shown.isEmpty else { return }
                    text += "  \(title):\(String(repeating: " ", count: max(1, 17 - title.count)))\(shown)\n"
                }
                if component.name == "Engine" {
                    let minimum = details["MinAPIVersion"] ?? server.minAPIVersion
                    line("API version", "ApiVersion", "\(details["ApiVersion"] ?? server.apiVersion) (minimum version \(minimum))")
                    line("Git commit", "GitCommit", details["GitCommit"] ?? server.gitCommit)
                    line("Built", "BuildTime", details["BuildTime"] ?? server.buildTime)
                    line("OS/Arch", "", "\(details["Os"] ?? server.os)/\(details["Arch"] ?? server.arch)")
                    line("Experimental", "", details["Experimental"] ?? "\(server.experimental)")
                } else {
                    for key in details.keys.sorted() { line(key, key) }
                }
            }
        }
        Console.output(text)
        if let problem { throw problem }
        return 0
    }
}

/// Output of one object through `--format`.
enum Formatted {
    /// `types`: the Go type of the object and, by their names, of its members. `name` is the template's.
    static func print(_ value: JSONValue, _ format: String, type: String, members: [String: String] = [:], name: String = "") throws {
        if format == "json" { return Console.output(value.compactText + "\n") }
        let template: Template
        do throws(TemplateError) { template = try Template(format) } catch { throw Exit(64, "template parsing error: \(named(error, name))") }
        var options = Inspection.options
        (options.typeName, options.memberTypes) = (type, members)
        do throws(TemplateError) {
            Console.output(try template.render(value, options) + "\n")
        } catch {
            // As Docker has it: the line that would have been.
            Console.output("\n")
            throw Exit(1, named(error, name))
        }
    }

    private static func named(_ error: TemplateError, _ name: String) -> String {
        let parts = "\(error)".split(separator: "template: :", maxSplits: 1, omittingEmptySubsequences: false).joined(separator: "template: \(name):")
        return parts.split(separator: #"executing """#, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: #"executing "\#(name)""#)
    }
}
