internal import OCI
internal import Patterns

/// Holds a Dockerfile to the rules. What it says of stages' insides it says of those that are built.
package struct Checker {
    private static let reservedNames: Set<String> = ["context", "scratch"]

    let file: Dockerfile
    let ignored: IgnorePatterns
    private let options: CheckOptions
    private(set) var warnings: [CheckWarning] = []

    /// What is wrong, in the order of lines. `global`: the values of `ARG`s before the first `FROM` and of those that are there by themselves,
    /// for the platform that is built for. `environment`: what an image has in its environment; nil when that is not known.
    package static func check(
        _ file: Dockerfile, ignored: IgnorePatterns, _ options: CheckOptions, stages: [Int], given: [String: String?], automatic: [String: String],
        environment: (Int) -> [String: String]?
    ) -> [CheckWarning] {
        var checker = Checker(file: file, ignored: ignored, options: options)
        for line in file.emptyContinuations { checker.warn(.noEmptyContinuation, "Empty continuation line", line...line) }
        checker.checkCasing()
        checker.checkNames()
        checker.checkBases(automatic)
        var known: [Int: StageChecks] = [:]
        for index in stages.sorted() {
            var stage: StageChecks
            if let base = file.earlierStage(file.stages[index].base, before: index, numbered: false), let parent = known[base] {
                stage = parent.child
            } else {
                stage = StageChecks(environment(index))
            }
            stage.check(file.stages[index], given, automatic, &checker)
            known[index] = stage
        }
        return checker.warnings.enumerated().sorted { ($0.element.lines.lowerBound, $0.offset) < ($1.element.lines.lowerBound, $1.offset) }.map(\.element)
    }

    private init(file: Dockerfile, ignored: IgnorePatterns, options: CheckOptions) { (self.file, self.ignored, self.options) = (file, ignored, options) }

    mutating func warn(_ rule: CheckRule, _ detail: String, _ lines: ClosedRange<Int>) {
        let isSkipped = file.skippedChecks[lines.lowerBound].map { !$0.makes(rule) } ?? false
        if options.makes(rule), !isSkipped { warnings.append(CheckWarning(rule: rule, detail: detail, lines: lines)) }
    }

    /// ` (did you mean X?)` for a name that is like one of these.
    package static func suggestion(_ name: String, among names: some Sequence<String>, _ mark: String = "") -> String {
        let near = names.map { ($0, EditDistance.of(name, $0)) }.filter { $0.1 < 3 }.min { ($0.1, $0.0) < ($1.1, $1.0) }
        return near.map { " (did you mean \(mark)\($0.0)?)" } ?? ""
    }

    // MARK: Words

    /// Keywords as they are written, with their lines.
    private var keywords: [(word: String, lines: ClosedRange<Int>)] {
        file.stages.flatMap { stage in
            [(Words.plain(stage.source).first ?? "", stage.line...stage.line)]
                + stage.instructions.map { (String($0.source.prefix { !$0.isSpace }), $0.line...max($0.line, $0.lastLine)) }
        }
    }

    private mutating func checkCasing() {
        let all = keywords
        let lower = all.count { $0.word == $0.word.lowercased() }, upper = all.count { $0.word == $0.word.uppercased() }
        for (word, lines) in all where word != (lower > upper ? word.lowercased() : word.uppercased()) {
            warn(
                .consistentInstructionCasing, "Command '\(word)' should match the case of the command majority (\(lower > upper ? "lowercase" : "uppercase"))", lines)
        }
    }

    private mutating func checkNames() {
        var seen: Set<String> = []
        for stage in file.stages {
            let lines = stage.line...stage.line
            guard let name = stage.name else { continue }
            let words = Words.plain(stage.source), keyword = words.first ?? "", written = words.last ?? ""
            let as_ = words.dropLast().last ?? ""
            if written != written.lowercased() { warn(.stageNameCasing, "Stage name '\(written)' should be lowercase", lines) }
            let isWhole = [keyword.lowercased(), keyword.uppercased()].contains(keyword)
            if isWhole, (keyword == keyword.lowercased()) != (as_ == as_.lowercased()) {
                warn(.fromAsCasing, "'\(as_)' and '\(keyword)' keywords' casing do not match", lines)
            }
            if Self.reservedNames.contains(name) {
                warn(.reservedStageName, "Stage name should not use the same name as reserved stage \(Words.quoted(name))", lines)
            }
            if !seen.insert(name).inserted { warn(.duplicateStageName, "Duplicate stage name \(Words.quoted(name)), stage names should be unique", lines) }
        }
    }

    // MARK: Bases

    private mutating func checkBases(_ automatic: [String: String]) {
        var values = automatic, declared = Set(automatic.keys)
        for case .argument(let list) in file.arguments.map(\.action) {
            for argument in list {
                declared.insert(argument.name)
                if let value = argument.value { values[argument.name] = expanded(value, values).text }
            }
        }
        for stage in file.stages {
            let lines = stage.line...stage.line
            let base = expanded(stage.base, values), platform = stage.platform.map { expanded($0, values) }
            for name in base.used + (platform?.used ?? []) where !declared.contains(name) {
                warn(.undefinedArgInFrom, "FROM argument '\(name)' is not declared\(Self.suggestion(name, among: declared))", lines)
            }
            // What it is does not matter here.
            if (try? Reference(base.text)) == nil {
                warn(.invalidDefaultArgInFrom, "Default value for ARG \(stage.base) results in empty or invalid base image name", lines)
            }
            guard let text = stage.platform, let platform else { continue }
            if platform.used == ["TARGETPLATFORM"], platform.text == automatic["TARGETPLATFORM"] {
                warn(.redundantTargetPlatform, "Setting platform to predefined \(text) in FROM is redundant as this is the default behavior", lines)
            }
            // What is no platform fails the build.
            if platform.used.isEmpty, let found = try? Platform(platform.text), ![found.os, found.architecture].contains(where: { (stage.name ?? "").contains($0) }) {
                warn(.fromPlatformFlagConstDisallowed, "FROM --platform flag should not use constant value \(Words.quoted(platform.text))", lines)
            }
        }
    }

    /// The text with its variables, and which those are. What cannot be expanded fails the build.
    private func expanded(_ text: String, _ values: [String: String]) -> (text: String, used: [String]) {
        var used: [String] = []
        let result = withoutActuallyEscaping({ (name: String) -> String? in
            if !used.contains(name) { used.append(name) }
            return values[name]
        }) { try? Expansion(escape: file.directives.escape, $0).word(text) }
        return (result ?? text, used)
    }
}
