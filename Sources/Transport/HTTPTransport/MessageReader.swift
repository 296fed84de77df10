internal import AsyncIO
internal import HTTP
internal import Synchronization

/// Reads heads and bodies off one connection, one after the other. One task at a time uses it.
final class MessageReader: Sendable {
    let connection: AsyncConnection
    private let state = Mutex(State())

    private struct State {
        var buffer = InputBuffer()
        var parser = HeadParser()
        var decoder = BodyDecoder(.none)
    }

    private static let readBytes = 64 << 10

    init(_ connection: AsyncConnection) { self.connection = connection }

    /// The next request; nil when the connection ends between two.
    func request() async throws -> RequestHead? {
        while true {
            if let head = try state.withLock({ state in try state.parser.request(&state.buffer) }) { return head }
            let bytes = try await connection.read(upTo: 16 << 10)
            if bytes.isEmpty {
                if state.withLock({ $0.buffer.isEmpty }) { return nil }
                throw HTTPError(400, "unexpected EOF")
            }
            state.withLock { $0.buffer.append(bytes) }
        }
    }

    /// The next response but for interim ones.
    func response() async throws -> ResponseHead {
        while true {
            if let head = try state.withLock({ state in try state.parser.response(&state.buffer) }) {
                if head.status >= 200 || head.status == 101 { return head }
                continue
            }
            let bytes = try await connection.read(upTo: 16 << 10)
            if bytes.isEmpty { throw HTTPError(502, "unexpected EOF") }
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
                let bytes = try await connection.read(upTo: Self.readBytes)
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
        connection.unread(state.withLock { state in state.buffer.take(state.buffer.count) })
    }

    var hasBufferedInput: Bool { state.withLock { !$0.buffer.isEmpty } }
}
