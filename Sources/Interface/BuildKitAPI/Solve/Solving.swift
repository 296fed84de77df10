internal import AsyncIO
internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTPTransport
internal import Linux
internal import RPC
internal import Synchronization
internal import Values

/// One build from a client's `Solve` to its answer. A client of today begins one without saying what to build, steers it by calls of the
/// gateway, and ends it by `Return`; an old one says all at once.
final class Solving: Sendable {
    let ref: String
    let session: String
    let log = StatusLog()
    private let engine: Engine
    private let sessions: Meeting<ClientSession>
    private let results: Meeting<Build.Result>
    private let entitlements: [String]
    private let cacheExports: [Exporter]
    /// What calls of the gateway have built, by the names that they have got.
    private let built = Mutex<[String: Built]>([:])
    /// What they have fetched.
    private let fetched = Mutex<[String: RemoteFiles]>([:])
    private let returns: AsyncStream<ReturnRequest>
    private let returned: AsyncStream<ReturnRequest>.Continuation
    private let state = Mutex(State())

    /// A finished build whose outcome waits to be exported.
    struct Built: Sendable {
        let build: Build
        /// One for each platform.
        var results: [Build.Result] = []
        /// What was asked for in their place.
        var answer: BuildAnswer?
        let client: SolveClient
    }

    private struct State {
        var isOver = false
        /// What ends when it is over.
        var ends: [AsyncStream<Void>.Continuation] = []
        var record: HistoryRecord
        init() { record = HistoryRecord() }
    }

    init(_ request: SolveRequest, _ buildKit: BuildKit) {
        ref = request.ref
        session = request.session
        entitlements = request.entitlements
        cacheExports = request.caches?.exports ?? []
        (engine, sessions, results) = (buildKit.engine, buildKit.sessions, buildKit.results)
        (returns, returned) = AsyncStream.makeStream(of: ReturnRequest.self)
        state.withLock { state in
            state.record.ref = request.ref
            state.record.frontend = request.frontend
            state.record.frontendAttributes = request.frontendAttributes
            state.record.exporters = request.exporters
            state.record.created = .now
        }
    }

    /// What history tells of it.
    var record: HistoryRecord {
        var record = state.withLock { $0.record }
        (record.totalSteps, record.cachedSteps, record.completedSteps) = log.counts
        return record
    }

    /// Does all that the request says. Throws `RPCStatus`.
    func run(_ request: SolveRequest) async throws -> SolveResponse {
        try await run(request) {
            try Self.check(request.definition)
            return request.frontend.isEmpty ? try await self.theReturned() : try await self.build(request.frontend, request.frontendAttributes, request.frontendInputs)
        }
    }

    /// Does what `build` does, and exports what it gives. Throws `RPCStatus`.
    func run(_ request: SolveRequest, _ build: @escaping @Sendable () async throws -> Built?) async throws -> SolveResponse {
        do {
            let built = try await untilOver(build)
            var response = SolveResponse()
            if let built {
                // What a call of the gateway has built is there already.
                self.built.withLock { if !$0.values.contains(where: { $0.build === built.build }) { $0[""] = built } }
                let exporters = !request.exporters.isEmpty ? request.exporters : request.oldExporter.isEmpty ? [] : [Self.old(request)]
                response.exporterResponse = try await Export(engine: engine, log: log, built: built).run(exporters)
                response.exporterResponse.merge(try await built.build.exportCaches(built.results)) { first, _ in first }
            }
            end(nil, response.exporterResponse)
            return response
        } catch {
            let status = SolveFailure.status(error)
            end(status, [:])
            throw status
        }
    }

    private static func old(_ request: SolveRequest) -> Exporter {
        var exporter = Exporter()
        (exporter.type, exporter.attributes) = (request.oldExporter, request.oldExporterAttributes)
        return exporter
    }

    private static func check(_ definition: Definition?) throws(RPCStatus) {
        if definition.map({ !$0.operations.isEmpty }) ?? false { throw RPCStatus(.unimplemented, "builds in low-level form (LLB) are not supported: give a Dockerfile") }
    }

    private func end(_ status: RPCStatus?, _ response: [String: String]) {
        cancel()
        state.withLock { state in
            state.record.completed = .now
            state.record.error = status?.encoded ?? []
            state.record.exporterResponse = response
        }
        let built = built.withLock { built in
            defer { built = [:] }
            return built
        }
        for (id, one) in built {
            results.remove(id)
            Self.close(one)
        }
        fetched.withLock { $0 = [:] }
        log.end()
    }

    private static func close(_ built: Built) {
        built.client.end()
        built.build.close()
    }

    // MARK: The gateway

    /// Builds something for a call of the gateway; it ends when the whole does.
    func solve(_ request: BridgeSolveRequest) async throws -> BridgeSolveResponse {
        if let definition = request.definition, !definition.operations.isEmpty { return try await fetch(definition, request) }
        guard let built = try await untilOver({ try await self.build(request.frontend, request.options, request.frontendInputs) }) else { throw Self.canceled }
        if let answer = built.answer {
            Self.close(built)
            return BridgeSolveResponse(answer)
        }
        let isOver = state.withLock(\.isOver), ids = built.results.map { _ in Identifier.random().description }
        if isOver {
            Self.close(built)
        } else {
            for (id, result) in zip(ids, built.results) {
                self.built.withLock { $0[id] = built }
                _ = results.add(result, as: id)
            }
        }
        return try BridgeSolveResponse(built.results, ids, request)
    }

    var builder: Builder { engine.builder }

    func client(_ options: FrontendOptions) -> SolveClient { SolveClient(options, session: session, sessions: sessions, log: log) }

    /// Keeps files until the whole ends. Gives the name that they have got.
    func keep(_ files: RemoteFiles) -> String {
        let id = Identifier.random().description
        fetched.withLock { $0[id] = files }
        return id
    }

    /// The files of a reference.
    func root(of id: String) async throws -> OpenFile {
        if let files = fetched.withLock({ $0[id] }) { return files.root }
        guard let one = built.withLock({ $0[id] }), let result = try await results.value(id) else { throw RPCStatus(.notFound, "no such ref: \(id)") }
        return try await AsyncIO.offload { try one.build.files([result]) }
    }

    /// Does something that ends when the whole does.
    private func untilOver(_ body: @escaping @Sendable () async throws -> Built?) async throws -> Built? {
        // One for each who waits: cancelling one ends its stream for all.
        let (end, sender) = AsyncStream.makeStream(of: Void.self)
        state.withLock { if $0.isOver { sender.finish() } else { $0.ends.append(sender) } }
        return try await withThrowingTaskGroup(of: Built?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in end {}
                throw Self.canceled
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private static let canceled = RPCStatus(.canceled, "context canceled")

    /// Ends it, whoever waits for it.
    func cancel() {
        let ends = state.withLock { state in
            state.isOver = true
            defer { state.ends = [] }
            return state.ends
        }
        for end in ends { end.finish() }
    }

    /// The client has what it wants, or an error of its own.
    func take(_ request: ReturnRequest) {
        returned.yield(request)
        returned.finish()
    }

    /// Nil when the client wants nothing exported.
    private func theReturned() async throws -> Built? {
        for await request in returns {
            if !request.error.isEmpty { throw try RPCStatus(encoded: request.error) }
            let result = request.result
            let id = result?.ref?.id ?? result?.refs?.refs.first?.value.id ?? result?.oldRef ?? ""
            if id.isEmpty { return nil }
            guard let built = built.withLock({ $0[id] }) else { throw RPCStatus(.notFound, "no such ref: \(id)") }
            return built
        }
        throw CancellationError()
    }

    // MARK: Building

    /// `inputs`: definitions that contexts are called by.
    private func build(_ frontend: String, _ options: [String: String], _ inputs: [String: Definition]) async throws -> Built {
        guard frontend == "dockerfile.v0" else {
            throw RPCStatus(.unimplemented, "frontend \(frontend.isEmpty ? "\"\"" : frontend) is not supported: Dockerfiles are read by the engine itself")
        }
        let options = FrontendOptions(options)
        var request = try options.request(entitlements: entitlements)
        for (name, place) in options.inputs.sorted(by: { $0.key < $1.key }) {
            if let address = inputs[place]?.address {
                request.inputs.contexts[name.lowercased()] = address
                continue
            }
            guard let id = inputs[place]?.result, let result = try await results.value(id) else {
                throw RPCStatus(.unimplemented, "the context \(name) is a build in low-level form (LLB), which is not supported")
            }
            // Of several platforms each has a name of its own, `name::platform`.
            request.results[BuildRequest.contextName(name.firstRange(of: "::").map { String(name[..<$0.lowerBound]) } ?? name), default: []].append(result)
        }
        return try await build(request, remote: options.remote ?? inputs["context"]?.address, options)
    }

    /// Builds what a request says. Throws `RPCStatus`.
    func build(_ request: BuildRequest, remote: String?, _ options: FrontendOptions) async throws -> Built {
        let client = client(options)
        var place: Build.Place?
        do {
            var request = request
            request.client = client
            request.cacheExports = try cacheExports.map { try CachePlace(type: $0.type, attributes: $0.attributes) }
            let build = try await engine.builder.prepare(request, remote: remote, body: .empty) { [log] in log.take($0) }
            log.isAbout(build.file.name, build.file.text)
            do {
                let question = request.inputs.question
                if !question.isEmpty { return Built(build: build, answer: try build.answer(question), client: client) }
                return Built(build: build, results: try await build.solve(), client: client)
            } catch {
                place = build.failure
                build.close()
                throw error
            }
        } catch {
            client.end()
            throw SolveFailure.status(error, at: place)
        }
    }
}
