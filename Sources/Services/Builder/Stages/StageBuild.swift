internal import AsyncIO
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
internal import Images
internal import Linux
internal import OCI
internal import Synchronization
internal import RegistryClient
internal import Values

/// What a stage came to.
struct StageResult: Sendable {
    var state: BuildState
    var arguments: BuildArguments
}

/// One stage on its way.
struct StageBuild: Sendable {
    let build: Build
    let target: BuildTarget
    let index: Int
    /// The stages that this one waits for.
    let results: [Int: StageResult]
    /// The number of this stage's first step.
    let firstNumber: Int
    var state: BuildState
    var arguments: BuildArguments
    /// Of steps that change files, how many there have been, and how many there are.
    private var place = 0
    private let places: Int
    private let hasOwnBase: Bool
    /// Some step of this stage was about files.
    private var hasChangedFiles = false
    private var number: Int
    /// The build's own context.
    var tree: SourceTree

    init(_ build: Build, _ target: BuildTarget, _ index: Int, firstNumber: Int, results: [Int: StageResult]) {
        self.build = build
        self.target = target
        self.index = index
        self.firstNumber = firstNumber
        self.results = results
        number = firstNumber
        state = BuildState(platform: target.platform)
        arguments = target.arguments
        tree = build.context.tree
        hasOwnBase = target.hasOwnBase(build.context.dockerfile.stages[index], at: index)
        places = (hasOwnBase ? 1 : 0) + target.instructions(of: index).count { $0.action.changesFiles }
    }

    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private var stage: Dockerfile.Stage { build.context.dockerfile.stages[index] }
    var request: BuildRequest { build.request }
    var builder: Builder { build.builder }
    private var history: HistoryText { HistoryText(request.style, shell: state.config.shell) }

    mutating func run() async throws -> StageResult {
        try await begin()
        let triggers = state.config.onBuild ?? []
        if !triggers.isEmpty {
            state.config.onBuild = nil
            // What triggers take was not known when files of the client were copied.
            if let client = request.client {
                let path = try build.workplace.makeDirectory("context")
                try await client.copy(ClientFiles(directory: .context, title: "[internal] load build context", ignored: tree.ignored.texts), into: path)
                tree = SourceTree(root: OpenFile(try FileDescriptor.open(path, [.path, .directory])), ignored: tree.ignored)
            }
            try build.report.note("# Executing \(triggers.count) build trigger\(triggers.count == 1 ? "" : "s")")
            for trigger in triggers { for instruction in try Dockerfile.instructions(trigger) { try await perform(instruction, isTrigger: true) } }
        }
        for instruction in target.instructions(of: index) { try await perform(instruction) }
        return StageResult(state: state, arguments: arguments)
    }

    // MARK: FROM

    private mutating func begin() async throws {
        let base = try target.base(of: stage)
        if hasOwnBase { place = 1 }
        let step = step(request.style == .classic ? stage.source : "FROM \(Build.whole(base))", isPlaced: hasOwnBase)
        try build.report.begin(step)
        do {
            if let earlier = build.context.dockerfile.earlierStage(base, before: index, numbered: false), let result = results[earlier] {
                state = result.state
                arguments = result.arguments
            } else if let result = request.result(base, for: try target.platform(of: stage)) {
                state = result.state
            } else if try base == "scratch" || request.context(base, for: target.platform(of: stage)) == LayoutImage.empty {
                state = BuildState(platform: target.platform)
            } else if let tree = try await build.files(base, for: target.platform(of: stage)) {
                try await begin(tree, step)
            } else {
                state = BuildState(try await build.base(base, target.platform(of: stage)))
            }
        } catch {
            try build.fail(step, error is CancellationError ? "context canceled" : "\(error)", stage.line...stage.line)
            throw error
        }
        state.hasCommand = false
        if state.config.variable("PATH") == nil { state.config.set("PATH", Self.defaultPath) }
        try build.report.end(step, image: request.style == .classic ? state.image : nil)
    }

    /// A context that is no image: its files are all that there is.
    private mutating func begin(_ tree: SourceTree, _ step: BuildStep) async throws {
        state = BuildState(platform: target.platform)
        let copying = CopyStep(
            builder: builder, workplace: build.workplace, style: request.style, copy: Copy(isAdd: false, sources: ["."], destination: "/"), origin: .tree(tree), fetched: [],
            state: state, destination: "/")
        let found = try await AsyncIO.offload { try copying.find() }
        let (built, _) = try await build.step(found.key, over: [], step.text, isFresh: isFresh) { try copying.make(found) }
        add(built, step.text, history.comment)
    }

    /// Such as `linux/amd64->arm64 build  2/10`, as BuildKit has it: platforms are told where there are several.
    private var title: String {
        var words: [String] = []
        if build.targets.count > 1 {
            // What is wrong with the platform the stage's first step has told.
            let own = (try? target.platform(of: stage)) ?? target.platform
            let end = target.platform.os == own.os ? String(target.platform.description.drop { $0 != "/" }.dropFirst()) : "\(target.platform)"
            words.append(own == target.platform ? "\(own)" : "\(own)->\(end)")
        }
        if let name = stage.name ?? (build.context.dockerfile.stages.count > 1 ? "stage-\(index)" : nil) { words.append(name) }
        words.append(String(repeating: " ", count: max(0, "\(places)".count - "\(place)".count)) + "\(place)/\(places)")
        return words.joined(separator: " ")
    }

    private mutating func step(_ text: String, isPlaced: Bool) -> BuildStep {
        defer { number += 1 }
        return BuildStep(number: number, total: build.total, place: isPlaced ? title : nil, text: text)
    }

    // MARK: Instructions

    private mutating func perform(_ instruction: Instruction, isTrigger: Bool = false) async throws {
        try build.cancellation.check()
        if instruction.action.changesFiles { place += isTrigger ? 0 : 1 }
        var step = step(instruction.source, isPlaced: instruction.action.changesFiles)
        if isTrigger {
            number -= 1
            if step.place != nil { step.place = "trigger \(index)" }
        }
        try build.report.begin(step)
        do {
            let config = state.config, known = arguments
            let expansion = Expansion(escape: build.context.dockerfile.directives.escape) { config.variable($0) ?? known[$0] }
            let action: Action
            do throws(DockerfileError) {
                // What was not written in the Dockerfile is meant as it is.
                action = instruction.line == 0 ? instruction.action : try instruction.action.withoutDefaults(known.isGiven).expanded(expansion.word, document: expansion.document)
            } catch { throw Fault(.invalid, error.at(instruction.line).description) }
            let isCached: Bool?
            switch action {
            case .run(let run): isCached = try await self.run(run, step)
            case .copy(let copy): isCached = try await self.copy(copy, step)
            case .workingDirectory: isCached = try await makeDirectory(action)
            default: isCached = try await configure(action)
            }
            try record(step, isCached: isCached)
        } catch let failure as RunFailure {
            try build.fail(step, failure.message(request.style), instruction.line...instruction.lastLine)
            throw BuildFailure(message: failure.message(request.style), code: failure.code, instruction: instruction, style: request.style)
        } catch let error as CancellationError {
            try build.report.fail(step, "context canceled", excerpt: "")
            throw error
        } catch {
            try build.fail(step, "\(error)", instruction.line...instruction.lastLine)
            if let error = error as? DockerfileError { throw Fault(.invalid, error.description, cause: error) }
            throw error
        }
    }

    /// What changes no file. Whether it was so before is for `record` to find out.
    private mutating func configure(_ action: Action) async throws -> Bool? {
        var action = action
        if case .argument(let list) = action {
            // Docker's own builder tells what is written, BuildKit what it came to.
            let values = list.map { arguments.declare($0) }
            if request.style == .buildKit { action = .argument(values) }
        }
        if case .maintainer(let name) = action { state.document.author = name }
        var config = state.config
        do throws(DockerfileError) { _ = try config.apply(action, hasCommand: &state.hasCommand) } catch { throw Fault(.invalid, error.description) }
        let text = history
        state.config = config
        if let line = text.configuration(action, config) {
            try await date(line)
            state.note(line, text.comment)
        }
        return nil
    }

    /// A step of configuration is as old as what is below it. Where that is the base alone it is as old as when it was made first, which is
    /// kept as what other steps come to.
    private mutating func date(_ line: String) async throws {
        if hasChangedFiles { return }
        var key = StepKey("configuration", layers: state.chain, platform: state.document.platform)
        key.add("on", [String(decoding: try Document.encode(state.document), as: UTF8.self), line])
        let digest = key.digest
        let (step, _) = try await build.step(digest, over: state.layers, line, isFresh: isFresh) { nil }
        state.document.created = step.created
        note(step)
    }

    /// Makes the directory where it is missing.
    private mutating func makeDirectory(_ action: Action) async throws -> Bool? {
        let text = history
        var config = state.config
        _ = try config.apply(action, hasCommand: &state.hasCommand)
        state.config = config
        let path = config.workingDir ?? "/", builder = builder, state = state
        var key = StepKey("directory", layers: state.chain, platform: state.document.platform)
        key.add("path", [path])
        let digest = key.digest, line = text.configuration(action, config) ?? ""
        let (step, isCached) = try await build.step(digest, over: state.layers, "WORKDIR \(path)", isFresh: isFresh) {
            try builder.images.makeLayer(over: state.layers) { root in
                do throws(SyscallError) { _ = try root.makePath(path, directory: true) } catch {
                    throw Fault(.invalid, "cannot make the directory \(path): \(error)", cause: error)
                }
            }
        }
        add(step, line, text.comment)
        return isCached
    }

    private mutating func note(_ step: BuiltStep) {
        state.steps.append(step)
        build.steps.withLock { $0[step.key] = step }
    }

    mutating func add(_ step: BuiltStep, _ line: String, _ comment: String?) {
        hasChangedFiles = true
        note(step)
        state.add(step.layer.map { builder.images.stacked($0, on: state.layers) }, created: step.created, text: line, comment: comment)
    }

    /// No step of this stage is taken from what was done before.
    var isFresh: Bool { request.ignoresCache || stage.name.map { request.inputs.uncached.contains($0) } ?? false }

    /// Where each step is an image this one becomes it.
    private mutating func record(_ step: BuildStep, isCached: Bool?) throws {
        guard request.style == .classic else {
            if isCached == true { try build.report.cached(step) }
            return try build.report.end(step, image: nil)
        }
        let known = try builder.images.known(state.document)
        if isCached ?? (known != nil && !isFresh) { try build.report.cached(step) }
        state.image = try known ?? builder.images.record(state.document, layers: state.layers, parent: state.image)
        try build.report.end(step, image: state.image)
    }
}

extension Action {
    var changesFiles: Bool {
        switch self {
        case .run, .copy, .workingDirectory: true
        default: false
        }
    }
}

/// A step that failed as its program did.
struct BuildFailure: Error, CustomStringConvertible {
    var message: String
    var code: Int
    var instruction: Instruction
    var style: BuildRequest.Style

    var description: String { message }
}
