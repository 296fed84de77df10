package import DockerAPI
internal import Diagnostics
internal import Dockerfile
internal import JSON
internal import Values

// Questions that BuildKit calls subrequests: its packages `frontend/subrequests/{lint,outline,targets}` have the documents' forms.
extension Build {
    /// Does what was asked for: answers a question about the Dockerfile by a message, or builds.
    package func perform(_ send: BuildSink) async throws {
        if request.inputs.question.isEmpty {
            _ = try await run()
        } else {
            defer { close() }
            var message = JSONMessage()
            message.answer = try answer(request.inputs.question)
            try send(message)
        }
    }

    /// Answers a question about the Dockerfile.
    package func answer(_ question: String) throws -> BuildAnswer {
        switch question {
        case "lint": try lint()
        case "targets": stageList()
        case "outline": outline()
        default: throw Fault(.invalid, "unsupported request frontend.\(question)")
        }
    }

    private func lint() throws -> BuildAnswer {
        let warnings = try warnings(ofAll: true)
        let list = warnings.map { warning in
            JSONValue.object([
                "ruleName": .string(warning.rule.rawValue), "description": .string(warning.rule.description), "url": .string(warning.rule.address),
                "detail": .string(warning.detail), "location": Self.location(warning.lines),
            ])
        }
        let source: JSONObject = ["filename": .string(context.name), "data": data, "language": .string("Dockerfile")]
        let text = warnings.map { "\nWARNING: \($0.rule.rawValue) - \($0.rule.address)\n\($0.detail)\n\(context.excerpt($0.lines))" }.joined()
        return BuildAnswer(document: Self.text(["warnings": .array(list), "sources": .array([.object(source)])]), text: text, warnings: warnings.count)
    }

    private func stageList() -> BuildAnswer {
        let file = context.dockerfile, end = targets[0].graph.needed.last
        var rows = [["TARGET", "DESCRIPTION"]]
        let list = file.stages.enumerated().map { index, stage in
            var target: JSONObject = [:]
            let description = Self.description(of: stage), isDefault = index == end
            if let name = stage.name { target["name"] = .string(name) }
            if isDefault { target["default"] = .bool(true) }
            if !description.isEmpty { target["description"] = .string(description) }
            target["base"] = .string(stage.base)
            if let platform = stage.platform { target["platform"] = .string(platform) }
            target["location"] = Self.location(stage.line...stage.line)
            rows.append([stage.name.map { isDefault ? "\($0) (default)" : $0 } ?? (isDefault ? "(default)" : ""), description])
            return JSONValue.object(target)
        }
        return BuildAnswer(document: Self.text(["targets": .array(list), "sources": .array([data])]), text: Self.table(rows, gap: 1))
    }

    private func outline() -> BuildAnswer {
        let target = targets[0], file = context.dockerfile
        var document: JSONObject = [:], text = "", arguments: [[String]] = [], secrets: [[String]] = [], agents: [[String]] = [], caches: [String] = []
        if let stage = target.graph.needed.last.map({ file.stages[$0] }) {
            let description = Self.description(of: stage)
            if let name = stage.name { document["name"] = .string(name) }
            if !description.isEmpty { document["description"] = .string(description) }
            if stage.name != nil { text += "TARGET:\t \(stage.name ?? "")\n" + (description.isEmpty ? "" : "DESCRIPTION: \(description)\n") + "\n" }
        }
        var known = target.arguments
        for instruction in file.arguments + target.graph.needed.flatMap({ file.stages[$0].instructions }) {
            let here = known, expansion = Expansion(escape: file.directives.escape) { here[$0] ?? here.global($0) }
            // What cannot be expanded the build tells of.
            switch (try? instruction.action.withoutDefaults(here.isGiven).expanded(expansion.word, document: expansion.document)) ?? instruction.action {
            case .argument(let list):
                for argument in list { _ = known.declare(argument) }
                for argument in list where !arguments.contains(where: { $0[0] == argument.name }) {
                    arguments.append([argument.name, (request.arguments[argument.name] ?? nil) ?? argument.value ?? target.arguments.global(argument.name) ?? "", ""])
                }
            case .run(let run):
                for mount in run.mounts {
                    switch mount.kind {
                    case .secret: secrets.append([mount.secretID, mount.isRequired ? "true" : ""])
                    case .ssh: agents.append([mount.agentID, mount.isRequired ? "true" : ""])
                    case .cache: caches.append(mount.id.isEmpty ? mount.target : mount.id)
                    default: break
                    }
                }
            default: break
            }
        }
        func named(_ row: [String]) -> JSONValue { .object(row[1].isEmpty ? ["name": .string(row[0])] : ["name": .string(row[0]), "required": .bool(true)]) }
        if !arguments.isEmpty {
            document["args"] = .array(arguments.map { .object($0[1].isEmpty ? ["name": .string($0[0])] : ["name": .string($0[0]), "value": .string($0[1])]) })
            text += Self.table([["BUILD ARG", "VALUE", "DESCRIPTION"]] + arguments, gap: 3) + "\n"
        }
        for (name, title, rows) in [("secrets", "SECRET", secrets), ("ssh", "SSH", agents)] where !rows.isEmpty {
            document[name] = .array(rows.map(named))
            text += Self.table([[title, "REQUIRED"]] + rows, gap: 3) + "\n"
        }
        if !caches.isEmpty { document["cache"] = .array(caches.map { .object(["ID": .string($0)]) }) }
        document["sources"] = .array([data])
        return BuildAnswer(document: Self.text(document), text: text)
    }

    // MARK: Forms

    private var data: JSONValue { .string(Base64.encode(Array(context.text.utf8))) }

    private static func text(_ document: JSONObject) -> String { String(decoding: JSONValue.object(document).indented(by: "  "), as: UTF8.self) }

    /// Lines, as BuildKit's messages have them.
    private static func location(_ lines: ClosedRange<Int>) -> JSONValue {
        .object(["ranges": .array([.object(["start": .object(["line": JSONValue(lines.lowerBound)]), "end": .object(["line": JSONValue(lines.upperBound)])])])])
    }

    /// What the comment above it says of it: `# name what it is`.
    private static func description(of stage: Dockerfile.Stage) -> String {
        guard let name = stage.name, stage.comment.lowercased().hasPrefix("\(name) ") else { return "" }
        return String(stage.comment.dropFirst(name.count + 1))
    }

    /// Columns, with spaces between them but none at the end of the last one.
    private static func table(_ rows: [[String]], gap: Int) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { $0 == row.count - 1 ? $1 : $1 + String(repeating: " ", count: widths[$0] - $1.count + gap) }.joined() + "\n"
        }.joined()
    }
}
