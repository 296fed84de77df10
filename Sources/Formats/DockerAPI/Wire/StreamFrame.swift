/// One piece of output in Docker's multiplexed stream, as attach, exec and logs send it when there is no tty.
///
/// On the wire: one byte for the stream, three zero bytes, the length as 32 bits big-endian, then that many bytes
/// (Engine API, "Attach to a container", Stream format).
package struct StreamFrame: Sendable, Hashable {
    package enum Stream: UInt8, Sendable {
        case stdin = 0
        case stdout = 1
        case stderr = 2
        /// An error of the engine in mid-stream; clients print it and stop.
        case systemError = 3
    }

    package static let headerLength = 8

    package var stream: Stream
    package var payload: [UInt8]

    package init(_ stream: Stream, _ payload: [UInt8]) {
        self.stream = stream
        self.payload = payload
    }

    /// The eight bytes before a payload of `count` bytes (at most 2³²-1; callers send far smaller pieces).
    package static func header(_ stream: Stream, count: Int) -> [UInt8] {
        let length = UInt32(clamping: count)
        return [
            stream.rawValue, 0, 0, 0,
            UInt8(length >> 24), UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255),
        ]
    }

    package var encoded: [UInt8] { StreamFrame.header(stream, count: payload.count) + payload }
}

/// A stream whose bytes are not frames.
package struct StreamFrameError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first byte of the header that made no sense.
    package var stream: UInt8
    package var description: String { "Unrecognized input header: \(stream)" }
}

/// Takes a multiplexed stream apart, whatever pieces it arrives in. It keeps at most a header: payload is handed out as it comes,
/// so one frame may give several pieces.
package struct StreamFrameDecoder: Sendable {
    private var header: [UInt8] = []
    private var stream = StreamFrame.Stream.stdout
    private var remaining = 0

    package init() {}

    /// Whether the stream may end here: neither in a header nor in a payload.
    package var isBetweenFrames: Bool { remaining == 0 && header.isEmpty }

    /// The pieces of payload in the next `bytes`.
    package mutating func decode(_ bytes: some Collection<UInt8>) throws(StreamFrameError) -> [StreamFrame] {
        var frames: [StreamFrame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if remaining == 0 {
                let taken = rest.prefix(StreamFrame.headerLength - header.count)
                header += taken
                rest = rest.dropFirst(taken.count)
                guard header.count == StreamFrame.headerLength else { break }
                guard let known = StreamFrame.Stream(rawValue: header[0]) else { throw StreamFrameError(stream: header[0]) }
                stream = known
                remaining = header[4...].reduce(0) { $0 << 8 | Int($1) }
                header.removeAll(keepingCapacity: true)
            } else {
                let taken = rest.prefix(remaining)
                frames.append(StreamFrame(stream, Array(taken)))
                remaining -= taken.count
                rest = rest.dropFirst(taken.count)
            }
        }
        return frames
    }
}
