internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
package import HTTPTransport
internal import Images
internal import Linux
package import OCI
internal import RegistryClient
internal import Synchronization
internal import Values

extension Builder {
    /// Reads the context and its Dockerfile, so that whatever is wrong with those is thrown before anything is told of. The context is the
    /// directory that the request names, or what `remote` says (a repository, an archive, or a Dockerfile), or else an archive in `body`.
    package func prepare(_ request: BuildRequest, remote: String?, body: RequestBody, _ send: @escaping BuildSink) async throws -> Build {
        let (hold, workplace) = try await AsyncIO.offload { [self] in
            try recover()
            try images.prepare()
            return (IngestHold(try images.ingestHold()), try Workplace(paths))
        }
        var request = request
        let path: String
        let hasClientContext = request.client != nil && remote == nil
        if let client = request.client, remote == nil || request.hasOwnDockerfile {
            try await receiveDockerfile(from: client, &request, workplace, hasContext: hasClientContext)
        }
        if let remote {
            path = try await fetch(remote, &request, workplace)
        } else if hasClientContext {
            path = try workplace.makeDirectory("context")
        } else if !request.inputs.directory.isEmpty {
            path = request.inputs.directory
        } else {
            path = try workplace.makeDirectory("context")
            try await body.withDescriptor { archive in try BuildContext.unpack(archive, into: path) }
        }
        let context = try await AsyncIO.offload { [request] in try BuildContext(path, request) }
        if let client = request.client { try await receiveSources(context, from: client, &request, workplace, hasContext: hasClientContext) }
        return try await AsyncIO.offload { [self, request] in
            let report: any BuildReport =
                request.style == .classic ? ClassicReport(isQuiet: request.isQuiet, send: send) : StepReport(send)
            return try Build(builder: self, request: request, context: context, workplace: workplace, report: report, hold: hold)
        }
    }

    /// Gives the directory of a context from elsewhere.
    private func fetch(_ remote: String, _ request: inout BuildRequest, _ workplace: Workplace) async throws -> String {
        if let client = request.client, client.offers(remote) {
            let path = try workplace.makeDirectory("context"), file = "\(try workplace.makeDirectory("fetched"))/file"
            try await client.download(remote, to: file)
            try await AsyncIO.offload { try BuildContext.unpack(FileDescriptor.open(file), into: path) }
            return path
        }
        let sources = RemoteSource(images: images, workplace: workplace)
        guard RemoteSource.isRemote(remote) else { throw Fault(.invalid, "remote URL \(remote) is neither a repository nor an address of the web") }
        let fetched = try await sources.fetch(remote, checksum: nil, keepsGit: (request.arguments["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? nil) == "1")
        guard let file = fetched.file.map({ "\(fetched.directory)/\($0)" }) else { return fetched.directory }
        let path = try workplace.makeDirectory("context")
        let isArchive = try await AsyncIO.offload {
            guard try Placement.isArchive(file) else { return false }
            try BuildContext.unpack(FileDescriptor.open(file), into: path)
            return true
        }
        // A file that is no archive is the Dockerfile.
        if !isArchive { request.inputs.dockerfile = String(decoding: try FileSystem.read(file, limit: Dockerfile.sizeLimit), as: UTF8.self) }
        return path
    }
}

/// Keeps what is made from being taken for a leftover.
final class IngestHold: Sendable {
    private let hold: Mutex<ImageHold?>
    init(_ hold: consuming ImageHold) { self.hold = Mutex(hold) }

    func end() { hold.withLock { $0 = nil } }
}

/// A build that has been read and waits to be run.
package final class Build: Sendable {
    let builder: Builder
    let request: BuildRequest
    let context: BuildContext
    let workplace: Workplace
    let report: any BuildReport
    let platform: Platform
    /// As they stand before the first stage.
    let arguments: BuildArguments
    /// Steps in all stages that are built.
    let total: Int
    let cancellation = Cancellation()
    /// Some step was run as a container.
    let hasLent = Atomic(false)
    private let graph: StageGraph
    let hold: IngestHold
    /// Of the Dockerfile, where a step failed first.
    let failedLines = Mutex<ClosedRange<Int>?>(nil)
    private let tags: [Reference]

    init(builder: Builder, request: BuildRequest, context: BuildContext, workplace: Workplace, report: any BuildReport, hold: IngestHold) throws {
        self.builder = builder
        var request = request
        if request.style == .classic, !request.cacheSources.isEmpty, try !builder.hasImage(of: request.cacheSources) { request.ignoresCache = true }
        self.request = request
        self.context = context
        self.workplace = workplace
        self.report = report
        self.hold = hold
        tags = try request.tags.map { text throws(Fault) in try newName(text) }
        platform = request.platform ?? .host
        var arguments = BuildArguments(request.arguments, platform: platform)
        for instruction in context.dockerfile.arguments {
            guard case .argument(let list) = try Self.expanded(instruction.action, arguments, context.dockerfile, line: instruction.line) else { continue }
            for argument in list { arguments.declareGlobal(argument) }
        }
        self.arguments = arguments
        let known = arguments, file = context.dockerfile
        graph = try StageGraph(file, target: request.target, all: request.style == .classic) { try Self.base($0, known, file) }
        let labels = request.style == .classic && !request.labels.isEmpty ? 1 : 0
        total = graph.needed.reduce(labels) { $0 + 1 + file.stages[$1].instructions.count }
    }

    /// Builds all stages that are needed, and gives the image its names. Cancelling the task ends it, and nothing of it is left but steps that
    /// had been done.
    package func run() async throws -> Digest {
        defer { close() }
        return try await withTaskCancellationHandler {
            let result = try await stages()
            return try await AsyncIO.offload { [self] in try finish(result) }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Independent stages at the same time, unless each line is to be told in Docker's order.
    func stages() async throws -> StageResult {
        var first: [Int: Int] = [:], next = 1
        for index in graph.needed {
            first[index] = next
            next += 1 + instructions(of: index).count
        }
        let width = request.style == .classic ? 1 : max(2, Machine.processors)
        return try await withThrowingTaskGroup(of: (Int, StageResult).self) { group in
            var done: [Int: StageResult] = [:], waiting = graph.needed, running = 0
            // One that fails ends the others.
            defer { if done.count < graph.needed.count { cancellation.cancel() } }
            while true {
                for index in waiting where running < width && graph.dependencies(of: index).allSatisfy({ done[$0] != nil }) {
                    waiting.removeAll { $0 == index }
                    running += 1
                    let number = first[index] ?? 1, results = done
                    group.addTask {
                        var stage = StageBuild(self, index, firstNumber: number, results: results)
                        return (index, try await stage.run())
                    }
                }
                guard let (index, result) = try await group.next() else { break }
                running -= 1
                done[index] = result
                if request.style == .classic, let image = result.state.image { try report.finished(image) }
            }
            guard let last = graph.needed.last, let result = done[last] else { throw Fault(.internal, "no stage was built") }
            return result
        }
    }

    private func finish(_ result: StageResult) throws -> Digest {
        var result = try finished(result)
        if request.style == .classic {
            guard let built = result.state.image else { throw Fault(.invalid, "No image was generated. Is your Dockerfile empty?") }
            result.base = built
        }
        let image = try keep(result, tags: tags)
        try report.succeeded(image, tags: tags.map(\.familiar))
        return image
    }

    /// With what is asked of the image as a whole.
    func finished(_ result: StageResult) throws -> Result {
        var state = result.state, base: Digest?
        if instructions(of: graph.needed.last ?? 0).isEmpty, request.labels.isEmpty { base = state.image }
        if !request.labels.isEmpty { state.config.labels = (state.config.labels ?? [:]).merging(request.labels) { _, new in new } }
        if let epoch = (request.arguments["SOURCE_DATE_EPOCH"] ?? nil).flatMap({ Int64($0) }) { state.clamp(to: Timestamp(seconds: epoch)) }
        let unused = arguments.unused(
            Set(context.dockerfile.stages.flatMap(\.instructions).flatMap(\.action.argumentNames) + context.dockerfile.arguments.flatMap(\.action.argumentNames)))
        if !unused.isEmpty { try report.note("[Warning] One or more build-args [\(unused.joined(separator: " "))] were not consumed") }
        return Result(state: state, base: base)
    }

    // MARK: For stages

    /// A stage's instructions; to the last one Docker's own builder adds the labels that were asked for.
    func instructions(of stage: Int) -> [Instruction] {
        let instructions = context.dockerfile.stages[stage].instructions
        guard request.style == .classic, !request.labels.isEmpty, stage == graph.needed.last else { return instructions }
        let labels = request.labels.sorted { $0.key < $1.key }.map { Pair($0.key, $0.value) }
        let text = "LABEL " + request.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return instructions + [Instruction(source: text, line: 0, lastLine: 0, action: .label(labels))]
    }

    func base(of stage: Dockerfile.Stage) throws -> String { try Self.base(stage, arguments, context.dockerfile) }

    private static func base(_ stage: Dockerfile.Stage, _ arguments: BuildArguments, _ file: Dockerfile) throws -> String {
        let name: String
        do throws(DockerfileError) {
            name = try Expansion(escape: file.directives.escape, { arguments.global($0) }).word(stage.base)
        } catch { throw Fault(.invalid, DockerfileError(error.reason, line: stage.line).description) }
        if name.isEmpty { throw Fault(.invalid, DockerfileError("base name (\(stage.base)) should not be blank", line: stage.line).description) }
        return name
    }

    func platform(of stage: Dockerfile.Stage) throws -> Platform {
        guard let text = stage.platform else { return platform }
        let known = arguments
        do {
            return try Platform(Expansion(escape: context.dockerfile.directives.escape, { known.global($0) }).word(text))
        } catch { throw Fault(.invalid, DockerfileError("failed to parse platform \(text): \(error)", line: stage.line).description) }
    }

    private static func expanded(_ action: Action, _ arguments: BuildArguments, _ file: Dockerfile, line: Int) throws -> Action {
        let expansion = Expansion(escape: file.directives.escape) { arguments.global($0) }
        do throws(DockerfileError) { return try action.expanded(expansion.word, document: expansion.document) } catch {
            throw Fault(.invalid, DockerfileError(error.reason, line: line).description)
        }
    }

    /// Another context, a directory.
    func tree(_ path: String) throws -> SourceTree {
        let root = OpenFile(try FileDescriptor.open(path, [.path, .directory]))
        let lines = try FileSystem.readIfPresent("\(path)/.dockerignore", limit: Dockerfile.sizeLimit)
        return SourceTree(root: root, ignored: try lines.map { try IgnorePatterns(file: $0) } ?? .none)
    }

    /// The image that a name means, from its registry where it is not here or that was asked for.
    func image(_ name: String, platform: Platform) async throws -> Image {
        var name = name
        if let context = request.inputs.contexts[name.lowercased()], context.hasPrefix("docker-image://") { name = String(context.dropFirst("docker-image://".count)) }
        let isExact = request.platform != nil || platform != .host
        let wanted = name, images = builder.images
        if !request.pulls {
            do { return try await AsyncIO.offload { try images.resolve(wanted, platform: isExact ? platform : nil) } } catch let fault as Fault where fault.kind == .notFound {}
        }
        let reference: Reference
        do throws(ReferenceError) { reference = try Reference(wanted) } catch { throw Fault(.invalid, error.description) }
        let report = report
        var credentials = request.credentials.first { $0.key == reference.domain || ($0.key.contains("index.docker.io") && reference.domain == "docker.io") }?.value
        if credentials == nil { credentials = try await request.client?.credentials(for: reference.domain) }
        let pull = try await images.pull(reference, platform: isExact ? platform : nil, credentials: RegistryCredentials(credentials))
        // Who does not listen any more is noticed by the next step.
        try await pull.run { try? report.pulling($0) }
        return try await AsyncIO.offload { try images.resolve(wanted, platform: isExact ? platform : nil) }
    }
}

extension BuildState {
    /// Nothing is younger than this.
    mutating func clamp(to time: Timestamp) {
        document.created = time
        document.history = document.history?.map { step in
            var step = step
            if let created = step.created, created > time { step.created = time }
            return step
        }
    }
}

extension Action {
    /// Of `ARG`, what it declares.
    var argumentNames: [String] { if case .argument(let list) = self { list.map(\.name) } else { [] } }
}
