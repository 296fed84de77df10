internal import AsyncIO
internal import Diagnostics
internal import HTTP
package import HTTPTransport
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization

/// The registry's HTTP API over a store: distribution-spec 1.1, with what clients of Docker's registry are used to.
package struct RegistryAPI: Sendable {
    let store: RegistryStore
    let configuration: RegistryConfiguration
    let access: AccessControl
    /// Of a cache, the registry behind it.
    let upstream: PullThrough?
    let notifications: Notifications?
    let metrics = Metrics()
    let health: HealthChecks
    private let endpoints = EndpointMemory()
    let log: @Sendable (String) -> Void

    /// `log` gets a line for each request that went wrong in a way that is not the client's fault.
    package init(_ store: RegistryStore, _ configuration: RegistryConfiguration, log: @escaping @Sendable (String) -> Void = { _ in }) throws {
        self.store = store
        self.configuration = configuration
        self.log = log
        health = HealthChecks(configuration.health)
        access = try AccessControl(configuration.authorization)
        notifications = try Notifications(configuration)
        upstream = try configuration.proxy.map { try PullThrough($0, store, log: log) }
    }

    /// Answers one request; errors become responses here.
    package func respond(to request: Request) async -> Response {
        var response: Response
        do {
            guard health.failing.isEmpty else { throw Refusal(.unavailable, detail: .string("health check failed: please see /debug/health")) }
            response = try await answer(request)
        } catch {
            response = refusal(error, request).response
        }
        for field in configuration.headers.fields { response.headers.append(field.name, field.value) }
        return response
    }

    private func answer(_ request: Request) async throws -> Response {
        var path = request.path
        if !configuration.prefix.isEmpty {
            guard path.hasPrefix(configuration.prefix + "/") else { return try await otherPage(request) }
            path.removeFirst(configuration.prefix.count)
        }
        guard let endpoint = try endpoints.endpoint(path, request.method) else { return try await otherPage(request) }
        metrics.count(request.method, endpoint)
        var exchange = Exchange(request: request, configuration: configuration)
        do {
            exchange.user = try await access.authorize(request, endpoint)
            var response = try await dispatch(endpoint, exchange)
            response.headers[RegistryHeader.apiVersion] = "registry/2.0"
            await notifications?.note(endpoint, exchange, response, store)
            return response
        } catch {
            var refusal = refusal(error, request)
            refusal.headers[RegistryHeader.apiVersion] = "registry/2.0"
            throw refusal
        }
    }

    private func dispatch(_ endpoint: RegistryEndpoint, _ exchange: Exchange) async throws -> Response {
        let method = exchange.request.method
        let reads = method == .get || method == .head
        if !reads, store.isReadOnly || upstream != nil { throw Refusal(.unsupported) }
        switch endpoint {
        case .base:
            guard reads else { throw Refusal(.unsupported) }
            return Response(200, headers: ["Content-Type": "application/json"], body: .bytes(Array("{}".utf8)))
        case .catalog:
            guard reads else { throw Refusal(.unsupported) }
            return try await catalog(exchange)
        case .tags(let name):
            guard reads else { throw Refusal(.unsupported) }
            return try await tags(name, exchange)
        case .referrers(let name, let subject):
            guard reads else { throw Refusal(.unsupported) }
            return try await referrers(subject, name, exchange)
        case .manifest(let name, let reference):
            switch method {
            case .get, .head: return try await manifest(reference, name, exchange)
            case .put: return try await putManifest(reference, name, exchange)
            case .delete: return try await deleteManifest(reference, name, exchange)
            default: throw Refusal(.unsupported)
            }
        case .blob(let name, let digest):
            switch method {
            case .get, .head: return try await blob(digest, name, exchange)
            case .delete: return try await deleteBlob(digest, name, exchange)
            default: throw Refusal(.unsupported)
            }
        case .uploads(let name):
            guard method == .post else { throw Refusal(.unsupported) }
            return try await beginUpload(name, exchange)
        case .upload(let name, let id):
            guard let id = UploadID(id) else { throw Refusal(.blobUploadUnknown) }
            switch method {
            case .get, .head: return try await uploadStatus(id, name, exchange)
            case .patch: return try await patchUpload(id, name, exchange)
            case .put: return try await finishUpload(id, name, exchange)
            case .delete: return try await cancelUpload(id, name, exchange)
            default: throw Refusal(.unsupported)
            }
        }
    }

    /// Calls the store, which may block, on a thread apart.
    func call<Result: Sendable>(_ body: @escaping @Sendable (RegistryStore) throws -> Result) async throws -> Result {
        let store = store
        return try await AsyncIO.offload { try body(store) }
    }

    func refusal(_ error: any Error, _ request: Request) -> Refusal {
        switch error {
        case let refusal as Refusal: return refusal
        case let error as RegistryError: return Refusal([error])
        case let errors as RegistryErrors: return Refusal(errors.errors)
        case let error as HTTPError where error.status == 413:
            return Refusal(.sizeInvalid, error.message, status: 413)
        case let error as HTTPError: return Refusal(.unknown, error.message, status: error.status)
        case is CancellationError: return Refusal(.unavailable)
        default:
            log("level=error msg=\"\(request.method) \(request.path): \(error)\"")
            if isFull(error) { return Refusal(.unavailable, "no space left on the registry's disk", status: 507) }
            // What went wrong inside is for the log, not for strangers.
            return Refusal(.unknown)
        }
    }

    private func isFull(_ error: any Error) -> Bool {
        let cause = (error as? Fault)?.cause ?? error
        guard let call = cause as? SyscallError else { return false }
        return call.errno == .noSpace || call.errno == .fileTooLarge || call.errno.rawValue == 122 /* EDQUOT */
    }
}

/// Paths that were read before: what is pulled again and again is not taken apart each time.
private final class EndpointMemory: Sendable {
    /// Past that it begins anew. A path is at most some 450 bytes.
    private static let limit = 8192
    private let known = Mutex<[String: RegistryEndpoint]>([:])

    /// Nil when there is no such place.
    func endpoint(_ path: String, _ method: Method) throws -> RegistryEndpoint? {
        if let endpoint = known.withLock({ $0[path] }) { return endpoint }
        let read: RegistryEndpoint?
        do { read = try RegistryEndpoint(path: path) } catch {
            // A tag that cannot be is not there; only when pushed is it wrong.
            if error.code == .tagInvalid, method != .put { throw Refusal(.manifestUnknown, detail: error.detail) }
            throw error
        }
        guard let endpoint = read else { return nil }
        if case .upload = endpoint { return endpoint }
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[path] = endpoint
        }
        return endpoint
    }
}
