import Linux
import LogFiles
import Values

/// The log's reader on any file, and its writer on any output.
enum LogFuzzing {
    /// In memory, and gone with the machine if not before.
    private static let path: String = {
        let directory = "/dev/shm/davit-fuzz-\(Process.id)"
        // The first use of the path says what is wrong.
        try? FileSystem.makeDirectories(directory)
        return "\(directory)/log"
    }()

    /// Reads the input as a log: whole, by its tail, and while it grows.
    static func read(_ input: [UInt8]) throws {
        let cut = Int(input.first ?? 0)
        try clear()
        try FileSystem.replace(path, with: input)
        let everything = try entries(LogReader(path: path, options: LogReadOptions()))
        let tail = try entries(LogReader(path: path, options: LogReadOptions(tail: cut)))
        precondition(tail.count <= cut && everything.suffix(tail.count).elementsEqual(tail), "the tail is not the end")

        try FileSystem.replace(path, with: [UInt8]())
        let follower = try LogReader(path: path, options: LogReadOptions(follow: true))
        var followed: [LogEntry] = []
        let file = try FileDescriptor.open(path, [.writeOnly, .append])
        for start in stride(from: 0, to: input.count, by: cut + 1) {
            try file.writeAll(input[start..<min(start + cut + 1, input.count)])
            followed += try entries(follower)
        }
        precondition(followed == everything, "following gives another log")
    }

    /// Writes the input in pieces, with rotation, and reads it again: every byte comes back, but that which is no UTF-8.
    static func roundTrip(_ input: [UInt8]) throws {
        let cut = Int(input.first ?? 0) + 1
        try clear()
        var writer = try LogWriter(path: path, maxSize: Int64(max(input.count / 2, 1)), maxFiles: 200)
        var time = Timestamp(seconds: 1_700_000_000)
        for start in stride(from: 0, to: input.count, by: cut) {
            try writer.append(.stdout, Array(input[start..<min(start + cut, input.count)]), at: time)
            time.nanoseconds += 1
        }
        try writer.finish(at: time)
        let reader = try LogReader(path: path, options: LogReadOptions())
        let output = try entries(reader).flatMap(\.bytes)
        precondition(reader.malformedLines == 0, "the reader does not understand the writer")
        if String(validating: input, as: UTF8.self) != nil {
            precondition(output == input, "what was written is not what is read")
        } else {
            precondition(String(validating: output, as: UTF8.self) != nil, "what is read is no UTF-8")
        }
    }

    /// Removes what the input before left.
    private static func clear() throws {
        try FileSystem.removeFile(path)
        for number in 1... where try !FileSystem.removeFile("\(path).\(number)") { return }
    }

    private static func entries(_ reader: LogReader) throws -> [LogEntry] {
        var all: [LogEntry] = []
        while true {
            let next = try reader.next()
            if next.isEmpty { return all }
            all += next
        }
    }
}
