import Diagnostics
import DockerAPI
package import Linux
package import LogFiles
import OCI
import Supervisor
import Values

/// Which streams a client attaches to, and how it lets go.
package struct AttachOptions: Sendable {
    package var stdin: Bool
    package var stdout: Bool
    package var stderr: Bool
    /// What has been written so far comes first.
    package var logs: Bool
    /// What is written from now on follows.
    package var stream: Bool
    /// Docker's notation, such as `ctrl-p,ctrl-q`; nil is that default.
    package var detachKeys: String?
    /// Output goes in Docker's frames, unless the container has a terminal.
    package var frames: Bool
    /// The container is killed should this client go before it has ended.
    package var isLifeline = false

    package init(stdin: Bool, stdout: Bool, stderr: Bool, logs: Bool = false, stream: Bool = true, detachKeys: String? = nil, frames: Bool = true) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.logs = logs
        self.stream = stream
        self.detachKeys = detachKeys
        self.frames = frames
    }
}

extension Containers {
    /// A connection that carries the container's streams in Docker's framing: raw with a terminal, frames without, where they are wanted. To close the
    /// container's input shut down the sending side. A container that does not run yet may be attached to: its output follows.
    package func attach(_ reference: String, _ options: AttachOptions) throws -> OpenFile {
        let record = try refreshed(reference)
        if record.paused { throw Fault(.conflict, "container \(record.id) is paused, unpause the container before attach") }
        let keys = try Self.detachKeys(options.detachKeys)
        guard options.stream else { throw Fault(.invalid, "attaching without stream is what logs are for") }
        var request = SupervisorRequest(.attach)
        request.streams = StreamSelection(
            stdin: options.stdin && record.config.openStdin, stdout: options.stdout, stderr: options.stderr,
            frames: options.frames && !record.config.tty)
        request.streams?.isLifeline = options.isLifeline
        request.detachKeys = keys
        let connection = try connect(record, request)
        publish("attach", record)
        return connection
    }

    /// Whether its output is raw, for the content type of an answer. Throws what is wrong with the request, too.
    package func hasTerminal(_ reference: String, _ options: AttachOptions? = nil) throws -> Bool {
        _ = try Self.detachKeys(options?.detachKeys)
        return try find(reference).config.tty
    }

    /// What has been written, and what will be when following.
    package func logs(_ reference: String, _ options: LogReadOptions) throws -> LogReader {
        let record = try refreshed(reference)
        if record.hostConfig.logConfig.type == "none" { throw Fault(.notImplemented, "configured logging driver does not support reading") }
        var options = options
        // What does not run writes nothing more.
        if !record.running { options.follow = false }
        return try LogReader(path: paths(record).log, options: options)
    }

    /// Whether it still runs: a follower of logs stops when not.
    package func isRunning(_ reference: String) throws -> Bool {
        do { return try refreshed(reference).running } catch let fault as Fault where fault.kind == .notFound { return false }
    }

    /// Changes the size of the container's terminal.
    package func resize(_ reference: String, height: Int, width: Int) throws {
        let record = try refreshed(reference)
        guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
        try resize(record, exec: nil, height: height, width: width)
        publish("resize", record, ["height": "\(height)", "width": "\(width)"])
    }

    func resize(_ record: ContainerRecord, exec: String?, height: Int, width: Int) throws {
        var request = SupervisorRequest(.resize)
        request.exec = exec
        // As the kernel keeps them.
        request.size = ConsoleSize(height: UInt16(truncatingIfNeeded: height), width: UInt16(truncatingIfNeeded: width))
        if let error = try ask(record, request)?.error { throw Fault(.internal, "resize terminal: \(error)") }
    }

    /// Reads `a`, `ctrl-a`, … separated by commas.
    static func detachKeys(_ text: String?) throws(Fault) -> [UInt8] {
        guard let text, !text.isEmpty else { return [16, 17] }
        return try text.split(separator: ",", omittingEmptySubsequences: false).map { key throws(Fault) -> UInt8 in
            let bytes = Array(key.utf8)
            if bytes.count == 1, bytes[0] < 128 { return bytes[0] }
            if key == "DEL" { return 127 }
            if bytes.count == 6, key.hasPrefix("ctrl-") {
                switch bytes[5] {
                case 97...122: return bytes[5] - 96
                case 64, 91...95: return bytes[5] - 64
                default: break
                }
            }
            throw Fault(.invalid, "Invalid detach keys (\(text)) provided")
        }
    }
}
