internal import Diagnostics
internal import Dockerfile
internal import Images
internal import OCI

/// One platform that a build is for, and what the Dockerfile means there.
struct BuildTarget: Sendable {
    let platform: Platform
    /// As they stand before the first stage.
    let arguments: BuildArguments
    let graph: StageGraph
    private let request: BuildRequest
    private let file: Dockerfile

    /// `bases`: images that stages begin with, as far as they are known. Throws Docker's words for a Dockerfile that means nothing there.
    init(_ platform: Platform, _ request: BuildRequest, _ file: Dockerfile, bases: [Build.Base: Image] = [:]) throws {
        self.platform = platform
        self.request = request
        self.file = file
        var arguments = BuildArguments(request.arguments, platform: platform, target: request.target.isEmpty ? file.stages.last?.name ?? "default" : request.target)
        for instruction in file.arguments {
            let expansion = Expansion(escape: file.directives.escape) { [arguments] in arguments.global($0) }
            do throws(DockerfileError) {
                guard case .argument(let list) = try instruction.action.withoutDefaults(arguments.isGiven).expanded(expansion.word, document: expansion.document) else { continue }
                for argument in list { arguments.declareGlobal(argument) }
            } catch { throw Fault(.invalid, error.at(instruction.line).description) }
        }
        self.arguments = arguments
        let known = arguments
        graph = try StageGraph(file, target: request.target, all: request.style == .classic) {
            try Self.base(of: $0, known, file)
        } triggers: { stage in
            if bases.isEmpty { return [] }
            let base = Build.Base(name: try Self.base(of: stage, known, file), platform: try Self.platform(of: stage, platform, known, file))
            return try bases[base]?.config.onBuild?.flatMap { try Dockerfile.instructions($0) } ?? []
        }
    }

    /// Steps in all stages that are built.
    var steps: Int { graph.needed.reduce(0) { $0 + 1 + instructions(of: $1).count } }

    /// A stage's instructions; to the last one Docker's own builder adds the labels that were asked for.
    func instructions(of stage: Int) -> [Instruction] {
        let instructions = file.stages[stage].instructions
        guard request.style == .classic, !request.labels.isEmpty, stage == graph.needed.last else { return instructions }
        let labels = request.labels.sorted { $0.key < $1.key }
        let text = "LABEL " + labels.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return instructions + [Instruction(source: text, line: 0, lastLine: 0, action: .label(labels.map { Pair($0.key, $0.value) }))]
    }

    func base(of stage: Dockerfile.Stage) throws -> String { try Self.base(of: stage, arguments, file) }

    /// Whether the stage, which stands there, begins with an image: BuildKit tells of no others.
    func hasOwnBase(_ stage: Dockerfile.Stage, at index: Int) -> Bool {
        // What is wrong with its name the graph has told.
        guard let base = try? base(of: stage) else { return true }
        return base != "scratch" && file.earlierStage(base, before: index, numbered: false) == nil
    }

    private static func base(of stage: Dockerfile.Stage, _ arguments: BuildArguments, _ file: Dockerfile) throws -> String {
        let name: String
        do throws(DockerfileError) {
            name = try Expansion(escape: file.directives.escape, { arguments.global($0) }).word(stage.base)
        } catch { throw Fault(.invalid, DockerfileError(error.reason, line: stage.line).description) }
        if name.isEmpty { throw Fault(.invalid, DockerfileError("base name (\(stage.base)) should not be blank", line: stage.line).description) }
        return name
    }

    /// What the stage is made for: another platform where its `FROM` says so.
    func platform(of stage: Dockerfile.Stage) throws -> Platform { try Self.platform(of: stage, platform, arguments, file) }

    private static func platform(of stage: Dockerfile.Stage, _ platform: Platform, _ known: BuildArguments, _ file: Dockerfile) throws -> Platform {
        guard let text = stage.platform else { return platform }
        do {
            return try Platform(Expansion(escape: file.directives.escape, { known.global($0) }).word(text))
        } catch { throw Fault(.invalid, DockerfileError("failed to parse platform \(text): \(error)", line: stage.line).description) }
    }
}
