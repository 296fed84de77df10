extension Parser {
    /// What `--help` prints of a command, in Docker's layout.
    package func help(_ command: Command<Action>, _ path: String) -> String {
        let flags = command.flags().filter { !$0.isHidden && $0.unsupported == nil }
        let isRoot = path == program
        var text = "Usage:  \(isRoot ? "\(path) [OPTIONS] COMMAND" : command.invocation(path))\n\n\(command.summary)\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        if command.synonyms.count > 1 {
            text += "\nAliases:\n  \(command.synonyms.map { "\(program) \($0)" }.joined(separator: ", "))\n"
        } else if !command.aliases.isEmpty, command.action != nil {
            let parent = path.split(separator: " ").dropLast().joined(separator: " ")
            text += "\nAliases:\n  \(([command.name] + command.aliases).map { "\(parent) \($0)" }.joined(separator: ", "))\n"
        }
        let subcommands = command.subcommands().filter { !$0.isHidden }
        let categories: [Command<Action>.Category] = isRoot ? [.common, .management, .other] : [.other]
        let column = max(11, (subcommands.map(\.name.count).max() ?? 0) + 1)
        for category in categories {
            // Docker keeps the common commands in order of use and sorts the others.
            var members = subcommands.filter { !isRoot || $0.category == category }
            if category != .common { members.sort { $0.name < $1.name } }
            if members.isEmpty { continue }
            text += "\n\(category.rawValue):\n"
            for member in members { text += "  \(member.name)\(spaces(column - member.name.count)) \(member.summary)\n" }
        }
        if !flags.isEmpty { text += "\n\(isRoot ? "Global Options" : "Options"):\n\(describe(flags))" }
        if !subcommands.isEmpty { text += "\nRun '\(path) COMMAND --help' for more information on a command.\n" }
        return text
    }

    private func describe(_ flags: [Flag]) -> String {
        let heads = flags.sorted { $0.name < $1.name }.map { flag in
            let type = flag.typeName.isEmpty ? "" : " \(flag.typeName)"
            return (flag.short.map { "  -\($0), --" } ?? "      --") + flag.name + type
        }
        let column = (heads.map(\.count).max() ?? 0) + 3
        var text = ""
        for (head, flag) in zip(heads, flags.sorted { $0.name < $1.name }) {
            var help = flag.help
            if !flag.defaultValue.isEmpty {
                help += flag.typeName == "string" ? " (default \(Syntax.quoted(flag.defaultValue)))" : " (default \(flag.defaultValue))"
            }
            let lines = wrapped(help, to: max(24, width - column - 1))
            text += head + spaces(column - head.count) + lines.joined(separator: "\n" + spaces(column)) + "\n"
        }
        return text
    }

    private func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
                if !line.isEmpty, line.count + 1 + word.count > width {
                    lines.append(line)
                    line = String(word)
                } else {
                    line += (line.isEmpty ? "" : " ") + word
                }
            }
            lines.append(line)
        }
        return lines
    }
}

func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
