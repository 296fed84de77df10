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
        var decoder = StreamFrameDecoder()
        while true {
            let bytes = try await connection.read()
            if bytes.isEmpty { return }
            guard isMultiplexed else {
                try await consume(.stdout, bytes)
                continue
            }
            for frame in try decoder.decode(bytes) { try await frame.deliver(to: consume) }
        }
    }
}

extension StreamFrame {
    func deliver(to consume: (StreamFrame.Stream, [UInt8]) async throws -> Void) async throws {
        if stream == .systemError {
            throw APIError(status: 500, message: String(decoding: payload, as: UTF8.self))
        }
        try await consume(stream, payload)
    }
}
