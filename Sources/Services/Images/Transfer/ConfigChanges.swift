package import Diagnostics
package import OCI

/// The Dockerfile instructions that `--change` of commit and import takes, applied to an image's configuration.
package struct ConfigChanges {
    /// Instructions at most.
    private static let limit = 1000
    private var config: ImageConfig
    private var commandSet = false

    /// `config` after all of `changes`, each a line or several. Throws `invalid` in Docker's words.
    package static func apply(_ changes: [String], to config: ImageConfig) throws(Fault) -> ImageConfig {
        var state = ConfigChanges(config: config)
        var count = 0
        for change in changes {
            for line in change.split(whereSeparator: \.isNewline) where !line.allSatisfy(\.isWhitespace) && line.drop(while: \.isWhitespace).first != "#" {
                count += 1
                guard count <= limit else { throw Fault(.invalid, "more than \(limit) changes") }
                try state.apply(String(line))
            }
        }
        return state.config
    }

    private init(config: ImageConfig) { self.config = config }

    private mutating func apply(_ line: String) throws(Fault) {
        let trimmed = line.drop(while: \.isWhitespace)
        let word = trimmed.prefix { !$0.isWhitespace }.uppercased()
        var rest = String(trimmed.dropFirst(word.count).drop(while: \.isWhitespace))
        while rest.last?.isWhitespace == true { rest.removeLast() }
        guard let apply = Self.instructions[word] else { throw Fault(.invalid, "\(word) is not a valid change command") }
        guard !rest.isEmpty else { throw Fault(.invalid, "\(word) requires at least one argument") }
        try apply(&self, rest)
    }

    private static let instructions: [String: @Sendable (inout ConfigChanges, String) throws(Fault) -> Void] = [
        "CMD": { state, rest throws(Fault) in
            state.config.cmd = try state.command(rest)
            state.config.argsEscaped = nil
            state.commandSet = true
        },
        "ENTRYPOINT": { state, rest throws(Fault) in
            state.config.entrypoint = try state.command(rest)
            // The image's command was for another entry point.
            if !state.commandSet { state.config.cmd = nil }
        },
        "ENV": { state, rest throws(Fault) in
            for (name, value) in try state.pairs(rest, "ENV") {
                var environment = state.config.env ?? []
                let entry = "\(name)=\(value)"
                if let index = environment.firstIndex(where: { $0.hasPrefix("\(name)=") }) { environment[index] = entry } else { environment.append(entry) }
                state.config.env = environment
            }
        },
        "LABEL": { state, rest throws(Fault) in
            for (name, value) in try state.pairs(rest, "LABEL") { state.config.labels = (state.config.labels ?? [:]).merging([name: value]) { _, new in new } }
        },
        "EXPOSE": { state, rest throws(Fault) in
            for word in try state.words(rest) {
                for port in try ExposedPort.all(word) { state.config.exposedPorts = KeySet((state.config.exposedPorts?.sorted ?? []) + [port]) }
            }
        },
        "USER": { state, rest throws(Fault) in state.config.user = try state.single(rest, "USER") },
        "WORKDIR": { state, rest throws(Fault) in state.config.workingDir = state.directory(try state.word(rest)) },
        "VOLUME": { state, rest throws(Fault) in
            var paths: [String] = []
            if let words = ChangeWords.json(rest) {
                for word in words { paths.append(try state.expand(word)) }
            } else {
                paths = try state.words(rest)
            }
            for path in paths {
                guard !path.isEmpty else { throw Fault(.invalid, "VOLUME specified can not be an empty string") }
                state.config.volumes = KeySet((state.config.volumes?.sorted ?? []) + [path])
            }
        },
        "STOPSIGNAL": { state, rest throws(Fault) in
            let signal = try state.single(rest, "STOPSIGNAL")
            guard HealthChange.isSignal(signal) else { throw Fault(.invalid, "invalid signal: \(signal)") }
            state.config.stopSignal = signal
        },
        "ONBUILD": { state, rest throws(Fault) in
            let trigger = rest.prefix { !$0.isWhitespace }.uppercased()
            if trigger == "ONBUILD" { throw Fault(.invalid, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed") }
            if trigger == "FROM" || trigger == "MAINTAINER" { throw Fault(.invalid, "\(trigger) isn't allowed as an ONBUILD trigger") }
            state.config.onBuild = (state.config.onBuild ?? []) + [rest]
        },
        "HEALTHCHECK": { state, rest throws(Fault) in state.config.healthcheck = try HealthChange.parse(rest) },
        "SHELL": { state, rest throws(Fault) in
            guard let words = ChangeWords.json(rest), !words.isEmpty else { throw Fault(.invalid, "SHELL requires the arguments to be in JSON form") }
            state.config.shell = words
        },
    ]

    // MARK: Arguments

    /// The JSON form as it is, the other one handed to the shell.
    private func command(_ rest: String) throws(Fault) -> [String] {
        if let words = ChangeWords.json(rest) { return words }
        return (config.shell ?? ["/bin/sh", "-c"]) + [rest]
    }

    private func expand(_ text: String) throws(Fault) -> String { try ChangeWords.expand(text, config.env ?? []) }

    /// The whole argument as one word, which may contain spaces.
    private func word(_ rest: String) throws(Fault) -> String { try expand(rest) }

    private func words(_ rest: String) throws(Fault) -> [String] {
        var result: [String] = []
        for word in try ChangeWords.split(rest) { result.append(try expand(word)) }
        return result
    }

    private func single(_ rest: String, _ instruction: String) throws(Fault) -> String {
        let words = try words(rest)
        guard words.count == 1 else { throw Fault(.invalid, "\(instruction) requires exactly one argument") }
        return words[0]
    }

    /// `a=b "c=d e"`, or the old `a b c` that means a is `b c`.
    private func pairs(_ rest: String, _ instruction: String) throws(Fault) -> [(String, String)] {
        let words = try ChangeWords.split(rest)
        guard let first = words.first else { throw Fault(.invalid, "\(instruction) must have two arguments") }
        guard first.contains("=") else {
            guard words.count > 1 else { throw Fault(.invalid, "\(instruction) must have two arguments") }
            let value = rest.dropFirst(first.count).drop(while: \.isWhitespace)
            return [(try expand(first), try expand(String(value)))]
        }
        var result: [(String, String)] = []
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw Fault(.invalid, "Syntax error - can't find = in \"\(word)\". Must be of the form: name=value")
            }
            let name = try expand(String(word[..<equals]))
            guard !name.isEmpty else { throw Fault(.invalid, "\(instruction) names can not be blank") }
            result.append((name, try expand(String(word[word.index(after: equals)...]))))
        }
        return result
    }

    /// Relative ones are below the one before; `.` and `..` are resolved as text.
    private func directory(_ path: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "\(config.workingDir ?? "")/\(path)").split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
