import Linux

/// What execve(2) takes.
struct Program {
    var path: String
    var arguments: [String]
    var environment: [String]

    /// execve(2), which returns only when it failed: a script without an interpreter is told on stderr and ends with 255, as
    /// runc has it; the rest is thrown.
    func run() throws(RuntimeError) -> Never {
        let error = Process.execute(path, arguments, environment: environment)
        if error.errno == .execFormat {
            StandardStreams.say("exec \(path): exec format error\n")
            Process.exit(255)
        }
        if error.errno == .noEntry { throw RuntimeError("exec \(path): no such file or directory") }
        throw RuntimeError("exec: \"\(path)\": \(error.errno)")
    }
}
