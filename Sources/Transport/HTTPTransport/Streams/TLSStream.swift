package import AsyncIO
package import Linux
internal import Synchronization
package import TLS

/// A stream encrypted over another one.
package final class TLSStream: ByteStream {
    private let base: any ByteStream
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var session: TLSSession
        var unread: [UInt8] = []
        /// The peer has said that nothing more comes.
        var hasEnded = false
    }

    /// How much is encrypted at once: a few records, so that the peer can begin.
    private static let pieceBytes = 256 << 10

    private init(_ session: consuming TLSSession, over base: any ByteStream) {
        self.base = base
        state = Mutex(State(session: session))
    }

    /// Agrees with the peer on a connection. Throws TLSError, after the peer was told why; then `base` is of no more use.
    package static func establish(_ session: consuming TLSSession, over base: any ByteStream) async throws -> TLSStream {
        let stream = TLSStream(session, over: base)
        while true {
            let (progress, output) = stream.step()
            if !output.isEmpty { try await base.writeAll(output) }
            switch progress {
            case .success(.done): return stream
            case .success(.needsInput): try await stream.receive()
            case .failure(let error): throw error
            }
        }
    }

    private func step() -> (Result<TLSSession.Progress, TLSError>, [UInt8]) {
        state.withLock { state in
            var progress: Result<TLSSession.Progress, TLSError>
            do throws(TLSError) { progress = .success(try state.session.handshake()) } catch { progress = .failure(error) }
            return (progress, state.session.takeOutput())
        }
    }

    /// Feeds the session with what the peer sends next.
    private func receive() async throws {
        let bytes = try await base.read(upTo: 64 << 10)
        try state.withLock { state in
            if bytes.isEmpty { throw state.session.cut() }
            state.session.receive(bytes)
        }
    }

    package func read(upTo limit: Int) async throws -> [UInt8] {
        while true {
            switch try readNow(limit) {
            case .bytes(let bytes): return bytes
            case .end: return []
            case .needsInput: try await receive()
            }
        }
    }

    private func readNow(_ limit: Int) throws -> TLSSession.Received {
        try state.withLock { state in
            if !state.unread.isEmpty {
                let piece = Array(state.unread.prefix(limit))
                state.unread.removeFirst(piece.count)
                return .bytes(piece)
            }
            if state.hasEnded { return .end }
            // What the session wants to say in answer, such as new keys, goes out with the next write.
            let received = try state.session.read(upTo: limit)
            state.hasEnded = received == .end
            return received
        }
    }

    package func unread(_ bytes: [UInt8]) { state.withLock { $0.unread = bytes + $0.unread } }

    package func writeAll(_ bytes: ArraySlice<UInt8>) async throws {
        var rest = bytes
        while !rest.isEmpty {
            let piece = rest.prefix(Self.pieceBytes)
            let output = try state.withLock { state in
                try state.session.write(piece)
                return state.session.takeOutput()
            }
            try await base.writeAll(output)
            rest = rest.dropFirst(piece.count)
        }
    }

    package func sendFile(_ file: OpenFile, at offset: UInt64, count: UInt64, progress: @Sendable () -> Void) async throws {
        var sent: UInt64 = 0
        while sent < count {
            guard let position = Int64(exactly: offset + sent) else { throw SyscallError("pread", "offset", errno: .invalid) }
            let wanted = Int(min(count - sent, UInt64(Self.pieceBytes)))
            let bytes = try await AsyncIO.offload { try file.descriptor.read(upTo: wanted, at: position) }
            if bytes.isEmpty { throw SyscallError("pread", "file", errno: .noData) }
            try await writeAll(bytes[...])
            sent += UInt64(bytes.count)
            progress()
        }
    }

    package func endWriting() async throws {
        let output = state.withLock { state in
            state.session.endWriting()
            return state.session.takeOutput()
        }
        try await base.writeAll(output[...])
    }

    package func close() { base.close() }

    package var isQuiet: Bool { state.withLock { $0.unread.isEmpty && !$0.hasEnded } && base.isQuiet }

    package var socket: AsyncConnection { base.socket }

    /// The subject of the peer's certificate; nil when it has shown none.
    package var peerSubject: String? { state.withLock { $0.session.peerSubject } }
}
