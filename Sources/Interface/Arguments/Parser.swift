/// A command line that makes no sense: what to print on standard error, and the exit code.
package struct UsageFailure: Error, Sendable, Hashable {
    package var text: String
    package var exitCode: Int32
}

/// A command to carry out.
package struct Invocation<Action: Sendable>: Sendable {
    package var command: Command<Action>
    /// `docker container ls`.
    package var path: String
    /// The flags before the command's name.
    package var globals: FlagValues
    /// The flags between a group's name and the command's.
    package var groupFlags: FlagValues
    package var flags: FlagValues
    package var arguments: [String]
}

/// What a command line asks for.
package enum Outcome<Action: Sendable>: Sendable {
    case run(Invocation<Action>)
    /// Asked for, so it goes to standard output; or shown because nothing else was said, and goes to standard error.
    case help(String, wasAskedFor: Bool)
    /// The global flag `--version`.
    case version
    /// The first argument is no command's name, but may be that of another program; what is wrong if it is not.
    case unknown(Invocation<Action>, UsageFailure)
}

/// Reads command lines as Docker's CLI does (spf13/pflag's rules): clusters of short flags, `--name=value` and `--name value`,
/// `--` ends flags, flags may follow arguments unless the command says otherwise.
package struct Parser<Action: Sendable>: Sendable {
    /// The first word of every message: `docker` or `davit`.
    package var program: String
    package var root: Command<Action>
    /// Columns that help may take.
    package var width: Int

    package init(program: String, root: Command<Action>, width: Int = 80) {
        self.program = program
        self.root = root
        self.width = width
    }

    package func parse(_ arguments: [String]) throws(UsageFailure) -> Outcome<Action> {
        var scan = Scan(root.flags(), isInterspersed: false)
        try read(arguments, with: &scan, program, "\(program) [OPTIONS] COMMAND [ARG...]")
        let globals = scan.values
        if scan.values.bool("version") { return .version }
        if scan.wantsHelp { return .help(help(root, program), wasAskedFor: true) }
        var words = scan.arguments[...]
        guard !words.isEmpty else { return .help(help(root, program), wasAskedFor: false) }
        let asksHelp = words.first == "help"
        if asksHelp { words = words.dropFirst() }

        var command = root
        var path = program
        var groupFlags = FlagValues()
        while command.action == nil {
            if !asksHelp, path != program {
                var scan = Scan(command.flags(), isInterspersed: false)
                try read(Array(words), with: &scan, path, command.invocation(path))
                words = scan.arguments[...]
                if scan.wantsHelp { return .help(help(command, path), wasAskedFor: true) }
                groupFlags = scan.values
                if groupFlags.bool("version") { words = ["version"] }
            }
            guard let word = words.first else { return .help(help(command, path), wasAskedFor: asksHelp) }
            let subcommands = command.subcommands()
            guard let next = subcommands.indices.first(where: { subcommands[$0].answers(to: word) }).map({ subcommands[$0] }) else {
                // As Docker: help of a group is shown even when asked of a subcommand that it does not have.
                if path != program, words.contains("--help") { return .help(help(command, path), wasAskedFor: true) }
                var failure = unknownCommand(word, command, path)
                guard path == program else { throw failure }
                if asksHelp {
                    failure = UsageFailure(text: "unknown help topic: \(word)\n", exitCode: 1)
                } else if words.contains("--help") {
                    failure = UsageFailure(text: help(root, program), exitCode: 0)
                }
                let invocation = Invocation(command: root, path: path, globals: globals, groupFlags: groupFlags, flags: groupFlags, arguments: Array(words))
                return .unknown(invocation, failure)
            }
            command = next
            path += " \(word)"
            words = words.dropFirst()
        }
        if asksHelp { return .help(help(command, path), wasAskedFor: true) }
        var own = Scan(command.flags(), isInterspersed: command.isInterspersed)
        try read(Array(words), with: &own, path, command.invocation(path))
        if own.wantsHelp {
            let note = own.usedShortHelp ? "Flag shorthand -h has been deprecated, use --help\n" : ""
            return .help(note + help(command, path), wasAskedFor: true)
        }
        if let (problem, seeHelp) = command.arity.problem(own.arguments.count) {
            throw UsageFailure(
                text: """
                    \(program): '\(path)' \(problem)

                    Usage:  \(command.invocation(path))

                    \(seeHelp ? "See" : "Run") '\(path) --help' for more information

                    """, exitCode: 1)
        }
        return .run(Invocation(command: command, path: path, globals: globals, groupFlags: groupFlags, flags: own.values, arguments: own.arguments))
    }

    private func read(_ words: [String], with scan: inout Scan, _ path: String, _ usage: @autoclosure () -> String) throws(UsageFailure) {
        do throws(FlagProblem) {
            try scan.read(words)
        } catch {
            throw UsageFailure(
                text: """
                    \(error.text)

                    Usage:  \(usage())

                    Run '\(path) --help' for more information

                    """, exitCode: 125)
        }
    }

    private func unknownCommand(_ word: String, _ command: Command<Action>, _ path: String) -> UsageFailure {
        var text = "\(program): unknown command: \(path) \(word)\n\n"
        if path != program { text += "Usage:  \(path)\n\n" }
        let names = command.subcommands().filter { !$0.isHidden }.flatMap { [$0.name] + $0.aliases }
        let near = Syntax.suggestions(for: word, among: names)
        if !near.isEmpty { text += "Did you mean \(near.count == 1 ? "this" : "one of these")?\n\(near.map { "\t\($0)\n" }.joined())\n" }
        return UsageFailure(text: text + "Run '\(path) --help' for more information\n", exitCode: 1)
    }
}

/// What is wrong with a flag, in pflag's words.
struct FlagProblem: Error {
    var text: String
}

/// One pass over a command's words.
struct Scan {
    private let flags: [Flag]
    private let isInterspersed: Bool
    private(set) var values: FlagValues
    private(set) var arguments: [String] = []
    private(set) var wantsHelp = false
    private(set) var usedShortHelp = false

    init(_ flags: [Flag], isInterspersed: Bool) {
        self.flags = flags
        self.isInterspersed = isInterspersed
        values = FlagValues(flags)
    }

    mutating func read(_ words: [String]) throws(FlagProblem) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                return
            }
            if word.hasPrefix("--") {
                try long(word, &rest)
            } else if word.hasPrefix("-"), word.count > 1 {
                try cluster(word, &rest)
            } else {
                arguments.append(word)
                if !isInterspersed {
                    arguments += rest
                    return
                }
            }
        }
    }

    private mutating func long(_ word: String, _ rest: inout ArraySlice<String>) throws(FlagProblem) {
        let body = word.dropFirst(2)
        let equals = body.firstIndex(of: "=")
        let name = String(body[..<(equals ?? body.endIndex)])
        guard !name.isEmpty, name.first != "-" else { throw FlagProblem(text: "bad flag syntax: \(word)") }
        let inline = equals.map { String(body[body.index(after: $0)...]) }
        guard let flag = flags.first(where: { $0.name == name }) else {
            if name == "help" {
                guard let isWanted = Syntax.bool(inline ?? "true") else {
                    throw FlagProblem(text: Self.invalid(inline ?? "", "--help", Syntax.goError("ParseBool", inline ?? "")))
                }
                wantsHelp = isWanted
                return
            }
            let near = Syntax.suggestions(for: name, among: flags.filter { !$0.isHidden }.map(\.name) + ["help"])
            let hint = near.isEmpty ? "" : "\n\nDid you mean \(near.count == 1 ? "this" : "one of these")?\n" + near.map { "\t--\($0)" }.joined(separator: "\n")
            throw FlagProblem(text: "unknown flag: --\(name)\(hint)")
        }
        if let inline {
            try set(flag, inline)
        } else if let bare = flag.kind == .bool ? "true" : flag.valueWhenBare {
            try set(flag, bare)
        } else if let next = rest.popFirst() {
            try set(flag, next)
        } else {
            throw FlagProblem(text: "flag needs an argument: --\(name)")
        }
    }

    private mutating func cluster(_ word: String, _ rest: inout ArraySlice<String>) throws(FlagProblem) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = flags.first(where: { $0.short == letter }) else {
                if letter == "h" {
                    (wantsHelp, usedShortHelp) = (true, true)
                    continue
                }
                throw FlagProblem(text: "unknown shorthand flag: '\(letter)' in -\(letter)\(letters)")
            }
            if letters.first == "=", letters.count > 1 {
                return try set(flag, String(letters.dropFirst()))
            } else if let bare = flag.kind == .bool ? "true" : flag.valueWhenBare {
                try set(flag, bare)
            } else if !letters.isEmpty {
                return try set(flag, String(letters))
            } else if let next = rest.popFirst() {
                try set(flag, next)
            } else {
                throw FlagProblem(text: "flag needs an argument: '\(letter)' in -\(letter)\(letters)")
            }
        }
    }

    private mutating func set(_ flag: Flag, _ value: String) throws(FlagProblem) {
        if let problem = flag.problem(value) {
            throw FlagProblem(text: Self.invalid(value, flag.displayName, problem))
        }
        // Who says that he does not want it gets what he wants.
        if let reason = flag.unsupported, flag.kind != .bool || Syntax.bool(value) != false { throw FlagProblem(text: "--\(flag.name) is not supported: \(reason)") }
        values.set(flag, value)
    }

    private static func invalid(_ value: String, _ flag: String, _ problem: String) -> String {
        "invalid argument \(Syntax.quoted(value)) for \"\(flag)\" flag: \(problem)"
    }
}
