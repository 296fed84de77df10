internal import Archive
internal import Arguments
internal import Compose
internal import ComposeFile
internal import JSON
internal import Linux
internal import OCI
internal import Templates
internal import YAML

extension ComposeCommands {
    static func config() -> AnyCommand {
        command(
            "config", aliases: ["convert"], "Parse, resolve and render compose file in canonical format", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("environment", "Print environment used for interpolation."), .value("format", "Format the output. Values: [yaml | json]"),
                    .value("hash", "Print the service config hash, one per line."), .bool("images", "Print the image names, one per line."),
                    .bool("lock-image-digests", "Produces an override file with image digests").unsupported("images are not looked up in registries here yet"),
                    .bool("models", "Print the model names, one per line."), .bool("networks", "Print the network names, one per line."),
                    .bool("no-consistency", "Don't check model consistency - warning: may produce invalid Compose output"),
                    .bool("no-env-resolution", "Don't resolve service env files"), .bool("no-interpolate", "Don't interpolate environment variables"),
                    .bool("no-normalize", "Don't normalize compose model"), .bool("no-path-resolution", "Don't resolve file paths"),
                    .value("output", short: "o", "Save to file (default to stdout)"), .bool("profiles", "Print the profile names, one per line."),
                    .bool("quiet", short: "q", "Only validate the configuration, don't print anything"),
                    .bool("resolve-image-digests", "Pin image tags to digests").unsupported("images are not looked up in registries here yet"),
                    .bool("services", "Print the service names, one per line."), .bool("variables", "Print model variables and default values."),
                    .bool("volumes", "Print the volume names, one per line."),
                ]
            },
            action: { try Config(compose: $0).run() })
    }
}

/// `compose config`.
private struct Config {
    let compose: ComposeSession
    var flags: FlagValues { compose.flags }

    func run() throws -> Int32 {
        if flags.bool("environment") {
            let environment = try compose.files.source(warn: compose.warn).environment
            return lines(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        }
        if flags.bool("variables") { return try variables() }
        let isPlain = flags.bool("no-interpolate")
        if isPlain, !compose.arguments.isEmpty {
            compose.warn("service filtering is not applied when --no-interpolate is set, the full model will be rendered")
        }
        let project = try compose.project(flags.isSet("hash") || isPlain ? [] : compose.arguments) { source in
            source.interpolates = !isPlain
            source.normalizes = !flags.bool("no-normalize")
            source.resolvesPaths = !flags.bool("no-path-resolution")
            source.checksConsistency = !flags.bool("no-consistency") && source.interpolates
            source.resolvesEnvironment = !flags.bool("no-env-resolution") && source.interpolates
        }
        if flags.bool("quiet") { return 0 }
        if flags.bool("services") { return lines(project.services.keys.sorted()) }
        if flags.bool("volumes") { return lines(project.volumes.keys.sorted()) }
        if flags.bool("networks") { return lines(project.networks.keys.sorted()) }
        if flags.bool("models") { return lines(project.models.keys.sorted().compactMap { project.models[$0]?["model"]?.string }) }
        if flags.bool("profiles") {
            return lines(Set((Array(project.services.values) + Array(project.disabled.values)).flatMap(\.profiles)).sorted())
        }
        if flags.bool("images") {
            let separator = compose.separator(project.environment)
            return lines(project.services.keys.sorted().map { project.image(of: $0, separator: separator) })
        }
        if let wanted = flags.optional("hash") { return try hashes(project, wanted) }
        return try document(project)
    }

    private func lines(_ lines: [String]) -> Int32 {
        Console.output(lines.map { $0 + "\n" }.joined())
        return 0
    }

    private func hashes(_ project: ComposeProject, _ wanted: String) throws -> Int32 {
        let names = wanted == "*" ? project.services.keys.sorted() : wanted.split(separator: ",").map(String.init).sorted()
        for name in names {
            guard let service = project.services[name] else { throw ComposeFileError("no such service: \(name)") }
            compose.session.print("\(name) \(ContentHasher.digest(ConfigHash.text(service)).hex)")
        }
        return 0
    }

    private func document(_ project: ComposeProject) throws -> Int32 {
        let isPlain = flags.bool("no-interpolate")
        var text: String
        switch flags.string("format") {
        case "json": text = isPlain ? String(decoding: project.plainDocument.indented(by: "  "), as: UTF8.self) : project.jsonText
        case "", "yaml": text = YAMLText.render(isPlain ? project.plainDocument : project.readableDocument)
        default: throw Exit(1, "unsupported format \(Syntax.quoted(flags.string("format")))")
        }
        // What is shown may be read again, where a dollar begins a variable.
        if !isPlain { text = text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$") }
        if let path = flags.optional("output"), !path.isEmpty {
            try FileSystem.replace(path, with: Array(text.utf8))
        } else {
            Console.output(text)
        }
        return 0
    }

    private func variables() throws -> Int32 {
        if !compose.arguments.isEmpty {
            compose.warn("service filtering is not applied when --variables is set, variables from the full model will be rendered")
        }
        let rows = try ComposeVariable.all(in: compose.files.source(warn: compose.warn).files.map(\.text))
        let table = ["NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE"] + rows.map { "\($0.name)\t\($0.isRequired)\t\($0.fallback)\t\($0.alternative)" }
        switch flags.string("format") {
        case "json":
            var all = JSONObject()
            for row in rows { all.append(row.name, .object(row.document)) }
            Console.output(JSONValue.object(all).indented() + [10])
        case "yaml":
            for row in rows {
                Console.output("\(row.name):\n" + row.document.members.map { "    \($0.name.lowercased()): \(YAMLText.render($0.value))" }.joined())
            }
        default: Console.output(Table.aligned(table.map { $0 + "\n" }.joined()))
        }
        return 0
    }
}
