import Linux
import LogFiles
import Values

/// A directory for one test's log, removed with it.
final class LogDirectory {
    let path: String
    var log: String { "\(path)/container-json.log" }

    init() throws {
        path = "/tmp/davit-logs-\(Identifier.random().short)"
        try FileSystem.makeDirectories(path)
    }

    deinit {
        // Nothing that a test could do about it.
        try? FileSystem.removeTree(path)
    }

    func text(_ suffix: String = "") throws -> String { String(decoding: try FileSystem.read(log + suffix), as: UTF8.self) }
    func put(_ text: String, _ suffix: String = "") throws { try FileSystem.replace(log + suffix, with: Array(text.utf8)) }

    /// Adds to the end of the file.
    func add(_ text: String) throws {
        try FileDescriptor.open(log, [.writeOnly, .append, .create]).writeAll(Array(text.utf8))
    }

    func reader(_ options: LogReadOptions = LogReadOptions()) throws -> LogReader { try LogReader(path: log, options: options) }

    /// Everything that can be read now, as text.
    func read(_ options: LogReadOptions = LogReadOptions()) throws -> [String] { try all(try reader(options)) }
}

/// Everything that the reader has now.
func all(_ reader: LogReader) throws -> [String] {
    var texts: [String] = []
    while true {
        let entries = try reader.next()
        if entries.isEmpty { return texts }
        texts += entries.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}

/// 2026-01-02T03:04:05Z and so many seconds.
func moment(_ seconds: Int64 = 0) -> Timestamp { Timestamp(seconds: 1_767_323_045 + seconds) }

func record(_ text: String, _ stream: String = "stdout", _ seconds: Int64 = 0) -> String {
    "{\"log\":\"\(text)\",\"stream\":\"\(stream)\",\"time\":\"\(moment(seconds))\"}\n"
}
