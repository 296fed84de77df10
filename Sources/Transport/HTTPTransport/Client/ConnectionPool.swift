internal import AsyncIO
internal import HTTP
internal import Synchronization
internal import TLS

/// What requests must have in common to share a connection.
struct ClientRoute: Sendable, Hashable {
    var origin: URL.Origin
    var tls: TLSClientSettings?
    var proxy: ProxyServer?

    /// Who is at the other end of the TCP connection when requests go through a proxy as they are.
    var isForwarded: Bool { proxy != nil && origin.scheme == .http }
}

/// An open connection, lent to one request at a time.
final class ClientConnection: Sendable {
    let stream: any ByteStream
    let reader: MessageReader
    private let route: ClientRoute
    private let pool: ConnectionPool
    private let isLent = Mutex(true)

    init(_ stream: any ByteStream, _ route: ClientRoute, _ pool: ConnectionPool) {
        self.stream = stream
        self.route = route
        self.pool = pool
        reader = MessageReader(stream)
    }

    /// The request is through. A connection that may be used again goes back, any other closes.
    func end(reusable: Bool) {
        let wasLent = isLent.withLock { lent in
            defer { lent = false }
            return lent
        }
        guard wasLent else { return }
        reader.watchdog.expect(within: nil)
        if reusable, !reader.hasBufferedInput, reader.bodyIsFinished, stream.isQuiet {
            pool.give(self, route)
        } else {
            close()
            pool.give(nil, route)
        }
    }

    func lend() { isLent.withLock { $0 = true } }

    func close() {
        reader.watchdog.stop()
        stream.close()
    }
}

/// Open connections, waiting for their next request, and the limit to how many there are to one place.
final class ConnectionPool: Sendable {
    private let limit: Int
    private let idleTimeout: Duration
    private let state = Mutex(State())

    private struct State {
        var places: [ClientRoute: Place] = [:]
        var lastID: UInt64 = 0
        var isSweeping = false
        var isClosed = false
    }

    private struct Place {
        var idle: [(connection: ClientConnection, since: ContinuousClock.Instant)] = []
        /// Idle ones and those that are lent or being made.
        var open = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<ClientConnection?, any Error>)] = []
    }

    init(limit: Int, idleTimeout: Duration) {
        self.limit = limit
        self.idleTimeout = idleTimeout
    }

    /// A connection that has been used before, or nil for the right to make one, which `give` takes back as it does connections.
    /// Waits while there are too many. Throws CancellationError.
    func take(_ route: ClientRoute) async throws -> ClientConnection? {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                var dead: [ClientConnection] = []
                let outcome: Result<ClientConnection?, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    while let (connection, since) = state.places[route]?.idle.popLast() {
                        if .now - since < idleTimeout, connection.stream.isQuiet {
                            connection.lend()
                            return .success(connection)
                        }
                        state.places[route]?.open -= 1
                        dead.append(connection)
                    }
                    if state.places[route, default: Place()].open < limit {
                        state.places[route, default: Place()].open += 1
                        return .success(nil)
                    }
                    state.places[route]?.waiters.append((id, continuation))
                    return nil
                }
                for connection in dead { connection.close() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<ClientConnection?, any Error>? in
                guard let index = state.places[route]?.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.places[route]?.waiters.remove(at: index).continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Takes back a connection that may be used again, or nil for one that is gone or was never made.
    func give(_ connection: ClientConnection?, _ route: ClientRoute) {
        var startsSweep = false
        let (waiter, unwanted) = state.withLock { state -> (CheckedContinuation<ClientConnection?, any Error>?, ClientConnection?) in
            guard var place = state.places[route] else { return (nil, connection) }
            defer { state.places[route] = place.open == 0 && place.waiters.isEmpty ? nil : place }
            if !place.waiters.isEmpty {
                connection?.lend()
                return (place.waiters.removeFirst().continuation, nil)
            }
            guard let connection, !state.isClosed else {
                place.open -= 1
                return (nil, connection)
            }
            place.idle.append((connection, .now))
            startsSweep = !state.isSweeping
            state.isSweeping = true
            return (nil, nil)
        }
        unwanted?.close()
        waiter?.resume(returning: connection)
        if startsSweep { sweep() }
    }

    /// Closes connections that nobody has wanted for a while, as long as there are any. The task belongs to the pool and ends with it.
    private func sweep() {
        let interval = idleTimeout
        _ = AsyncIO.begin { [weak self] in
            while true {
                try await AsyncIO.sleep(interval)
                guard let self, self.closeIdle(unusedFor: interval) else { return }
            }
        }
    }

    /// Closes all that nobody uses, and from now on those that come back.
    func close() {
        state.withLock { $0.isClosed = true }
        _ = closeIdle(unusedFor: .zero)
    }

    /// False when none is left.
    private func closeIdle(unusedFor time: Duration) -> Bool {
        var dead: [ClientConnection] = []
        let isAnyLeft = state.withLock { state in
            let now = ContinuousClock.now
            for (route, place) in state.places {
                var place = place
                dead += place.idle.filter { now - $0.since >= time }.map(\.connection)
                let before = place.idle.count
                place.idle.removeAll { now - $0.since >= time }
                place.open -= before - place.idle.count
                state.places[route] = place.open == 0 && place.waiters.isEmpty ? nil : place
            }
            state.isSweeping = state.places.values.contains { !$0.idle.isEmpty }
            return state.isSweeping
        }
        for connection in dead { connection.close() }
        return isAnyLeft
    }
}
