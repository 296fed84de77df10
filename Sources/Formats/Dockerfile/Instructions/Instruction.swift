/// One instruction of a Dockerfile.
package struct Instruction: Sendable, Hashable {
    /// As it is written, on one line and without comments; here-documents follow on lines of their own.
    package var source: String
    /// The first line, counted from 1.
    package var line: Int
    package var lastLine: Int
    package var action: Action

    package init(source: String, line: Int, lastLine: Int, action: Action) {
        self.source = source
        self.line = line
        self.lastLine = lastLine
        self.action = action
    }

    /// Its name in capitals.
    package var keyword: String { source.prefix { !$0.isWhitespace }.uppercased() }
}

/// What an instruction says.
package enum Action: Sendable, Hashable {
    case from(From)
    case argument([Argument])
    case run(Run)
    /// `COPY` and `ADD`.
    case copy(Copy)
    case command(CommandLine)
    case entrypoint(CommandLine)
    case shell([String])
    case environment([Pair])
    case label([Pair])
    case expose([String])
    case user(String)
    case workingDirectory(String)
    case volume([String])
    case stopSignal(String)
    case maintainer(String)
    case health(HealthCheck)
    /// The instruction as text.
    case onBuild(String)
}

/// `FROM`.
package struct From: Sendable, Hashable {
    package var base: String
    package var platform: String?
    package var name: String?
}

/// One of `ARG a b=c`.
package struct Argument: Sendable, Hashable {
    package var name: String
    package var value: String?

    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// `name=value`.
package struct Pair: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What is run: words as they are, or one text for the shell.
package struct CommandLine: Sendable, Hashable {
    package var words: [String]
    package var isShell: Bool

    package init(words: [String], isShell: Bool) {
        self.words = words
        self.isShell = isShell
    }

    /// With the shell before it that it needs.
    package func arguments(shell: [String]?) -> [String] { (isShell ? shell ?? ["/bin/sh", "-c"] : []) + words }
}

/// `RUN`.
package struct Run: Sendable, Hashable {
    package var command: CommandLine
    package var heredocs: [Heredoc] = []
    package var mounts: [RunMount] = []
    package var network: String?
    package var security: String?
}

/// `COPY` and `ADD`.
package struct Copy: Sendable, Hashable {
    package var isAdd: Bool
    /// Paths, and for `ADD` addresses.
    package var sources: [String]
    /// Files whose contents stand in the Dockerfile.
    package var heredocs: [Heredoc] = []
    package var destination: String
    /// The stage, image or context that the sources are in; nil for the build's own context.
    package var from: String?
    package var owner: String?
    package var mode: String?
    package var isLinked = false
    package var keepsParents = false
    package var excludes: [String] = []
    package var checksum: String?
    package var keepsGit: Bool?
    /// Whether archives are unpacked; nil: local ones are.
    package var unpacks: Bool?

    package init(isAdd: Bool, sources: [String], destination: String) { (self.isAdd, self.sources, self.destination) = (isAdd, sources, destination) }
}

/// `HEALTHCHECK`. Times in nanoseconds.
package struct HealthCheck: Sendable, Hashable {
    /// `NONE`; `CMD` with arguments; `CMD-SHELL` with a text.
    package var test: [String]
    package var interval: Int64 = 0
    package var timeout: Int64 = 0
    package var startPeriod: Int64 = 0
    package var startInterval: Int64 = 0
    package var retries = 0
}

extension Action {
    /// The same without defaults that nobody needs, of arguments that are given: those may say that one must be.
    package func withoutDefaults(_ isGiven: (String) -> Bool) -> Action {
        guard case .argument(let list) = self else { return self }
        return .argument(list.map { isGiven($0.name) ? Argument(name: $0.name, value: nil) : $0 })
    }

    /// The same with variables put in, where they are put in: not in commands, which are the shell's business.
    package func expanded(_ word: (String) throws(DockerfileError) -> String, document: (String) throws(DockerfileError) -> String) throws(DockerfileError) -> Action {
        func pairs(_ list: [Pair]) throws(DockerfileError) -> [Pair] {
            var result: [Pair] = []
            for pair in list { result.append(Pair(try word(pair.name), try word(pair.value))) }
            return result
        }
        func all(_ list: [String]) throws(DockerfileError) -> [String] {
            var result: [String] = []
            for text in list { result.append(try word(text)) }
            return result
        }
        func optional(_ text: String?) throws(DockerfileError) -> String? {
            guard let text else { return nil }
            return try word(text)
        }
        switch self {
        case .from, .command, .entrypoint, .shell, .maintainer, .health, .onBuild: return self
        case .argument(let list):
            var result: [Argument] = []
            for argument in list { result.append(Argument(name: try word(argument.name), value: try optional(argument.value))) }
            return .argument(result)
        case .run(var run):
            for index in run.mounts.indices { try run.mounts[index].expand(word) }
            return .run(run)
        case .copy(var copy):
            copy.sources = try all(copy.sources)
            copy.destination = try word(copy.destination)
            copy.owner = try optional(copy.owner)
            copy.mode = try optional(copy.mode)
            copy.checksum = try optional(copy.checksum)
            copy.excludes = try all(copy.excludes)
            for index in copy.heredocs.indices {
                let text = copy.heredocs[index].text
                copy.heredocs[index].content = copy.heredocs[index].expands ? try document(text) : text
                copy.heredocs[index].stripsTabs = false
            }
            return .copy(copy)
        case .environment(let list): return .environment(try pairs(list))
        case .label(let list): return .label(try pairs(list))
        case .expose(let list):
            // A variable may hold several.
            return .expose(try all(list).flatMap { Words.plain($0) })
        case .user(let text): return .user(try word(text))
        case .workingDirectory(let text): return .workingDirectory(try word(text))
        case .volume(let list): return .volume(try all(list))
        case .stopSignal(let text): return .stopSignal(try word(text))
        }
    }
}
