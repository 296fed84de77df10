internal import Synchronization

/// One request and its response. One task may read and another write at the same time.
package final class HTTP2Stream: Sendable {
    package enum Piece: Sendable {
        /// The request, the response, or what comes after its body.
        case head([HTTP2Field])
        case data([UInt8])
    }

    /// Bytes that may wait to be sent; whoever writes more waits.
    private static let backlogLimit = 512 << 10

    private let id: Int32
    private let connection: HTTP2Connection
    /// What has come: no more than the window of the stream lets come, until it is read.
    private let pieces: AsyncThrowingStream<Piece, any Error>
    private let sender: AsyncThrowingStream<Piece, any Error>.Continuation
    /// Something of what waited has been sent.
    private let rooms: AsyncStream<Void>
    private let room: AsyncStream<Void>.Continuation
    private let overs: AsyncStream<Void>
    private let over: AsyncStream<Void>.Continuation

    init(_ id: Int32, _ connection: HTTP2Connection) {
        self.id = id
        self.connection = connection
        (pieces, sender) = AsyncThrowingStream.makeStream(of: Piece.self)
        (rooms, room) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (overs, over) = AsyncStream.makeStream(of: Void.self)
    }

    /// Nil when the peer has sent all. Throws when the stream is broken off.
    package func read() async throws -> Piece? {
        var iterator = pieces.makeAsyncIterator()
        let piece = try await iterator.next()
        try Task.checkCancellation()
        if case .data(let bytes) = piece { connection.consumed(id, bytes.count) }
        return piece
    }

    /// Begins the response.
    package func respond(_ head: [HTTP2Field]) throws { try connection.respond(id, head) }

    /// Returns when more may be written.
    package func write(_ bytes: [UInt8]) async throws {
        try connection.send(id, bytes)
        var iterator = rooms.makeAsyncIterator()
        while connection.backlog(id) > Self.backlogLimit {
            let isOpen = await iterator.next() != nil
            try Task.checkCancellation()
            guard isOpen else { throw HTTP2Error("http2: the stream is closed") }
        }
    }

    /// Nothing more is written, but for `trailers`.
    package func finish(_ trailers: [HTTP2Field] = []) throws { try connection.finish(id, trailers) }

    /// Breaks it off, as cancelled.
    package func reset() { connection.reset(id) }

    // MARK: For the connection

    func receive(_ piece: Piece) { sender.yield(piece) }
    func receiveEnd() { sender.finish() }
    func hasRoom() { room.yield() }

    /// It is over. What has come may still be read.
    func fail(_ error: HTTP2Error) {
        sender.finish(throwing: error)
        room.finish()
        over.finish()
    }

    func waitUntilOver() async { for await _ in overs {} }
}
