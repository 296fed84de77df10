package import Linux
package import Values

/// Writes a container's output to its log: Docker's `json-file` form, cut off and rotated by size.
///
/// For the supervisor, which is its only user: one thread, no locks, one write(2) for each `append`. A line is written once it
/// is complete, or in pieces of 16 KiB; what has been written stays readable whenever the process dies.
package struct LogWriter: ~Copyable {
    /// When a file is full, unless the container's options say otherwise: 20 MB.
    package static let defaultMaxSize: Int64 = 20_000_000
    /// How many files there may be, the current one included, unless the container's options say otherwise.
    package static let defaultMaxFiles = 5
    /// The most that `maxFiles` can be.
    package static let maxFilesLimit = 1000
    /// The longest record; longer lines are written in pieces of this many bytes.
    package static let pieceLimit = 16 * 1024

    private let path: String
    private let maxSize: Int64
    private let maxFiles: Int
    private var file: FileDescriptor
    private var size: Int64
    /// The file ends in the middle of a record, so that the next must begin on a line of its own.
    private var isTorn: Bool
    private var encoder: RecordEncoder
    private var stdout = Line()
    private var stderr = Line()
    private var output: [UInt8] = []

    /// The beginning of a line whose end has not come yet.
    private struct Line {
        var held: [UInt8] = []
        /// When the first piece of this line was written; nil when none was.
        var time: Timestamp?
    }

    /// Opens the log at `path`, or begins it (mode 0640). A file that passes `maxSize` bytes becomes `path.1`, that one `path.2` and
    /// so on, up to `maxFiles` in all; `maxSize` of 0 and less means no limit. `attributes` are in every record; together they must stay
    /// below what a line may have.
    package init(
        path: String, maxSize: Int64 = defaultMaxSize, maxFiles: Int = defaultMaxFiles, attributes: [String: String] = [:]
    ) throws(SyscallError) {
        let file = try FileDescriptor.open(path, [.readWrite, .append, .create], mode: 0o640)
        let size = try file.status().size
        let isTorn = size > 0 ? try file.read(upTo: 1, at: size - 1) != [UInt8(ascii: "\n")] : false
        self.path = path
        encoder = RecordEncoder(attributes: attributes)
        self.maxSize = maxSize
        self.maxFiles = max(1, min(maxFiles, LogWriter.maxFilesLimit))
        self.size = size
        self.isTorn = isTorn
        self.file = file
    }

    /// Takes output as it comes; `time` is when it did. On an error what could not be written is dropped, the log itself stays
    /// usable: the next call tries again.
    package mutating func append(_ stream: LogStream, _ bytes: [UInt8], at time: Timestamp) throws(SyscallError) {
        switch stream {
        case .stdout: LogWriter.split(bytes, into: &stdout, .stdout, at: time, encoder: &encoder, output: &output)
        case .stderr: LogWriter.split(bytes, into: &stderr, .stderr, at: time, encoder: &encoder, output: &output)
        }
        try writeOutput()
    }

    /// Writes what is left of lines that were never ended. The log can be written to again afterwards.
    package mutating func finish(at time: Timestamp = .now) throws(SyscallError) {
        LogWriter.end(&stdout, .stdout, at: time, encoder: &encoder, output: &output)
        LogWriter.end(&stderr, .stderr, at: time, encoder: &encoder, output: &output)
        try writeOutput()
    }

    /// Static, so that a line and the output can be changed at once.
    private static func split(
        _ bytes: [UInt8], into line: inout Line, _ stream: LogStream, at time: Timestamp, encoder: inout RecordEncoder, output: inout [UInt8]
    ) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let room = pieceLimit - line.held.count
            if let end = rest.prefix(room).firstIndex(of: UInt8(ascii: "\n")) {
                let text = line.held.isEmpty ? rest[..<end] : (line.held + rest[..<end])[...]
                encoder.append(text, complete: true, stream, at: line.time ?? time, to: &output)
                line.held.removeAll(keepingCapacity: true)
                line.time = nil
                rest = rest[(end + 1)...]
                continue
            }
            line.held += rest.prefix(room)
            rest = rest.dropFirst(room)
            if line.held.count == pieceLimit {
                // Docker cuts anywhere, and so loses the character that it cuts in two; that one waits for the next piece here.
                let kept = UTF8Sequence.unfinishedCount(line.held[...])
                let first = line.time ?? time
                encoder.append(line.held.dropLast(kept), complete: false, stream, at: first, to: &output)
                line.held.removeSubrange(..<(line.held.count - kept))
                line.time = first
            }
        }
    }

    private static func end(_ line: inout Line, _ stream: LogStream, at time: Timestamp, encoder: inout RecordEncoder, output: inout [UInt8]) {
        if !line.held.isEmpty { encoder.append(line.held[...], complete: false, stream, at: line.time ?? time, to: &output) }
        line = Line()
    }

    private mutating func writeOutput() throws(SyscallError) {
        if output.isEmpty { return }
        defer { output.removeAll(keepingCapacity: output.capacity <= 4 * LogWriter.pieceLimit) }
        var failure: SyscallError?
        if maxSize > 0, size >= maxSize {
            // A log that cannot be rotated is still a log: written first, complained about then.
            do throws(SyscallError) { try rotate() } catch { failure = error }
        }
        if isTorn { output.insert(UInt8(ascii: "\n"), at: 0) }
        isTorn = true
        try file.writeAll(output)
        isTorn = false
        size += Int64(output.count)
        if let failure { throw failure }
    }

    /// Each step is one rename, and the new file is there before the first: wherever this ends, every record is in some file, in order.
    private mutating func rotate() throws(SyscallError) {
        let next = try FileDescriptor.open("\(path).next", [.readWrite, .append, .create, .truncate], mode: 0o640)
        for number in stride(from: maxFiles - 1, to: 0, by: -1) {
            do throws(SyscallError) {
                try FileSystem.rename(number == 1 ? path : "\(path).\(number - 1)", to: "\(path).\(number)")
            } catch  where error.errno == .noEntry {
                // Not that many files yet.
            }
        }
        try FileSystem.rename("\(path).next", to: path)
        file = next
        size = 0
        isTorn = false
    }
}
