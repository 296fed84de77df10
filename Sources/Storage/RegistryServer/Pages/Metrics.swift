internal import HTTP
internal import OCI
internal import Synchronization

/// What happened so far, in Prometheus's text form.
final class Metrics: Sendable {
    private struct State {
        var requests: [String: UInt64] = [:]
        var statuses: [Int: UInt64] = [:]
        var running = 0
    }

    private let state = Mutex(State())

    func count(_ method: Method, _ endpoint: RegistryEndpoint) {
        let kind =
            switch endpoint {
            case .base: "base"
            case .catalog: "catalog"
            case .tags: "tags"
            case .manifest: "manifest"
            case .blob: "blob"
            case .uploads: "blob_upload"
            case .upload: "blob_upload_chunk"
            case .referrers: "referrers"
            }
        // Any token can be a method; a table must not grow with what clients think of.
        let known = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"].contains(method.rawValue) ? method.rawValue.lowercased() : "other"
        state.withLock { $0.requests["handler=\"\(kind)\",method=\"\(known)\"", default: 0] += 1 }
    }

    func begin() { state.withLock { $0.running += 1 } }

    func end(_ status: Int) {
        state.withLock { state in
            state.running -= 1
            state.statuses[status, default: 0] += 1
        }
    }

    /// Requests being answered.
    var running: Int { state.withLock { $0.running } }

    /// The page at `/metrics`.
    var text: String {
        let (requests, statuses, running) = state.withLock { ($0.requests, $0.statuses, $0.running) }
        var lines = ["# HELP registry_http_requests_total The number of requests, by handler and method", "# TYPE registry_http_requests_total counter"]
        lines += requests.sorted { $0.key < $1.key }.map { "registry_http_requests_total{\($0.key)} \($0.value)" }
        lines += ["# HELP registry_http_responses_total The number of answers, by status", "# TYPE registry_http_responses_total counter"]
        lines += statuses.sorted { $0.key < $1.key }.map { "registry_http_responses_total{code=\"\($0.key)\"} \($0.value)" }
        lines += ["# HELP registry_http_in_flight_requests The requests being answered", "# TYPE registry_http_in_flight_requests gauge"]
        lines.append("registry_http_in_flight_requests \(running)")
        return lines.joined(separator: "\n") + "\n"
    }
}
