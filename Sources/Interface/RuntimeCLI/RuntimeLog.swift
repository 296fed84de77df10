import JSON
import Linux
import Synchronization
import Values

/// Where errors and warnings go: standard error, or the file that `--log` names, in the form of Go's logrus, which is what runc's callers read.
enum RuntimeLog {
    struct Settings: Sendable {
        var path: String?
        var isJSON = false
    }

    static let settings = Mutex(Settings())

    static func warn(_ message: String) { write("warning", message) }

    /// An error also goes to standard error when the log is a file.
    static func error(_ message: String) {
        write("error", message)
        if settings.withLock({ $0.path }) != nil { say("\(message)\n") }
    }

    private static func write(_ level: String, _ message: String) {
        let settings = settings.withLock { $0 }
        let time = Timestamp.now.description
        let line: String
        if settings.isJSON {
            let object: JSONObject = ["level": .string(level), "msg": .string(message), "time": .string(time)]
            line = String(decoding: JSONValue.object(object).compact, as: UTF8.self) + "\n"
        } else {
            let quoted = String(decoding: JSONValue.string(message).compact, as: UTF8.self)
            line = "time=\"\(time)\" level=\(level) msg=\(quoted)\n"
        }
        guard let path = settings.path else { return say(line) }
        // What cannot be logged is still told on standard error.
        try? FileDescriptor.open(path, [.writeOnly, .create, .append], mode: 0o644).writeAll(line.utf8)
    }

    private static func say(_ text: String) {
        // Nobody is left to tell that nobody listens.
        try? StandardStream.write(Array(text.utf8), to: 2)
    }
}
