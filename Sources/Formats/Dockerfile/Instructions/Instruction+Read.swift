internal import Values

extension Instruction {
    /// Reads one instruction. Throws BuildKit's words, without a line.
    static func read(_ line: Line, escape: Unicode.Scalar) throws(DockerfileError) -> Instruction {
        let keyword = line.text.prefix { !$0.isSpace }
        let rest = String(line.text.dropFirst(keyword.count).drop(while: \.isSpace))
        let reading = Reading(keyword: keyword.uppercased(), rest: rest, escape: escape, heredocs: line.heredocs)
        let action = try reading.action()
        // Those of a trigger are part of it.
        let source = ([line.text] + line.heredocs.map { $0.content + $0.name }).joined(separator: "\n")
        return Instruction(source: source, line: line.number, lastLine: line.lastNumber, action: action)
    }
}

/// The text of one instruction on its way to be an action.
private struct Reading {
    private static let keywords = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER",
        "VOLUME", "WORKDIR",
    ]

    let keyword: String
    /// Without the keyword.
    let rest: String
    let escape: Unicode.Scalar
    let heredocs: [Heredoc]

    func action() throws(DockerfileError) -> Action {
        let (flags, text) = try Words.flags(rest, escape: escape)
        if !["FROM", "RUN", "COPY", "ADD", "HEALTHCHECK", "ONBUILD"].contains(keyword) { _ = try Flags(flags) }
        switch keyword {
        case "FROM": return .from(try from(flags, text))
        case "ARG": return .argument(try arguments(text))
        case "RUN": return .run(try run(flags, text))
        case "COPY", "ADD": return .copy(try copy(flags, text))
        case "CMD": return .command(try command(text))
        case "ENTRYPOINT": return .entrypoint(try command(text))
        case "SHELL":
            guard let words = try Words.json(text) else { throw DockerfileError("SHELL requires the arguments to be in JSON form") }
            guard !words.isEmpty else { throw DockerfileError("SHELL requires at least one argument") }
            return .shell(words)
        case "ENV": return .environment(try pairs(text))
        case "LABEL": return .label(try pairs(text))
        case "EXPOSE": return .expose(try several(Words.plain(text)))
        case "USER": return .user(try single(text))
        case "WORKDIR": return .workingDirectory(try single(text))
        case "VOLUME":
            let words = try several(try Words.json(text) ?? Words.plain(text)).map { Words.trimmed($0[...]) }
            if words.contains("") { throw DockerfileError("VOLUME specified can not be an empty string") }
            return .volume(words)
        case "STOPSIGNAL": return .stopSignal(try single(text))
        case "MAINTAINER": return .maintainer(try single(text))
        case "HEALTHCHECK": return .health(try health(flags, text))
        case "ONBUILD": return .onBuild(try trigger())
        default: throw DockerfileError("unknown instruction: \(keyword)" + Checker.suggestion(keyword, among: Self.keywords))
        }
    }

    // MARK: Arguments in general

    private func single(_ text: String) throws(DockerfileError) -> String {
        if text.isEmpty { throw DockerfileError("\(keyword) requires exactly one argument") }
        return text
    }

    private func several(_ words: [String]) throws(DockerfileError) -> [String] {
        if words.isEmpty { throw DockerfileError("\(keyword) requires at least one argument") }
        return words
    }

    /// The JSON form as it is, the other one for the shell.
    private func command(_ text: String) throws(DockerfileError) -> CommandLine {
        if let words = try Words.json(text) { return CommandLine(words: words, isShell: false) }
        return CommandLine(words: text.isEmpty ? [] : [text], isShell: !text.isEmpty)
    }

    /// `a=b "c=d e"`, or the old `a b c` that means a is `b c`.
    private func pairs(_ text: String) throws(DockerfileError) -> [Pair] {
        let words = Words.shell(text, escape: escape)
        guard let first = words.first else { throw DockerfileError("\(keyword) requires at least one argument") }
        guard first.contains("=") else {
            guard words.count > 1 else { throw DockerfileError("\(keyword) must have two arguments") }
            return [Pair(first, String(text.dropFirst(first.count).drop(while: \.isSpace)))]
        }
        var result: [Pair] = []
        for word in words {
            guard let (name, value) = word.cut("=") else {
                throw DockerfileError("Syntax error - can't find = in \(Words.quoted(word)). Must be of the form: name=value")
            }
            guard !name.isEmpty else { throw DockerfileError("\(keyword) names can not be blank") }
            result.append(Pair(name, value))
        }
        return result
    }

    // MARK: Instructions

    private func from(_ words: [String], _ text: String) throws(DockerfileError) -> From {
        let flags = try Flags(words, texts: ["platform"])
        let parts = Words.plain(text)
        var from = From(base: parts.first ?? "", platform: flags.text("platform"), name: nil)
        if parts.count == 3, parts[1].lowercased() == "as" {
            let name = parts[2].lowercased()
            guard let first = name.first, first.isASCII, first.isLetter,
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
            else { throw DockerfileError("invalid name for build stage: \(Words.quoted(parts[2])), name can't start with a number or contain symbols") }
            from.name = name
        } else if parts.count != 1 {
            throw DockerfileError("FROM requires either one or three arguments")
        }
        return from
    }

    private func arguments(_ text: String) throws(DockerfileError) -> [Argument] {
        let words = try several(Words.shell(text, escape: escape))
        var result: [Argument] = []
        for word in words {
            let pair = word.cut("="), name = pair?.0 ?? word
            guard !name.isEmpty else { throw DockerfileError("ARG names can not be blank") }
            result.append(Argument(name: name, value: pair?.1))
        }
        return result
    }

    private func run(_ words: [String], _ text: String) throws(DockerfileError) -> Run {
        let flags = try Flags(words, texts: ["network", "security"], lists: ["mount"])
        let command = try command(text)
        // Docker's words: there is nothing to run.
        if command.words.isEmpty, heredocs.isEmpty, text.isEmpty { throw DockerfileError("RUN requires at least one argument") }
        var run = Run(command: command, heredocs: heredocs, network: flags.text("network"), security: flags.text("security"))
        if let mode = run.network, !["default", "none", "host"].contains(mode) { throw DockerfileError("invalid network mode \(Words.quoted(mode))") }
        if let mode = run.security, !["sandbox", "insecure"].contains(mode) { throw DockerfileError("security \(Words.quoted(mode)) is not valid") }
        for mount in flags.list("mount") { run.mounts.append(try RunMount(mount)) }
        return run
    }

    private func copy(_ words: [String], _ text: String) throws(DockerfileError) -> Copy {
        let isAdd = keyword == "ADD"
        let flags = try Flags(
            words, texts: isAdd ? ["chown", "chmod", "checksum"] : ["chown", "chmod", "from"],
            booleans: isAdd ? ["link", "keep-git-dir", "unpack"] : ["link", "parents"], lists: ["exclude"])
        var parts = try several(try Words.json(text) ?? Words.plain(text))
        guard parts.count > 1, let destination = parts.popLast() else {
            throw DockerfileError("\(keyword) requires at least two arguments, but only one was provided. Destination could not be determined")
        }
        let names = Set(heredocs.map(\.name))
        var copy = Copy(isAdd: isAdd, sources: [], destination: destination)
        for part in parts {
            if let heredoc = Heredoc(part, escape: escape), names.contains(heredoc.name) { continue }
            copy.sources.append(part)
        }
        copy.heredocs = heredocs
        copy.from = flags.text("from")
        copy.owner = flags.text("chown")
        copy.mode = flags.text("chmod")
        copy.isLinked = flags.boolean("link") ?? false
        copy.keepsParents = flags.boolean("parents") ?? false
        copy.excludes = flags.list("exclude")
        copy.checksum = flags.text("checksum")
        copy.keepsGit = flags.boolean("keep-git-dir")
        copy.unpacks = flags.boolean("unpack")
        return copy
    }

    private func health(_ words: [String], _ text: String) throws(DockerfileError) -> HealthCheck {
        let times = ["interval", "timeout", "start-period", "start-interval"]
        let flags = try Flags(words, texts: Set(times + ["retries"]))
        let type = text.prefix { !$0.isSpace }.uppercased()
        let rest = String(text.dropFirst(type.count).drop(while: \.isSpace))
        var check = HealthCheck(test: [])
        switch type {
        case "": throw DockerfileError("HEALTHCHECK requires at least one argument")
        case "NONE":
            guard rest.isEmpty else { throw DockerfileError("HEALTHCHECK NONE takes no arguments") }
            check.test = ["NONE"]
        case "CMD":
            guard !rest.isEmpty else { throw DockerfileError("missing command after HEALTHCHECK CMD") }
            check.test = try Words.json(rest).map { ["CMD"] + $0 } ?? ["CMD-SHELL", rest]
        default: throw DockerfileError("unknown type \(Words.quoted(type)) in HEALTHCHECK (try CMD)")
        }
        func duration(_ name: String) throws(DockerfileError) -> Int64 {
            guard let text = flags.text(name) else { return 0 }
            guard let value = GoDuration.nanoseconds(text) else { throw DockerfileError("time: invalid duration \(Words.quoted(text))") }
            guard value == 0 || value >= 1_000_000 else { throw DockerfileError("interval \(Words.quoted(name)) cannot be less than 1ms") }
            return value
        }
        check.interval = try duration("interval")
        check.timeout = try duration("timeout")
        check.startPeriod = try duration("start-period")
        check.startInterval = try duration("start-interval")
        if let text = flags.text("retries") {
            guard let count = Int32(text) else { throw DockerfileError("strconv.ParseInt: parsing \(Words.quoted(text)): invalid syntax") }
            guard count >= 0 else { throw DockerfileError("--retries cannot be negative (\(count))") }
            check.retries = Int(count)
        }
        return check
    }

    /// The text of the instruction that an image made from this one begins with. Whether it is one is seen there, as with Docker.
    private func trigger() throws(DockerfileError) -> String {
        guard !rest.isEmpty else { throw DockerfileError("ONBUILD requires at least one argument") }
        let keyword = rest.prefix { !$0.isSpace }.uppercased()
        if keyword == "ONBUILD" { throw DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed") }
        if keyword == "FROM" || keyword == "MAINTAINER" { throw DockerfileError("\(keyword) isn't allowed as an ONBUILD trigger") }
        return ([rest] + heredocs.map { $0.content + $0.name }).joined(separator: "\n")
    }
}
