/// How many arguments a command takes.
package enum Arity: Sendable {
    case any, none
    case exactly(Int), atLeast(Int), atMost(Int)
    case between(Int, Int)

    /// What is wrong with a number of arguments, in Docker's words; `seeHelp` picks the closing line that Docker has for it.
    func problem(_ count: Int) -> (text: String, seeHelp: Bool)? {
        func arguments(_ number: Int) -> String { number == 1 ? "1 argument" : "\(number) arguments" }
        switch self {
        case .any: return nil
        case .none: return count == 0 ? nil : ("accepts no arguments", false)
        case .exactly(let wanted): return count == wanted ? nil : ("requires \(arguments(wanted))", false)
        case .atLeast(let least): return count >= least ? nil : ("requires at least \(arguments(least))", true)
        case .atMost(let most): return count <= most ? nil : ("requires at most \(arguments(most))", false)
        case .between(let least, let most):
            return (least...most).contains(count) ? nil : ("requires at least \(least) and at most \(arguments(most))", false)
        }
    }
}

/// What the arguments of a command name, for shell completion.
package enum Subject: Sendable {
    case nothing, files, containers, runningContainers, images, volumes, networks, services, contexts
}

/// A command or a group of them. Flags and subcommands are made only when asked for, so that a whole tree costs little to build.
package struct Command<Action: Sendable>: Sendable {
    /// Where help lists it.
    package enum Category: String, Sendable {
        case common = "Common Commands"
        case management = "Management Commands"
        case other = "Commands"
    }

    package var name: String
    package var aliases: [String] = []
    /// Every full form (`container ls`, `ps`), when there is more than one.
    package var synonyms: [String] = []
    package var category = Category.other
    package var isHidden = false
    /// One line, shown in lists and on top of help.
    package var summary: String
    /// What follows the name: `[OPTIONS] CONTAINER`; a line for each form.
    package var usage: String
    package var arity: Arity
    /// Whether flags may follow arguments; false where the arguments are a command line of their own.
    package var isInterspersed = true
    package var subject = Subject.nothing
    /// More text for help.
    package var details = ""
    package var flags: @Sendable () -> [Flag]
    package var subcommands: @Sendable () -> [Command]
    /// nil for groups.
    package var action: Action?

    /// A command that does something.
    package init(
        _ name: String, aliases: [String] = [], synonyms: [String] = [], _ summary: String, usage: String, arity: Arity, interspersed: Bool = true,
        subject: Subject = .nothing, flags: @escaping @Sendable () -> [Flag] = { [] }, action: Action
    ) {
        self.name = name
        self.aliases = aliases
        self.synonyms = synonyms
        self.summary = summary
        self.usage = usage
        self.arity = arity
        self.isInterspersed = interspersed
        self.subject = subject
        self.flags = flags
        self.subcommands = { [] }
        self.action = action
    }

    /// A group of commands.
    package init(
        group name: String, _ summary: String, usage: String = "COMMAND", flags: @escaping @Sendable () -> [Flag] = { [] },
        subcommands: @escaping @Sendable () -> [Command]
    ) {
        self.name = name
        self.summary = summary
        self.usage = usage
        self.arity = .any
        self.category = .management
        self.flags = flags
        self.subcommands = subcommands
    }

    /// What follows `Usage:` when the command is called as `path`.
    func invocation(_ path: String) -> String {
        usage.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? path : "\(path) \($0)" }.joined(separator: "\n\t")
    }

    /// The same command under another name, as `ps` is `container ls`.
    package func named(_ name: String, _ category: Category = .other) -> Command {
        var command = self
        command.name = name
        command.aliases = []
        command.category = category
        return command
    }

    package func hidden() -> Command {
        var command = self
        command.isHidden = true
        return command
    }

    func answers(to word: String) -> Bool { name == word || aliases.contains(word) }
}
