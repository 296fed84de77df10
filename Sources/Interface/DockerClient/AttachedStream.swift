package import AsyncIO
package import DockerAPI

/// The live input and output of a container or an exec session.
package struct AttachedStream: Sendable {
    /// What is written here is the input; `shutdownWrite` ends it. Output is read through `forEachPiece`, or raw from here with a tty.
    package let connection: AsyncConnection
    /// Without a tty, standard output and error come in frames.
    package let isMultiplexed: Bool

    package init(_ connection: AsyncConnection, isMultiplexed: Bool) {
        self.connection = connection
        self.isMultiplexed = isMultiplexed
    }

    /// Gives the output to `consume`, in order, until it ends. An error that the engine reports in the stream is thrown as APIError.
    package func forEachPiece(_ consume: (StreamFrame.Stream, [UInt8]) async throws -> Void) async throws {
        var output = FramedOutput()
        while true {
            let bytes = try await connection.read()
            if bytes.isEmpty { return }
            guard isMultiplexed else {
                try await consume(.stdout, bytes)
                continue
            }
            for frame in try output.take(bytes) { try await consume(frame.stream, frame.payload) }
            try output.throwReportedError()
        }
    }
}

/// Output in frames, with the engine's own errors kept apart.
struct FramedOutput: Sendable {
    private static let errorBytes = 64 << 10

    private var decoder = StreamFrameDecoder()
    private var error: [UInt8]?

    init() {}

    /// What of the container's output is in the next `bytes`.
    mutating func take(_ bytes: [UInt8]) throws -> [StreamFrame] {
        try decoder.decode(bytes).filter { frame in
            guard frame.stream == .systemError else { return true }
            error = (error ?? []) + frame.payload.prefix(Self.errorBytes - (error?.count ?? 0))
            return false
        }
    }

    /// To be called when what was taken has been dealt with.
    func throwReportedError() throws {
        // Its text may come in several pieces.
        guard let error, decoder.isBetweenFrames else { return }
        throw APIError(status: 500, message: String(decoding: error, as: UTF8.self))
    }
}
