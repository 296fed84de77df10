package import AsyncIO
internal import Linux
internal import Synchronization

/// A connection that speaks HTTP/2 from its first byte. Whoever made it calls `run`; streams live as long as that does.
package final class HTTP2Connection: Sendable {
    /// Which side begins requests.
    package enum Role: Sendable { case client, server }

    private let connection: AsyncConnection
    private let state: Mutex<State>
    /// There is something to send.
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let role: Role

    private struct State: ~Copyable {
        let session: HTTP2Session
        var streams: [Int32: HTTP2Stream] = [:]
        var isOver = false
    }

    package init(_ connection: AsyncConnection, _ role: Role) throws {
        self.connection = connection
        self.role = role
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state = Mutex(State(session: try HTTP2Session(role == .client ? .client : .server)))
    }

    /// Carries bytes until either side ends the connection, which ends all its streams. `serve` is called for each stream that the peer opens,
    /// as a task that is cancelled when the stream is over.
    package func run(_ serve: @escaping @Sendable (HTTP2Stream) async -> Void = { $0.reset() }) async throws {
        defer { end() }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.write() }
                group.addTask { try await self.read(serve) }
                defer {
                    end()
                    group.cancelAll()
                }
                wake.yield()
                try await group.next()
            }
        } catch is SyscallError {
            // The peer is gone: one way for a connection to end.
        } catch is CancellationError {
            // So is `end`.
            try Task.checkCancellation()
        }
    }

    /// Ends it: every stream fails.
    package func end() {
        let streams = state.withLock { state in
            state.isOver = true
            defer { state.streams = [:] }
            return state.streams.values.map { $0 }
        }
        for stream in streams { stream.fail(HTTP2Error("http2: the connection is closed")) }
        wake.finish()
        connection.close()
    }

    /// Begins a request. Throws when the connection is over.
    package func open(_ head: [HTTP2Field]) throws -> HTTP2Stream {
        let stream = try state.withLock { state throws(HTTP2Error) in
            guard !state.isOver else { throw HTTP2Error("http2: the connection is closed") }
            let id = try state.session.open(head), stream = HTTP2Stream(id, self)
            state.streams[id] = stream
            return stream
        }
        wake.yield()
        return stream
    }

    private func write() async throws {
        for await _ in wakes {
            while true {
                let (bytes, events) = try state.withLock { state throws(HTTP2Error) in (try state.session.output(), state.session.takeEvents()) }
                for event in events { _ = handle(event) }
                if bytes.isEmpty { break }
                try await connection.writeAll(bytes)
                for stream in state.withLock({ $0.streams.values.map { $0 } }) { stream.hasRoom() }
            }
            if state.withLock({ $0.session.isOver }) { return }
        }
    }

    private func read(_ serve: @escaping @Sendable (HTTP2Stream) async -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            defer { group.cancelAll() }
            while true {
                let bytes = try await connection.read()
                if bytes.isEmpty { return }
                let events = try state.withLock { state throws(HTTP2Error) in try state.session.receive(bytes) }
                for event in events {
                    guard let stream = handle(event) else { continue }
                    group.addTask {
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask { await serve(stream) }
                            group.addTask { await stream.waitUntilOver() }
                            await group.next()
                            group.cancelAll()
                        }
                    }
                }
                // Windows and acknowledgements.
                wake.yield()
            }
        }
    }

    /// Gives the stream when the event begins it.
    private func handle(_ event: HTTP2Session.Event) -> HTTP2Stream? {
        switch event {
        case .head(let id, let fields):
            let (stream, isNew) = state.withLock { state in
                if let known = state.streams[id] { return (known, false) }
                let stream = HTTP2Stream(id, self)
                if role == .server { state.streams[id] = stream }
                return (stream, role == .server)
            }
            stream.receive(.head(fields))
            return isNew ? stream : nil
        case .data(let id, let bytes):
            if let stream = stream(id) { stream.receive(.data(bytes)) } else { consumed(id, bytes.count) }
        case .ended(let id): stream(id)?.receiveEnd()
        case .closed(let id, let code):
            let stream = state.withLock { $0.streams.removeValue(forKey: id) }
            stream?.fail(HTTP2Error(code == 8 ? "http2: the stream was cancelled" : "http2: the stream was broken off (\(code))"))
        }
        return nil
    }

    private func stream(_ id: Int32) -> HTTP2Stream? { state.withLock { $0.streams[id] } }

    // MARK: For streams

    func respond(_ id: Int32, _ head: [HTTP2Field]) throws { try change { session throws(HTTP2Error) in try session.respond(id, head) } }
    func send(_ id: Int32, _ bytes: [UInt8]) throws { try change { session throws(HTTP2Error) in try session.send(id, bytes) } }
    func finish(_ id: Int32, _ trailers: [HTTP2Field]) throws { try change { session throws(HTTP2Error) in session.finish(id, trailers) } }
    func backlog(_ id: Int32) -> Int { state.withLock { $0.session.backlog(id) } }

    func reset(_ id: Int32) {
        // There is nothing to break off any more when it fails.
        try? change { session throws(HTTP2Error) in session.reset(id) }
    }

    func consumed(_ id: Int32, _ count: Int) {
        // Nobody waits for room on a connection that is over.
        try? change { session throws(HTTP2Error) in session.consumed(id, count) }
    }

    private func change(_ body: (HTTP2Session) throws(HTTP2Error) -> Void) throws(HTTP2Error) {
        try state.withLock { state throws(HTTP2Error) in
            guard !state.isOver else { throw HTTP2Error("http2: the connection is closed") }
            try body(state.session)
        }
        wake.yield()
    }
}
