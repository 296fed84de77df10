internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
package import HTTPTransport
package import Images
internal import Linux
internal import OCI
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
        Failpoint.hit(.buildAfterWorkplace)
        var request = request
        let path: String
        var materials: Set<Material> = []
        let hasClientContext = request.client != nil && remote == nil
        if let client = request.client, remote == nil || request.hasOwnDockerfile {
            try await receiveDockerfile(from: client, &request, workplace, hasContext: hasClientContext)
        }
        if let remote {
            let whole = try await fetch(remote, &request, workplace, &materials)
            path = try request.subdirectory.isEmpty ? whole : BuildContext.path(of: request.subdirectory, in: whole)
        } else if hasClientContext {
            path = try workplace.makeDirectory("context")
        } else if !request.inputs.directory.isEmpty {
            path = request.inputs.directory
        } else {
            path = try workplace.makeDirectory("context")
            try await body.withDescriptor { archive in try BuildContext.unpack(archive, into: path) }
        }
        let context = try await AsyncIO.offload { [request] in try BuildContext(path, request) }
        if let client = request.client, request.inputs.question.isEmpty { try await receiveSources(context, from: client, &request, workplace, hasContext: hasClientContext) }
        return try await AsyncIO.offload { [self, request, materials] in
            let report: any BuildReport =
                request.style == .classic ? ClassicReport(isQuiet: request.isQuiet, send: send) : StepReport(send)
            return try Build(builder: self, request: request, context: context, workplace: workplace, report: report, hold: hold, materials: materials)
        }
    }

    /// Gives the directory of a context from elsewhere.
    private func fetch(_ remote: String, _ request: inout BuildRequest, _ workplace: Workplace, _ materials: inout Set<Material>) async throws -> String {
        if let client = request.client, client.offers(remote) {
            let path = try workplace.makeDirectory("context"), file = "\(try workplace.makeDirectory("fetched"))/file"
            try await client.download(remote, to: file)
            try await AsyncIO.offload { try BuildContext.unpack(FileDescriptor.open(file), into: path) }
            return path
        }
        let sources = RemoteSource(images: images, workplace: workplace, secret: request.secret)
        guard RemoteSource.isRemote(remote) else { throw Fault(.invalid, "remote URL \(remote) is neither a repository nor an address of the web") }
        let fetched = try await sources.fetch(remote, checksum: nil, keepsGit: (request.arguments["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? nil) == "1")
        materials.insert(fetched.material)
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
    private let planned: Mutex<[BuildTarget]>
    /// One for each platform that was asked for, the machine's own without a word.
    var targets: [BuildTarget] { planned.withLock { $0 } }
    /// Steps in all stages that are built.
    var total: Int { targets.reduce(0) { $0 + $1.steps } }
    let cancellation = Cancellation()
    /// Some step was run as a container.
    let hasLent = Atomic(false)
    /// Steps that were made anew, which a stage that takes none from before may take too.
    let made = Mutex<Set<Digest>>([])
    let hold: IngestHold
    let started = Timestamp.now
    /// What it took from elsewhere; and some step could do so without being seen.
    let materials: Mutex<Set<Material>>
    let usesNetwork = Atomic(false)
    let bases = Mutex<[Base: Image]>([:])
    let imports = Mutex<[ImportedCache]>([])
    /// What steps of all stages have come to, by their keys.
    let steps = Mutex<[Digest: BuiltStep]>([:])
    /// Steps beside those of stages.
    private let extraSteps = Atomic(0)
    /// Of the Dockerfile, where a step failed first.
    let failedLines = Mutex<ClosedRange<Int>?>(nil)
    private let tags: [Reference]

    init(builder: Builder, request: BuildRequest, context: BuildContext, workplace: Workplace, report: any BuildReport, hold: IngestHold, materials: Set<Material>) throws {
        self.builder = builder
        var request = request
        if request.style == .classic, !request.cacheSources.isEmpty, try !builder.hasImage(of: request.cacheSources) { request.ignoresCache = true }
        let asked = request, file = context.dockerfile
        if asked.style == .classic, asked.platforms.count > 1 { throw Fault(.invalid, "Docker's own builder builds for one platform at once") }
        self.request = asked
        self.context = context
        self.workplace = workplace
        self.report = report
        self.hold = hold
        self.materials = Mutex(materials)
        tags = try asked.tags.map { text throws(Fault) in try newName(text) }
        planned = Mutex(try (asked.platforms.isEmpty ? [.host] : asked.platforms).map { try BuildTarget($0, asked, file) })
    }

    /// Builds all stages that are needed, and gives the image its names. Cancelling the task ends it, and nothing of it is left but steps that
    /// had been done.
    package func run() async throws -> ImageSet {
        defer { close() }
        return try await withTaskCancellationHandler {
            let built = try await stages()
            let results = try await attested(finished(built)), set = try await AsyncIO.offload { [self] in try finish(built, results) }
            _ = try await exportCaches(results)
            return set
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// A stage as one target has it.
    private struct Job: Hashable {
        var target: Int, stage: Int
    }

    /// What the last stage of each target came to. Independent stages are built at the same time, unless each line is to be told in Docker's
    /// order.
    func stages() async throws -> [StageResult] {
        // What images do that stages begin with may need more stages, which begin with others.
        while true {
            try await loadBases()
            let known = bases.withLock { $0 }, before = targets
            let now = try before.map { try BuildTarget($0.platform, request, context.dockerfile, bases: known) }
            planned.withLock { $0 = now }
            if now.map(\.graph) == before.map(\.graph) { break }
        }
        try await importCaches()
        try tellWarnings()
        var first: [Job: Int] = [:], next = 1
        for (place, target) in targets.enumerated() {
            for stage in target.graph.needed {
                first[Job(target: place, stage: stage)] = next
                next += 1 + target.instructions(of: stage).count
            }
        }
        let targets = targets
        let width = request.style == .classic ? 1 : max(2, Machine.processors)
        return try await withThrowingTaskGroup(of: (Job, StageResult).self) { group in
            var done: [Job: StageResult] = [:], waiting = first.keys.sorted { ($0.target, $0.stage) < ($1.target, $1.stage) }, running = 0
            // One that fails ends the others.
            defer { if done.count < first.count { cancellation.cancel() } }
            while true {
                for job in waiting where running < width {
                    let target = targets[job.target], needed = target.graph.dependencies(of: job.stage)
                    let results = needed.reduce(into: [:]) { $0[$1] = done[Job(target: job.target, stage: $1)] }
                    guard results.count == needed.count else { continue }
                    waiting.removeAll { $0 == job }
                    running += 1
                    let number = first[job] ?? 1
                    group.addTask {
                        var stage = StageBuild(self, target, job.stage, firstNumber: number, results: results)
                        return (job, try await stage.run())
                    }
                }
                guard let (job, result) = try await group.next() else { break }
                running -= 1
                done[job] = result
                if request.style == .classic, let image = result.state.image { try report.finished(image) }
            }
            return try targets.enumerated().map { place, target in
                guard let last = target.graph.needed.last, let result = done[Job(target: place, stage: last)] else { throw Fault(.internal, "no stage was built") }
                return result
            }
        }
    }

    private func finish(_ built: [StageResult], _ finished: [Result]) throws -> ImageSet {
        var results = finished
        if request.style == .classic {
            guard let image = built.first?.state.image else { throw Fault(.invalid, "No image was generated. Is your Dockerfile empty?") }
            results[0].base = image
        }
        let images = try keep(results, tags: tags, annotations: request.annotations)
        try report.succeeded(images, tags: tags.map(\.familiar))
        return images
    }

    /// With what is asked of the image as a whole.
    func finished(_ built: [StageResult]) throws -> [Result] {
        let unused = targets[0].arguments.unused(
            Set(context.dockerfile.stages.flatMap(\.instructions).flatMap(\.action.argumentNames) + context.dockerfile.arguments.flatMap(\.action.argumentNames)))
        if !unused.isEmpty { try report.note("[Warning] One or more build-args [\(unused.joined(separator: " "))] were not consumed") }
        // The Dockerfile may have one for who gives none.
        let epoch = targets[0].arguments.global("SOURCE_DATE_EPOCH") ?? (request.arguments["SOURCE_DATE_EPOCH"] ?? nil)
        // That of the context, which a directory has not.
        let moment = try epoch.flatMap { ["", "context"].contains($0) ? nil : $0 }.map { text throws(Fault) in
            guard let seconds = Int64(text) else { throw Fault(.invalid, "invalid SOURCE_DATE_EPOCH: \(text)") }
            return Timestamp(seconds: seconds)
        }
        return try zip(targets, built).map { target, stage in
            var state = stage.state
            let isBase = target.instructions(of: target.graph.needed.last ?? 0).isEmpty && request.labels.isEmpty
            if !request.labels.isEmpty { state.config.labels = (state.config.labels ?? [:]).merging(request.labels) { _, new in new } }
            state.document.inlineCache = try inlineCache(of: state)
            if let moment { state.clamp(to: moment) }
            return Result(platform: target.platform, state: state, base: isBase ? state.image : nil)
        }
    }

    // MARK: For stages

    /// Provenance is to tell of it.
    func isMade(of fetched: CopyStep.Fetched) -> CopyStep.Fetched {
        _ = materials.withLock { $0.insert(fetched.material) }
        return fetched
    }

    /// A step beside those of stages.
    func extraStep(_ text: String, place: String) -> BuildStep {
        BuildStep(number: total + extraSteps.add(1, ordering: .relaxed).newValue, total: total, place: place, text: text)
    }

    /// Another context, a directory.
    func tree(_ path: String) throws -> SourceTree {
        let root = OpenFile(try FileDescriptor.open(path, [.path, .directory]))
        let lines = try FileSystem.readIfPresent("\(path)/.dockerignore", limit: Dockerfile.sizeLimit)
        return SourceTree(root: root, ignored: try lines.map { try IgnorePatterns(file: $0) } ?? .none)
    }

    /// The files that a name means which stands for some, of a directory or of elsewhere; nil for all other names.
    func files(_ name: String, for platform: Platform) async throws -> SourceTree? {
        guard let context = request.context(name, for: platform), !LayoutImage.isImage(context) else { return nil }
        guard RemoteSource.isRemote(context) else { return try tree(context) }
        return try tree(
            await isMade(of: RemoteSource(images: builder.images, workplace: workplace, secret: request.secret).fetch(context, checksum: nil, keepsGit: false)).directory)
    }

    /// The image that a name means, from its registry where it is not here or that was asked for. It is one that the build is made of.
    func image(_ name: String, platform: Platform) async throws -> Image {
        var name = name
        if let context = request.context(name, for: platform) {
            if let layout = try LayoutImage(context, self) { return try await layout.load(for: platform) }
            if LayoutImage.isImage(context) { name = String(context.dropFirst(LayoutImage.registryScheme.utf8.count)) }
        }
        let image = try await pulled(name, platform: platform)
        // What is no name of an image is the id of one here.
        if let reference = try? Reference(name) { _ = materials.withLock { $0.insert(Material(reference, image.platform, image)) } }
        return image
    }

    /// The same of no context.
    func pulled(_ wanted: String, platform: Platform) async throws -> Image {
        let isExact = !request.platforms.isEmpty || platform != .host
        let images = builder.images
        if !request.pulls {
            do { return try await AsyncIO.offload { try images.resolve(wanted, platform: isExact ? platform : nil) } } catch let fault as Fault where fault.kind == .notFound {}
        }
        let reference: Reference
        do throws(ReferenceError) { reference = try Reference(wanted) } catch { throw Fault(.invalid, error.description) }
        let report = report
        let pull = try await images.pull(reference, platform: isExact ? platform : nil, credentials: RegistryCredentials(await credentials(for: reference.domain)))
        // Who does not listen any more is noticed by the next step.
        try await pull.run { try? report.pulling($0) }
        return try await AsyncIO.offload { try images.resolve(wanted, platform: isExact ? platform : nil) }
    }

    /// What the build knows for a registry.
    func credentials(for domain: String) async throws -> AuthConfig? {
        if let own = request.credentials.first(where: { $0.key == domain || ($0.key.contains("index.docker.io") && domain == "docker.io") }) { return own.value }
        return try await request.client?.credentials(for: domain)
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
