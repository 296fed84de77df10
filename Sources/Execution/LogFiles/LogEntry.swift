package import Values

/// Which of a container's two outputs; `rawValue` is its name in the file.
package enum LogStream: String, Sendable, Hashable, CaseIterable {
    case stdout, stderr
}

/// One record of a log: a line, or a piece of one.
package struct LogEntry: Sendable, Hashable {
    package var stream: LogStream
    /// When the line was complete; for the pieces of a long one, when the first of them was.
    package var time: Timestamp
    /// The output, with its newline; a piece that its line goes on after has none, nor has a last line that was never ended.
    package var bytes: [UInt8]
    /// What the log's options chose of the container's labels and variables, the same in each record of one run.
    package var attributes: [String: String]

    package init(stream: LogStream, time: Timestamp, bytes: [UInt8], attributes: [String: String] = [:]) {
        self.stream = stream
        self.time = time
        self.bytes = bytes
        self.attributes = attributes
    }
}
