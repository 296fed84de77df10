internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import HostNames
internal import Linux
internal import Synchronization
internal import Values

/// What a registry needs around it, looked at again and again: `health` of `config.yml`, as Docker's registry has it. While a check
/// fails, every request is answered 503.
final class HealthChecks: Sendable {
    private let checks: [RegistryConfiguration.HealthCheck]
    private let states: Mutex<[String: State]> = Mutex([:])

    private struct State {
        var failures = 0
        var reason: String?
    }

    init(_ checks: [RegistryConfiguration.HealthCheck]) { self.checks = checks }

    /// Reasons by the checks' names, of those that have failed often enough in a row; empty when all is well.
    var failing: [String: String] {
        states.withLock { states in
            if states.isEmpty { return [:] }
            var reasons: [String: String] = [:]
            for check in checks {
                guard let state = states[check.name], state.failures >= check.threshold else { continue }
                reasons[check.name] = state.reason
            }
            return reasons
        }
    }

    /// Checks until it is cancelled, each for the first time after its interval. `store` is what the check of the storage looks at.
    func run(_ store: RegistryStore, log: @escaping @Sendable (String) -> Void) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.userAgent = "davit"
        let client = HTTPClient(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for check in checks {
                group.addTask {
                    while true {
                        try await AsyncIO.sleep(check.interval)
                        let reason = try await Self.look(check, store, client)
                        if let reason { log("level=error msg=\"health: \(check.name): \(reason)\"") }
                        self.note(reason, check)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func note(_ reason: String?, _ check: RegistryConfiguration.HealthCheck) {
        states.withLock { states in
            // Nothing is kept of what is well: there is mostly nothing to look through for a request.
            guard let reason else {
                states[check.name] = nil
                return
            }
            states[check.name] = State(failures: min(states[check.name, default: State()].failures + 1, check.threshold), reason: reason)
        }
    }

    /// Nil when all is well. Throws when it is cancelled.
    private static func look(_ check: RegistryConfiguration.HealthCheck, _ store: RegistryStore, _ client: HTTPClient) async throws -> String? {
        do {
            switch check.subject {
            case .storage: try await AsyncIO.offload { try store.probe() }
            case .file(let path):
                return try await AsyncIO.offload { FileSystem.exists(path) } ? "file exists" : nil
            case .http(let url, let headers, let status):
                return try await AsyncIO.withDeadline(check.timeout) {
                    let response = try await client.send(ClientRequest(.head, url, headers: headers))
                    try await response.body.discard()
                    return response.status == status ? nil : "\(check.name): downstream service returned unexpected status: \(response.status)"
                }
            case .tcp(let host, let port):
                try await AsyncIO.withDeadline(check.timeout) {
                    guard let address = try await HostNames.shared.addresses(of: host).first else { return }
                    _ = try await AsyncConnection.connect(tcp: Endpoint(address, port))
                }
            }
            return nil
        } catch let error as CancellationError {
            throw error
        } catch {
            switch check.subject {
            case .storage, .file: return "\(error)"
            case .http: return "\(check.name): error while checking: \(error)"
            case .tcp: return "\(check.name): connection failed: \(error)"
            }
        }
    }
}
