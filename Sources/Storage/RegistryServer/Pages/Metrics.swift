internal import HTTP
internal import OCI
internal import Synchronization

/// What happened so far, in Prometheus's text form.
final class Metrics: Sendable {
    private struct State {
        var requests = [UInt64](repeating: 0, count: handlers.count * methods.count)
        var statuses: [Int: UInt64] = [:]
        var running = 0
    }

    private static let handlers = ["base", "catalog", "tags", "manifest", "blob", "blob_upload", "blob_upload_chunk", "referrers"]
    /// Any token can be a method; a table must not grow with what clients think of.
    private static let methods = ["get", "head", "put", "post", "patch", "delete", "other"]

    private let state = Mutex(State())

    func count(_ method: Method, _ endpoint: RegistryEndpoint) {
        let handler =
            switch endpoint {
            case .base: 0
            case .catalog: 1
            case .tags: 2
            case .manifest: 3
            case .blob: 4
            case .uploads: 5
            case .upload: 6
            case .referrers: 7
            }
        let verb: Int
        switch method {
        case .get: verb = 0
        case .head: verb = 1
        case .put: verb = 2
        case .post: verb = 3
        case .patch: verb = 4
        case .delete: verb = 5
        default: verb = 6
        }
        state.withLock { $0.requests[handler * Self.methods.count + verb] += 1 }
    }

    func begin() { state.withLock { $0.running += 1 } }

    func end(_ status: Int) {
        state.withLock { state in
            state.running -= 1
            state.statuses[status, default: 0] += 1
        }
    }

    /// The page at `/metrics`.
    var text: String {
        let (requests, statuses, running) = state.withLock { ($0.requests, $0.statuses, $0.running) }
        var lines = ["# HELP registry_http_requests_total The number of requests, by handler and method", "# TYPE registry_http_requests_total counter"]
        for (index, count) in requests.enumerated() where count > 0 {
            let handler = Self.handlers[index / Self.methods.count], method = Self.methods[index % Self.methods.count]
            lines.append("registry_http_requests_total{handler=\"\(handler)\",method=\"\(method)\"} \(count)")
        }
        lines += ["# HELP registry_http_responses_total The number of answers, by status", "# TYPE registry_http_responses_total counter"]
        lines += statuses.sorted { $0.key < $1.key }.map { "registry_http_responses_total{code=\"\($0.key)\"} \($0.value)" }
        lines += ["# HELP registry_http_in_flight_requests The requests being answered", "# TYPE registry_http_in_flight_requests gauge"]
        lines.append("registry_http_in_flight_requests \(running)")
        return lines.joined(separator: "\n") + "\n"
    }
}
