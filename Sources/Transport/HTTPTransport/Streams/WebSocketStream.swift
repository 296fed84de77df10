import AsyncIO
import HTTP
import Linux
import Synchronization

/// The bytes that a web socket carries, on the server's side: what the client sends in frames of any data, and binary frames back.
final class WebSocketStream: ByteStream {
    private let stream: any ByteStream
    private let state = Mutex(State())
    private let turns = Turns()

    private struct State {
        var frames = WebSocketFrames()
        var unread: [UInt8] = []
        var hasEnded = false
    }

    init(_ stream: any ByteStream) { self.stream = stream }

    func read(upTo limit: Int) async throws -> [UInt8] {
        while true {
            let (bytes, hasEnded) = state.withLock { state in
                let bytes = Array(state.unread.prefix(limit))
                state.unread.removeFirst(bytes.count)
                return (bytes, state.hasEnded)
            }
            if !bytes.isEmpty || hasEnded { return bytes }
            let raw = try await stream.read(upTo: limit)
            // An end without a word is one all the same.
            let pieces = raw.isEmpty ? [.close] : try state.withLock { state in try state.frames.decode(raw) }
            for piece in pieces where !state.withLock({ $0.hasEnded }) {
                switch piece {
                case .payload(let bytes): state.withLock { $0.unread += bytes }
                case .ping(let text): try await send(WebSocketFrames.pong(text)[...])
                case .close:
                    state.withLock { $0.hasEnded = true }
                    try await endWriting()
                }
            }
        }
    }

    func unread(_ bytes: [UInt8]) { state.withLock { $0.unread = bytes + $0.unread } }

    func writeAll(_ bytes: ArraySlice<UInt8>) async throws { try await send(WebSocketFrames.binary(bytes)[...]) }

    func sendFile(_ file: OpenFile, at offset: UInt64, count: UInt64, progress: @Sendable () -> Void) async throws {
        throw SyscallError("sendfile", "web socket", errno: .notSupported)
    }

    /// The client is told that it is over, and that is the end both ways: RFC 6455 §5.5.1.
    func endWriting() async throws {
        try await send(WebSocketFrames.close[...])
        try await stream.endWriting()
    }

    func close() { stream.close() }
    var isQuiet: Bool { stream.isQuiet }
    var socket: AsyncConnection { stream.socket }

    /// One frame at a time: the task that reads answers pings, another writes.
    private func send(_ frame: ArraySlice<UInt8>) async throws {
        await turns.begin()
        defer { turns.end() }
        try await stream.writeAll(frame)
    }
}

/// Lets one task of several go on. Who holds a turn ends it when the stream is closed, so waiting needs no cancellation.
private final class Turns: Sendable {
    private let state = Mutex((isTaken: false, waiting: [CheckedContinuation<Void, Never>]()))

    func begin() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if !state.isTaken {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    func end() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }?.resume()
    }
}
