internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Terminal

/// The user's streams connected to a process in a container.
struct Attachment: Sendable {
    enum End: Sendable { case ended, detached }

    let stream: AttachedStream
    let takesInput: Bool
    let detachKeys: DetachKeys

    private var isTerminal: Bool { !stream.isMultiplexed }

    /// Carries input and output until the output ends, or the user types the detach keys. The terminal is raw meanwhile, when
    /// input comes from it.
    func run() async throws -> End {
        let raw = takesInput && isTerminal && TerminalDevice.inputIsTerminal ? try RawMode() : nil
        defer { raw?.restore() }
        return try await withThrowingTaskGroup(of: End?.self) { group in
            if takesInput { group.addTask { try await input() ? .detached : nil } } else { try stream.connection.shutdownWrite() }
            group.addTask {
                try await output()
                return .ended
            }
            defer {
                group.cancelAll()
                stream.connection.close()
            }
            while let end = try await group.next() { if let end { return end } }
            return .ended
        }
    }

    /// Whether the detach keys were typed.
    private func input() async throws -> Bool {
        let source = try AsyncConnection.standard(0)
        defer { source.close() }
        var matcher = DetachKeys.Matcher(detachKeys)
        do {
            while true {
                let bytes = try await source.read()
                if bytes.isEmpty { break }
                guard isTerminal else {
                    try await stream.connection.writeAll(bytes)
                    continue
                }
                let (passed, isDetached) = matcher.filter(bytes)
                try await stream.connection.writeAll(passed)
                if isDetached { return true }
            }
            try stream.connection.shutdownWrite()
        } catch is SyscallError {
            // The process does not read any more: how it ends is for the output to tell.
        } catch is CancellationError {
            // The output ended first.
        }
        return false
    }

    private func output() async throws {
        let streams = OutputStreams()
        do {
            try await stream.forEachPiece { try await streams.write($1, to: $0) }
        } catch let error as SyscallError where error.errno == .connectionReset {
            // One way for the engine's end to go away.
        }
    }
}

/// Standard output and error for a container's own bytes, written without blocking the event loop.
struct OutputStreams: Sendable {
    private let output: AsyncConnection?
    private let errors: AsyncConnection?

    init() {
        // A stream that the user closed takes nothing.
        output = try? AsyncConnection.standard(1)
        errors = try? AsyncConnection.standard(2)
    }

    func write(_ bytes: [UInt8], to stream: StreamFrame.Stream) async throws {
        do {
            try await (stream == .stderr ? errors : output)?.writeAll(bytes)
        } catch let error as SyscallError where error.errno == .brokenPipe {
            // Nobody reads any more: the end that SIGPIPE makes of other programs.
            throw Exit(141)
        }
    }
}
