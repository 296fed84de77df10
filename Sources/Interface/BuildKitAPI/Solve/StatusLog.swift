internal import AsyncIO
internal import Builder
internal import DockerAPI
internal import Synchronization
internal import Values

/// What happens in one build, for whoever follows it: from the beginning, whenever he comes.
final class StatusLog: Sendable {
    /// Messages that a client may be behind; those that do not fit are lost to it, the oldest first.
    private static let backlog = 10_000
    private static let warning = "[Warning] "
    /// Bytes of output that are kept for clients that come later.
    private static let logLimit = 256 << 10

    private struct State {
        var past: [StatusResponse] = []
        var logBytes = 0
        var followers: [AsyncStream<StatusResponse>.Continuation] = []
        var isOver = false
        /// Of the builder's steps.
        var vertexes: [Int: Vertex] = [:]
        var total = 0, cached = 0, completed = 0
        /// The digest of the first step, which is about the Dockerfile.
        var first = ""
        /// The Dockerfile.
        var source: SourceFile?
    }

    private let state = Mutex(State())

    func follow() -> AsyncStream<StatusResponse> {
        let (stream, sender) = AsyncStream.makeStream(of: StatusResponse.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        state.withLock { state in
            for one in state.past { sender.yield(one) }
            if state.isOver { sender.finish() } else { state.followers.append(sender) }
        }
        return stream
    }

    /// Nothing more happens.
    func end() {
        state.withLock { state in
            state.isOver = true
            for follower in state.followers { follower.finish() }
            state.followers = []
        }
    }

    /// How many steps there are, were done before, and have ended.
    var counts: (total: Int, cached: Int, completed: Int) { state.withLock { ($0.total, $0.cached, $0.completed) } }

    /// `isPassing`: a later one says the same and more.
    private func add(isPassing: Bool = false, _ change: (inout State) -> StatusResponse?) {
        state.withLock { state in
            guard let response = change(&state) else { return }
            let bytes = response.logs.reduce(0) { $0 + $1.text.count }
            state.logBytes += bytes
            if !isPassing, bytes == 0 || state.logBytes <= Self.logLimit { state.past.append(response) }
            for follower in state.followers { follower.yield(response) }
        }
    }

    private static func newVertex(_ name: String) -> Vertex {
        var vertex = Vertex()
        vertex.digest = "sha256:\(Identifier.random())"
        vertex.name = name
        vertex.started = .now
        return vertex
    }

    // MARK: What the builder tells

    /// Warnings are about the lines of this file.
    func isAbout(_ name: String, _ text: String) {
        state.withLock { state in
            var source = SourceFile()
            (source.name, source.text, source.language) = (name, Array(text.utf8), "Dockerfile")
            state.source = source
        }
    }

    func take(_ message: JSONMessage) {
        if let step = message.step { return take(step) }
        if let warning = message.warning { return take(warning) }
        // Other notes tell of what the steps tell too.
        guard message.stream.hasPrefix(Self.warning) else { return }
        let text = message.stream.dropFirst(Self.warning.count)
        add { state in
            var response = StatusResponse(), warning = VertexWarning()
            warning.vertex = state.first
            warning.level = 1
            warning.short = Array(text.utf8.prefix { $0 != 10 })
            response.warnings = [warning]
            return response
        }
    }

    private func take(_ told: BuildWarning) {
        add { state in
            var response = StatusResponse(), warning = VertexWarning()
            (warning.vertex, warning.level, warning.short) = (state.first, 1, Array(told.text.utf8))
            (warning.details, warning.url) = ([Array(told.description.utf8)], told.url)
            if let source = state.source, told.firstLine <= told.lastLine {
                (warning.source, warning.ranges) = (source, [LineRange(told.firstLine...told.lastLine)])
            }
            response.warnings = [warning]
            return response
        }
    }

    private func take(_ step: BuildProgress) {
        add { state in
            var response = StatusResponse()
            let isNew = state.vertexes[step.number] == nil
            var vertex = state.vertexes[step.number] ?? Self.newVertex(step.name)
            if isNew { state.total += 1 }
            if step.cached {
                vertex.cached = true
                state.cached += 1
            }
            if step.done {
                vertex.completed = .now
                vertex.error = step.error
                state.completed += 1
            }
            state.vertexes[step.number] = vertex
            if isNew || step.cached || step.done { response.vertexes = [vertex] }
            if !step.log.isEmpty {
                var log = VertexLog()
                (log.vertex, log.timestamp, log.stream, log.text) = (vertex.digest, .now, step.isError ? 2 : 1, Array(step.log.utf8))
                response.logs = [log]
            }
            return response
        }
    }

    // MARK: Steps of our own

    /// Does something as a step of that name, which fails as it fails.
    func step<Result>(_ name: String, _ body: (Progress) async throws -> Result) async throws -> Result {
        var vertex = Self.newVertex(name)
        let begun = vertex
        add { state in
            state.total += 1
            if state.first.isEmpty { state.first = begun.digest }
            return Self.response(begun)
        }
        defer {
            vertex.completed = .now
            let ended = vertex
            add { state in
                state.completed += 1
                return Self.response(ended)
            }
        }
        do { return try await body(Progress(log: self, vertex: vertex.digest)) } catch {
            vertex.error = error is CancellationError ? "context canceled" : SolveFailure.message(error)
            throw error
        }
    }

    private static func response(_ vertex: Vertex) -> StatusResponse {
        var response = StatusResponse()
        response.vertexes = [vertex]
        return response
    }

    /// Parts of one step.
    struct Progress: Sendable {
        let log: StatusLog
        let vertex: String

        /// Does a part.
        func part<Result>(_ name: String, _ body: (Part) async throws -> Result) async throws -> Result {
            let part = Part(progress: self, name: name, started: .now)
            part.tell(0)
            let result = try await body(part)
            part.end()
            return result
        }
    }

    /// A part, of which it is told how much there is by now.
    struct Part: Sendable {
        let progress: Progress
        let name: String
        let started: Moment
        private let current = Latest()

        init(progress: Progress, name: String, started: Moment) {
            self.progress = progress
            self.name = name
            self.started = started
        }

        private final class Latest: Sendable {
            let bytes = Atomic(0)
            let told = Mutex(ContinuousClock.now - .seconds(1))
        }

        /// Not told more often than anybody can read.
        func tell(_ bytes: Int) {
            current.bytes.store(bytes, ordering: .relaxed)
            let isDue = current.told.withLock { told in
                let now = ContinuousClock.now
                if now - told < .milliseconds(100) { return false }
                told = now
                return true
            }
            if isDue { send(isOver: false) }
        }

        func end() { send(isOver: true) }

        private func send(isOver: Bool) {
            progress.log.add(isPassing: !isOver) { _ in
                var response = StatusResponse(), status = VertexStatus()
                (status.id, status.vertex, status.current) = (name, progress.vertex, current.bytes.load(ordering: .relaxed))
                // BuildKit has a word for this one.
                if name.hasPrefix("transferring ") { status.name = "transferring" }
                (status.timestamp, status.started, status.completed) = (.now, started, isOver ? .now : nil)
                response.statuses = [status]
                return response
            }
        }
    }
}
