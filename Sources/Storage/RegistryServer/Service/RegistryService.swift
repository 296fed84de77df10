internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import Synchronization
internal import TLS
internal import Values

/// A registry as a process: listeners, housekeeping, and an orderly end.
package struct RegistryService: Sendable {
    private let api: RegistryAPI
    private let configuration: RegistryConfiguration
    /// Lines for the operator, and those of the access log.
    private let log: @Sendable (String) -> Void
    private let logAccess: @Sendable (String) -> Void
    private let collections = CollectionQueue()

    package init(
        _ configuration: RegistryConfiguration, log: @escaping @Sendable (String) -> Void, logAccess: @escaping @Sendable (String) -> Void
    ) throws {
        self.configuration = configuration
        self.log = log
        self.logAccess = logAccess
        let store = try RegistryStore(root: configuration.root, readOnly: configuration.isReadOnly, leaseDuration: configuration.collection.lease)
        api = try RegistryAPI(store, configuration, log: log)
    }

    /// Serves until SIGTERM or SIGINT, and then what is under way, for as long as the configuration says. Called from a synchronous
    /// `main`. Throws when it cannot listen.
    package func run() throws {
        for warning in configuration.warnings { log("level=warning msg=\"\(warning)\"") }
        let listeners = try Listeners(configuration, store: api.store)
        defer { listeners.remove() }
        let signals = try SignalEvents([2 /* SIGINT */, 15 /* SIGTERM */])
        try AsyncIO.run { try await serve(listeners, until: signals) }
    }

    private func serve(_ listeners: Listeners, until signals: SignalEvents) async throws {
        let drain = Drain()
        // True from what ends the rest: the servers when they are done, or the end of their time.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await listen(listeners, drain)
                return true
            }
            group.addTask {
                try await housekeeping()
                return false
            }
            group.addTask {
                let signal = try await signals.next()
                log("level=info msg=\"stopping after signal \(signal == 2 ? "interrupt" : "terminated"): requests in flight are finished\"")
                drain.begin()
                try await AsyncIO.sleep(configuration.drainTimeout)
                return true
            }
            while let isOver = try await group.next(), !isOver {}
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// Answers until `drain` has begun and all requests under way are answered.
    private func listen(_ listeners: Listeners, _ drain: Drain) async throws {
        let server = HTTPServer(limits: .strict) { await answer($0) }
        let tls = try configuration.tls.map { try TLSServer(settings($0)) }
        let debug = HTTPServer { await api.debug($0) }
        let control = HTTPServer { await self.control($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            func add(_ server: HTTPServer, _ listener: OpenFile, _ tls: TLSServer? = nil) {
                group.addTask { do { try await server.serve(listener.descriptor, tls: tls, drain: drain) } catch is CancellationError {} }
            }
            add(server, listeners.main, tls)
            log("level=info msg=\"listening on \(listeners.name)\(configuration.tls == nil ? "" : ", tls")\"")
            if let listener = listeners.debug { add(debug, listener) }
            if let listener = listeners.control { add(control, listener) }
            try await group.waitForAll()
        }
    }

    private func settings(_ paths: RegistryConfiguration.TLS) throws -> TLSServerSettings {
        let identity = TLSIdentity(certificates: try FileSystem.read(paths.certificate), key: try FileSystem.read(paths.key))
        let authorities = try paths.clientAuthorities.map { try FileSystem.read($0) }
        return TLSServerSettings(identity: identity, clients: authorities.isEmpty ? .none : .verified(by: authorities, isRequired: !paths.clientsMayBeUnknown))
    }

    // MARK: - Requests

    private func answer(_ request: Request) async -> Response {
        api.metrics.begin()
        let began = MonotonicClock.now
        var response = await api.respond(to: request)
        let isBodied = request.method != .head
        guard isBodied, case .stream(let produce) = response.body else {
            finished(request, response, began)
            return response
        }
        // A streamed body is under way when the head is out already.
        let head = Response(response.status, headers: response.headers)
        response.body = .stream { output in
            defer { finished(request, head, began) }
            try await produce(output)
        }
        return response
    }

    private func finished(_ request: Request, _ response: Response, _ began: Duration) {
        api.metrics.end(response.status)
        if configuration.logsAccess { logAccess(AccessLog.line(request, response, at: .now)) }
    }

    // MARK: - Housekeeping

    private func housekeeping() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let notifications = api.notifications { group.addTask { try await notifications.run(log: log) } }
            group.addTask { try await api.health.run(api.store, log: log) }
            if configuration.isReadOnly { return try await group.waitForAll() }
            if configuration.purge.isEnabled {
                group.addTask {
                    let settings = configuration.purge
                    try await every(settings.interval) {
                        let count = try await api.call { try $0.purgeUploads(olderThan: settings.age, dryRun: settings.isDryRun) }
                        if count > 0 { log("level=info msg=\"\(count) abandoned uploads \(settings.isDryRun ? "would be purged" : "purged")\"") }
                    }
                }
            }
            if let age = configuration.proxy?.timeToLive {
                group.addTask {
                    // What was fetched a moment ago is held for a while yet: the next rounds find it.
                    var rounds = 0
                    try await every(min(age, .seconds(3600))) {
                        if try await api.call({ try $0.expire(olderThan: age) }) > 0 { rounds = 3 }
                        if rounds == 0 { return }
                        rounds -= 1
                        _ = try await collect(.init()) { _ in }
                    }
                }
            }
            if configuration.collection.isEnabled {
                group.addTask {
                    let settings = configuration.collection
                    try await every(settings.interval) {
                        let result = try await collect(.init(untagged: settings.untagged)) { _ in }
                        log("level=info msg=\"garbage collected: \(result.blobs) blobs, \(result.manifests) manifests, \(result.bytes) bytes\"")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func every(_ interval: Duration, _ body: () async throws -> Void) async throws {
        while true {
            try await AsyncIO.sleep(interval)
            do { try await body() } catch let error as CancellationError { throw error } catch { log("level=error msg=\"housekeeping: \(error)\"") }
        }
    }

    private func collect(
        _ options: GarbageCollection.Options, _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> GarbageCollection.Result {
        let queue = collections
        return try await api.call { store in try queue.one { try GarbageCollection.run(store, options, tell: tell) } }
    }

    /// The socket in the registry's directory: `POST /garbage-collect?dry-run=1&untagged=1` answers with what it prints.
    private func control(_ request: Request) async -> Response {
        guard request.method == .post, request.path == "/garbage-collect" else { return Response(404) }
        let options = GarbageCollection.Options(isDryRun: request.query.flag("dry-run"), untagged: request.query.flag("untagged"))
        let lines = LineBuffer()
        do {
            _ = try await collect(options) { lines.add($0) }
            return Response(200, headers: ["Content-Type": "text/plain"], body: .bytes(lines.bytes))
        } catch {
            return Response(500, headers: ["Content-Type": "text/plain"], body: .bytes(Array("\(error)\n".utf8)))
        }
    }
}

/// One collection after the other.
private final class CollectionQueue: Sendable {
    private let mutex = Mutex<Void>(())

    func one<Result>(_ body: () throws -> Result) throws -> Result { try mutex.withLock { (_: inout Void) in try body() } }
}

/// What a collection prints, up to a limit.
private final class LineBuffer: Sendable {
    private static let limit = 64 << 20
    private let text = Mutex<[UInt8]>([])

    func add(_ line: String) {
        text.withLock { text in if text.count < Self.limit { text += Array((line + "\n").utf8) } }
    }

    var bytes: [UInt8] { text.withLock { $0 } }
}
