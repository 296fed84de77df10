internal import HTTP
internal import Synchronization

/// Reads heads and bodies off one connection, one after the other. One task at a time uses it.
final class MessageReader: Sendable {
    let stream: any ByteStream
    /// Closes the stream when the peer hangs.
    let watchdog: Watchdog
    private let state = Mutex(State())

    private struct State {
        var buffer = InputBuffer()
        var parser = HeadParser()
        var decoder = BodyDecoder(.none)
    }

    private static let readBytes = 128 << 10
    /// Interim responses before the final one.
    private static let interimLimit = 16

    init(_ stream: any ByteStream) {
        self.stream = stream
        watchdog = Watchdog { stream.close() }
    }

    deinit { watchdog.stop() }

    /// The next request; nil when the connection ends, or nothing comes `within` a time, between two. Its head must be whole within
    /// `headWithin` of its first bytes.
    func request(within idle: Duration?, headWithin: Duration?) async throws -> RequestHead? {
        var isBegun = hasBufferedInput
        watchdog.expect(within: isBegun ? headWithin : idle)
        while true {
            if let head = try state.withLock({ state in try state.parser.request(&state.buffer) }) {
                watchdog.expect(within: nil)
                return head
            }
            let bytes: [UInt8]
            do {
                bytes = try await stream.read(upTo: 16 << 10)
            } catch is CancellationError where watchdog.hasExpired {
                return nil
            }
            if bytes.isEmpty {
                if !hasBufferedInput { return nil }
                throw HTTPError.unexpectedEnd()
            }
            state.withLock { $0.buffer.append(bytes) }
            // Not for each piece: a head that trickles has no more time than one that does not come.
            if !isBegun { watchdog.expect(within: headWithin) }
            isBegun = true
        }
    }

    /// The next response but for interim ones.
    func response() async throws -> ResponseHead {
        var interim = 0
        while true {
            let head = try await anyResponse()
            if head.status >= 200 || head.status == 101 { return head }
            interim += 1
            guard interim < Self.interimLimit else { throw HTTPError(502, "too many 1xx informational responses") }
        }
    }

    /// The next response, which may be an interim one.
    func anyResponse() async throws -> ResponseHead {
        while true {
            if let head = try state.withLock({ state in try state.parser.response(&state.buffer) }) { return head }
            let bytes = try await stream.read(upTo: 16 << 10)
            if bytes.isEmpty {
                if hasBufferedInput { throw HTTPError.unexpectedEnd(502) }
                throw EndOfStream()
            }
            state.withLock { $0.buffer.append(bytes) }
        }
    }

    /// What comes next is a body.
    func begin(_ framing: BodyFraming) { state.withLock { $0.decoder = BodyDecoder(framing) } }

    var bodyIsFinished: Bool { state.withLock { $0.decoder.isFinished } }

    /// The next piece of the body; nil at its end.
    func piece() async throws -> [UInt8]? {
        while true {
            switch try state.withLock({ state in try state.decoder.next(&state.buffer) }) {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .needsMore:
                let bytes = try await stream.read(upTo: Self.readBytes)
                watchdog.touch()
                if bytes.isEmpty {
                    try state.withLock { state in try state.decoder.finish() }
                    return nil
                }
                state.withLock { $0.buffer.append(bytes) }
            }
        }
    }

    /// Gives what was read too far back to the connection, which goes on as a plain stream.
    func handOver() {
        watchdog.expect(within: nil)
        stream.unread(state.withLock { state in state.buffer.take(state.buffer.count) })
    }

    var hasBufferedInput: Bool { state.withLock { !$0.buffer.isEmpty } }
}

/// The server closed the connection where a response was to begin.
struct EndOfStream: Error, CustomStringConvertible {
    var description: String { "EOF" }
}
