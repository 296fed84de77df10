internal import RPC
internal import Synchronization

/// The builds that have ended, as long as the engine lives: what `buildx history` shows, and what clients come late to follow.
final class History: Sendable {
    private static let limit = 50

    private let builds = Mutex<[(solving: Solving, isListed: Bool)]>([])

    /// Gives the names of those that are forgotten for it.
    func add(_ solving: Solving, isListed: Bool) -> [String] {
        builds.withLock { builds in
            builds.append((solving, isListed))
            let old = builds.prefix(max(0, builds.count - Self.limit)).map(\.solving.ref)
            builds.removeFirst(old.count)
            return old
        }
    }

    func hide(_ ref: String) {
        builds.withLock { builds in for place in builds.indices where builds[place].solving.ref == ref { builds[place].isListed = false } }
    }

    /// The last one first.
    var records: [HistoryRecord] { builds.withLock { $0.filter(\.isListed).map(\.solving.record).reversed() } }
}

extension BuildKit {
    func listenHistory(_ call: RPCCall) async throws {
        let request = try await call.request(HistoryRequest.self)
        if !request.activeOnly {
            let records = history.records.filter { request.ref.isEmpty || $0.ref == request.ref }
            for record in request.limit > 0 ? Array(records.prefix(request.limit)) : records {
                var event = HistoryEvent()
                (event.type, event.record) = (1, record)
                try await call.send(event)
            }
        }
        // Nothing more is told: who wants news asks again.
    }

    func updateHistory(_ call: RPCCall) async throws {
        let request = try await call.request(UpdateHistoryRequest.self)
        if request.delete { history.hide(request.ref) }
        try await call.send(Empty())
    }
}
