internal import AsyncIO
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import Synchronization

/// A connection whose other end is a program's standard input and output. The program goes when it is closed.
final class ProgramStream: ByteStream {
    private let base: AsyncConnection
    private let command: [String]
    /// What the program complains of.
    private let complaints: OpenFile
    private let state: Mutex<State>

    private struct State {
        var child: ChildProcess?
        var hasAnswered = false
        /// Why it went, for each that asks.
        var end: Task<String, any Error>?
    }

    private static let complaintBytes = 4096

    /// Starts it, found by `PATH`. Throws SyscallError from `exec` when there is none.
    init(_ command: [String]) throws {
        let program = command.first ?? ""
        guard let path = Spawn.find(program) else { throw HTTPError(502, "exec: \"\(program)\": executable file not found in $PATH") }
        complaints = OpenFile(try FileDescriptor.memoryFile("complaints"))
        let pair = try UnixSocket.pair()
        var spawn = Spawn(path, command)
        spawn.give(pair.second, as: 0)
        spawn.give(pair.second, as: 1)
        spawn.give(complaints.descriptor, as: 2)
        let child = try spawn.start()
        self.command = command
        base = try AsyncConnection(pair.keepFirst())
        state = Mutex(State(child: child))
    }

    deinit { close() }

    func read(upTo limit: Int) async throws -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try await base.read(upTo: limit) } catch let error as SyscallError where error.errno == .connectionReset {
            // It went without reading what it was sent.
            bytes = []
        }
        if !bytes.isEmpty {
            state.withLock { $0.hasAnswered = true }
        } else if let end = end() {
            throw HTTPError(502, try await end.value)
        }
        return bytes
    }

    /// For a program that went without a word to us: what it said to people tells why.
    private func end() -> Task<String, any Error>? {
        state.withLock { state in
            if state.hasAnswered { return nil }
            if let child = state.child.take() { state.end = AsyncIO.begin { self.failure(try await AsyncIO.offload { try child.wait() }) } }
            return state.end
        }
    }

    private func failure(_ status: Linux.ExitStatus) -> String {
        // What cannot be read is not told.
        let bytes = (try? complaints.descriptor.read(upTo: Self.complaintBytes, at: 0)) ?? []
        let text = String(decoding: bytes, as: UTF8.self).filter { $0 == "\n" || !$0.isNewline }
        let how =
            switch status {
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "signal \(number)"
            }
        return "command \(command) has exited with \(how), make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=\(text)"
    }

    func unread(_ bytes: [UInt8]) { base.unread(bytes) }

    func writeAll(_ bytes: ArraySlice<UInt8>) async throws {
        do { try await base.writeAll(bytes) } catch let error as SyscallError where error.errno == .brokenPipe || error.errno == .connectionReset {
            // A program that never began to listen says why where it is read from.
            if state.withLock({ !$0.hasAnswered }) { _ = try await read(upTo: 1) }
            throw error
        }
    }

    func sendFile(_ file: OpenFile, at offset: UInt64, count: UInt64, progress: @Sendable () -> Void) async throws {
        try await base.sendFile(file, at: offset, count: count, progress: progress)
    }

    func endWriting() async throws { try base.shutdownWrite() }
    var isQuiet: Bool { base.isQuiet }
    var socket: AsyncConnection { base }

    func close() {
        base.close()
        guard let child = state.withLock({ $0.child.take() }) else { return }
        // It may have ended just now. Nobody else waits for it, so this task has no parent.
        try? child.signal(15)
        _ = AsyncIO.begin { try await AsyncIO.offload { _ = try child.wait() } }
    }
}
