/// What is known of a stage while its instructions are checked.
struct StageChecks {
    /// Nil when its image's is not known: then any variable may be there.
    private var environment: [String: String]?
    private var arguments: [String: String] = [:]
    private var hasShell = false, hasDirectory = false
    /// The lines of the last `CMD`, `ENTRYPOINT` and `HEALTHCHECK`.
    private var last: [String: ClosedRange<Int>] = [:]

    init(_ environment: [String: String]?) { self.environment = environment }

    /// How a stage begins that is made of this one.
    var child: StageChecks {
        var child = self
        child.last = [:]
        return child
    }

    mutating func check(_ stage: Dockerfile.Stage, _ given: [String: String?], _ automatic: [String: String], _ checker: inout Checker) {
        for instruction in stage.instructions {
            let lines = instruction.line...max(instruction.line, instruction.lastLine), written = String(instruction.source.prefix { !$0.isSpace })
            // What cannot be expanded fails the build.
            guard let action = expanded(instruction, lines, &checker) else { continue }
            switch action {
            case .argument(let list):
                for argument in list {
                    warnOfSecret("ARG", argument.name, lines, &checker)
                    arguments[argument.name] = (given[argument.name] ?? nil) ?? argument.value ?? automatic[argument.name] ?? ""
                }
            case .environment(let pairs):
                warnOfOldForm(instruction, written, lines, &checker)
                for pair in pairs {
                    warnOfSecret("ENV", pair.name, lines, &checker)
                    environment?[pair.name] = pair.value
                }
            case .label: warnOfOldForm(instruction, written, lines, &checker)
            case .maintainer: checker.warn(.maintainerDeprecated, "Maintainer instruction is deprecated in favor of using label", lines)
            case .shell: hasShell = true
            case .workingDirectory(let path):
                if !hasDirectory, !path.hasPrefix("/") {
                    checker.warn(.workdirRelativePath, "Relative workdir \(Words.quoted(path)) can have unexpected results if the base image changes", lines)
                }
                hasDirectory = true
            case .command(let command), .entrypoint(let command):
                warnOfOthers(instruction.keyword, written, lines, &checker)
                if command.isShell, !hasShell {
                    checker.warn(.jsonArgsRecommended, "JSON arguments recommended for \(written) to prevent unintended behavior related to OS signals", lines)
                }
            case .health: warnOfOthers(instruction.keyword, written, lines, &checker)
            case .copy(let copy): check(copy, lines, &checker)
            case .expose(let ports): for port in ports { check(port, lines, &checker) }
            default: break
            }
        }
    }

    private func expanded(_ instruction: Instruction, _ lines: ClosedRange<Int>, _ checker: inout Checker) -> Action? {
        var unknown: [String] = []
        let (environment, arguments) = (environment, arguments), escape = checker.file.directives.escape
        let action = withoutActuallyEscaping({ (name: String) -> String? in
            if let value = environment?[name] ?? arguments[name] { return value }
            if !unknown.contains(name) { unknown.append(name) }
            return nil
        }) { value in
            let expansion = Expansion(escape: escape, value)
            // The build tells why.
            return try? instruction.action.expanded(expansion.word, document: expansion.document)
        }
        guard let environment else { return action }
        for name in unknown {
            checker.warn(.undefinedVar, "Usage of undefined variable '$\(name)'\(Checker.suggestion(name, among: Array(environment.keys) + arguments.keys, "$"))", lines)
        }
        return action
    }

    /// Only the last one counts.
    private mutating func warnOfOthers(_ keyword: String, _ written: String, _ lines: ClosedRange<Int>, _ checker: inout Checker) {
        if let before = last.updateValue(lines, forKey: keyword) {
            checker.warn(
                .multipleInstructionsDisallowed, "Multiple \(written) instructions should not be used in the same stage because only the last one will be used", before)
        }
    }

    /// `ENV a b` for `ENV a=b`.
    private func warnOfOldForm(_ instruction: Instruction, _ written: String, _ lines: ClosedRange<Int>, _ checker: inout Checker) {
        let first = Words.plain(instruction.source).dropFirst().first ?? ""
        if !first.contains("=") {
            checker.warn(.legacyKeyValueFormat, "\"\(written) key=value\" should be used instead of legacy \"\(written) key value\" format", lines)
        }
    }

    private static let secretWords: Set<Substring> = ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"]
    private static let openWords: Set<Substring> = ["public", "file", "version"]

    private func warnOfSecret(_ keyword: String, _ name: String, _ lines: ClosedRange<Int>, _ checker: inout Checker) {
        let words = Set(name.lowercased().split(separator: "_", omittingEmptySubsequences: false))
        if !words.isDisjoint(with: Self.secretWords), words.isDisjoint(with: Self.openWords) {
            checker.warn(.secretsUsedInArgOrEnv, "Do not use ARG or ENV instructions for sensitive data (\(keyword) \(Words.quoted(name)))", lines)
        }
    }

    private func check(_ copy: Copy, _ lines: ClosedRange<Int>, _ checker: inout Checker) {
        // An exception may be of a file in a directory that is left out.
        guard copy.from == nil, !checker.ignored.isEmpty, !checker.ignored.hasExceptions else { return }
        for source in copy.sources where !source.contains("://") && !source.hasPrefix("git@") {
            let path = source.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
            let isLeftOut = path.isEmpty ? !Set(checker.ignored.texts).isDisjoint(with: ["*", "**", "**/*"]) : checker.ignored.matches(path)
            if isLeftOut {
                checker.warn(
                    .copyIgnoredFile, "Attempting to \(copy.isAdd ? "Add" : "Copy") file \(Words.quoted(path.isEmpty ? "." : path)) that is excluded by .dockerignore", lines)
            }
        }
    }

    private func check(_ port: String, _ lines: ClosedRange<Int>, _ checker: inout Checker) {
        let parts = port.split(separator: "/", maxSplits: 1), protocolName = parts.dropFirst().first ?? ""
        if protocolName != protocolName.lowercased() {
            checker.warn(.exposeProtoCasing, "Defined protocol '\(port)' in EXPOSE instruction should be lowercase", lines)
        }
        if parts.first?.contains(":") == true {
            checker.warn(.exposeInvalidFormat, "EXPOSE instruction should not define an IP address or host-port mapping, found '\(port)'", lines)
        }
    }
}
