internal import Archive
internal import Diagnostics
internal import Linux

/// The standard output of a program as it comes. Its standard error is read beside it, line by line, and the last lines kept:
/// they say why it failed. The program is killed and waited for when this ends early.
final class ProcessOutput: ByteSource {
    private let name: String
    private let process: ChildProcess
    /// Nil once it is no longer read.
    private var output: OpenFile?
    private let errors: FileDescriptor
    private let line: (String) -> Void
    private var errorsEnded = false
    private var partial: [UInt8] = []
    private var tail: [String] = []
    private var status: ExitStatus?

    /// Lines of standard error kept.
    private static let tailLimit = 12
    /// Bytes of a line shown; the rest is dropped.
    private static let lineLimit = 1000

    /// Starts `program` with its standard input empty. `name` is for messages; `line` gets each line of standard error.
    init(_ program: consuming Spawn, name: String, line: @escaping (String) -> Void = { _ in }) throws {
        self.name = name
        self.line = line
        let empty = try FileDescriptor.open("/dev/null")
        let output = try FileDescriptor.pipe()
        let errors = try FileDescriptor.pipe()
        var program = program
        program.give(empty, as: 0)
        program.give(output.second, as: 1)
        program.give(errors.second, as: 2)
        process = try program.start()
        self.output = OpenFile(output.keepFirst())
        self.errors = errors.keepFirst()
    }

    deinit {
        guard status == nil else { return }
        // Both fail only when it is gone already.
        try? process.signal(9)
        _ = try? process.wait()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while let output {
            var files = PollSet()
            files.add(output.descriptor, read: true, token: 0)
            if !errorsEnded { files.add(errors, read: true, token: 1) }
            for ready in try files.wait(timeoutMilliseconds: -1) {
                if ready.token == 1 {
                    try readErrors()
                } else {
                    let count = try unsafe output.descriptor.read(into: buffer)
                    if count > 0 { return count }
                    self.output = nil
                }
            }
        }
        return 0
    }

    private func readErrors() throws {
        let bytes = try errors.read(upTo: 4096)
        if bytes.isEmpty { errorsEnded = true }
        for byte in bytes {
            // Progress bars end their lines with a carriage return.
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { endLine() } else if partial.count < Self.lineLimit { partial.append(byte) }
        }
        if errorsEnded { endLine() }
    }

    private func endLine() {
        let text = String(decoding: partial, as: UTF8.self)
        partial = []
        if text.allSatisfy(\.isWhitespace) { return }
        tail.append(text)
        if tail.count > Self.tailLimit { tail.removeFirst() }
        line(text)
    }

    /// True when the program has no more to say on its standard output.
    var hasEnded: Bool { output == nil }

    /// Waits for the end of the program; what it still writes is not read. Throws its last words when it failed.
    func finish() throws {
        output = nil
        while !errorsEnded { try readErrors() }
        let status = try process.wait()
        self.status = status
        guard status != .exited(0) else { return }
        let how =
            switch status {
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "signal \(number)"
            }
        throw Fault(.internal, "\(name) failed (\(how)):\n\(tail.joined(separator: "\n"))")
    }
}
